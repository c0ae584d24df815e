#!/usr/bin/env bash
# The runner itself: it must run what is marked and nothing else, replace the demo by the small study,
# and fail when a command fails or nothing is marked.   runner_test.sh SOURCE_DIR
set -euo pipefail

runner=$1/tests/docs/run_examples.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -p "$work/bin" "$work/source/scenes" "$work/source/model"
printf '#!/bin/sh\necho "thzface $*"\ntest "$1" != fail\n' >"$work/bin/thzface"
chmod +x "$work/bin/thzface"

expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$work/output" 2>&1 || status=$?
  if [[ $status != "$wanted" ]]; then
    printf 'status %s instead of %s from: %s\n' "$status" "$wanted" "$*"
    cat "$work/output"
    exit 1
  fi
}
run() { bash "$runner" "$work/source" "${2:-$work/bin}" "$work/$1"; }

cat >"$work/good.md" <<'DOC'
<!-- run: small -->
```sh
build/release/bin/thzface dataset generate --preset demo --output out/data
thzface train model/experiments/demo.toml
```
```sh
thzface never
```
<!-- run -->
```sh
thzface show --preset demo
```
DOC
expect 0 run good.md
for line in 'thzface dataset generate --preset smoke --output out/data' \
  'thzface train model/experiments/smoke.toml' 'thzface show --preset demo'; do
  grep -qxF "$line" "$work/output" || { echo "missing: $line" && exit 1; }
done
if grep -q never "$work/output"; then echo "an unmarked block ran" && exit 1; fi

printf '<!-- run -->\n```sh\nthzface fail\nthzface after\n```\n' >"$work/failing.md"
expect 1 run failing.md
if grep -qx 'thzface after' "$work/output"; then echo "went on after a failure" && exit 1; fi

printf '```sh\nthzface never\n```\n' >"$work/unmarked.md"
expect 1 run unmarked.md
printf '<!-- run -->\ntext\n' >"$work/dangling.md"
expect 1 run dangling.md
expect 77 run good.md "$work/absent"
grep -q 'skipped: program not built' "$work/output"
