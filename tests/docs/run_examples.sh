#!/usr/bin/env bash
# Runs the commands that a document shows, so that it cannot promise what the programs do not do.
#   run_examples.sh SOURCE_DIR BIN_DIR DOCUMENT...
# A fenced ```sh block runs when the line before it is one of
#   <!-- run: small -->   with the demo's data set and experiment replaced by the small ones
#   <!-- run -->          as it stands
# All blocks of one document run in order in one temporary folder that shows the repository's scenes,
# model and build/release/bin, so that the commands are the reader's own and all output vanishes.
# Exit status: 0 all ran, 1 a command failed or a document has no marked block, 77 programs not built.
set -euo pipefail

source_dir=$(cd -- "$1" && pwd)
bin_dir=$2
shift 2
if [[ ! -x $bin_dir/thzface ]]; then
  echo "skipped: program not built ($bin_dir/thzface)"
  exit 77
fi
bin_dir=$(cd -- "$bin_dir" && pwd)

# The marked blocks of a document as one script; a marker without a block is an error.
extract() {
  awk '
    /^<!-- run(: small)? -->$/ { marked = ($0 ~ /small/) ? "small" : "plain"; next }
    marked != "" && !inside {
      if ($0 != "```sh") { print "marker without a sh block at line " NR > "/dev/stderr"; exit 1 }
      inside = 1; next
    }
    inside && /^```$/ { inside = 0; marked = ""; next }
    inside {
      if (marked == "small") {
        gsub(/--preset demo/, "--preset smoke")
        gsub(/experiments\/demo\.toml/, "experiments/smoke.toml")
      }
      print
    }
    END { if (inside) { print "block without an end" > "/dev/stderr"; exit 1 } }
  ' "$1"
}

for document in "$@"; do
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  mkdir -p "$work/build/release"
  ln -s "$bin_dir" "$work/build/release/bin"
  for folder in scenes model; do ln -s "$source_dir/$folder" "$work/$folder"; done

  extract "$document" >"$work/commands.sh"
  if ! grep -q '[^[:space:]]' "$work/commands.sh"; then
    echo "no marked command in $document" >&2
    exit 1
  fi
  echo "== $document"
  if ! (cd -- "$work" && PATH=$bin_dir:$PATH bash -euxo pipefail commands.sh </dev/null); then
    echo "a command of $document failed" >&2
    exit 1
  fi
  rm -rf -- "$work"
done
