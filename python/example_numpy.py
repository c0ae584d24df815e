"""Template matching in a few lines: which bare picture of the same posture is most like a concealed
one? Prints the share of people that are found (rank 1) beside chance.

    python3 python/example_numpy.py out/demo/data
"""

import sys

import numpy

from thzface_data import ThzfaceData


def rank_one(data):
    images = data.image(slice(None)).reshape(len(data), -1)
    images = images - images.mean(axis=1, keepdims=True)
    images /= numpy.linalg.norm(images, axis=1, keepdims=True) + 1e-12
    hits, chance = [], []
    for probe in numpy.flatnonzero(data.concealed == 1):
        gallery = numpy.flatnonzero((data.concealed == 0) & (data.posture == data.posture[probe]))
        people = numpy.unique(data.identity[gallery])
        if data.identity[probe] not in people:
            continue
        best = gallery[numpy.argmax(images[gallery] @ images[probe])]
        hits.append(data.identity[best] == data.identity[probe])
        chance.append(1.0 / len(people))
    return numpy.mean(hits), numpy.mean(chance), len(hits)


if __name__ == "__main__":
    with ThzfaceData(sys.argv[1]) as opened:
        found, by_chance, probes = rank_one(opened)
    print(f"rank 1: {100 * found:.1f} % of {probes} concealed pictures, chance {100 * by_chance:.1f} %")
