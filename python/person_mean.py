"""How like one capture of a bare head is the mean of many others? Writes the means and the captures
they are held against, for `thzface metrics images`:

    PYTHONPATH=python python3 python/person_mean.py out/paper-twin out/twin-looks 1,2,4,8,13 out/looks
    thzface metrics images out/looks/mean-13.npy out/looks/capture.npy --identity out/looks/identity.npy

A mean of N looks at a person has 1/N of the speckle; with N it comes to what the person looks like
without, which is the most that a reconstruction of that person can be like a capture.

capture.npy   every bare picture of the first data set, [R, 64, 64]
mean-N.npy    the mean of N bare captures of its person and posture in the second one, none of them
              the picture itself: those numbered after the first set's
"""

import pathlib
import sys

import numpy

from thzface_data import ThzfaceData


def means(tested, looks, count):
    """[R, 64, 64] for the R bare rows of `tested`, captures numbered from its own on."""
    first = int(tested.capture.max()) + 1
    chosen = (looks.concealed == 0) & (looks.capture >= first) & (looks.capture < first + count)
    made = {}
    out = []
    for row in numpy.flatnonzero(tested.concealed == 0):
        key = int(tested.identity[row]), int(tested.posture[row])
        if key not in made:
            rows = numpy.flatnonzero(chosen & (looks.identity == key[0]) & (looks.posture == key[1]))
            if len(rows) < count:
                raise ValueError(f"{looks.path}: person {key[0]} has {len(rows)} further captures of "
                                 f"posture {key[1]}, but {count} are needed")
            made[key] = numpy.mean([looks.image(int(r)) for r in rows], axis=0, dtype=numpy.float64)
        out.append(made[key])
    return numpy.asarray(out, dtype=numpy.float32)


def write(tested_path, looks_path, counts, folder):
    folder = pathlib.Path(folder)
    with ThzfaceData(tested_path) as tested, ThzfaceData(looks_path) as looks:
        arrays = {f"mean-{n}": means(tested, looks, n) for n in counts}
        rows = numpy.flatnonzero(tested.concealed == 0)
        arrays["capture"] = numpy.asarray([tested.image(int(r)) for r in rows], dtype=numpy.float32)
        arrays["identity"] = tested.identity[rows].astype(numpy.int32)
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        numpy.save(folder / f"{name}.npy", array)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("person_mean.py needs DATA LOOKS N,N,... FOLDER")
    try:
        write(sys.argv[1], sys.argv[2], [int(n) for n in sys.argv[3].split(",")], sys.argv[4])
    except (OSError, ValueError) as told:
        print(f"person_mean.py: {told}", file=sys.stderr)
        sys.exit(2)
