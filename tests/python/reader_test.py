"""The Python readers against a data set that the program made: reader_test.py THZFACE PYTHON_FOLDER.

Prints 'skipped: ...' for what is not installed; exit status 1 if a check fails.
"""

import os
import subprocess
import sys
import tempfile

program, readers = sys.argv[1:3]
sys.path.insert(0, readers)
try:
    import numpy
    import h5py
except ImportError as error:
    print(f"skipped: the Python readers: {error}")
    sys.exit(0)

from example_numpy import rank_one
from person_mean import means
from thzface_data import ThzfaceData


def run(*words):
    subprocess.run([program, "dataset", *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def write_arrays(folder, first, seed):
    """4 people x 5 postures x 2 conditions x 3 captures; a person is a pattern, a capture noise."""
    os.mkdir(folder)
    random = numpy.random.default_rng(seed)
    labels = [(i, p, c) for i in range(4) for p in range(5) for c in range(2) for _ in range(3)]
    patterns = random.uniform(0.2, 0.8, (4, 64, 64))
    images = numpy.stack([patterns[i] + random.normal(0, 0.02, (64, 64)) for i, _, _ in labels])
    images = images.clip(0, 1).astype(numpy.float32)
    numpy.save(f"{folder}/image.npy", images)
    for k, name in enumerate(("identity", "posture", "concealed")):
        offset = first if k == 0 else 0
        numpy.save(f"{folder}/{name}.npy", numpy.array([label[k] + offset for label in labels]))
    numpy.save(f"{folder}/visible_image.npy", images[:2])
    index = numpy.full(len(labels), -1)
    index[:3] = 1
    numpy.save(f"{folder}/visible_index.npy", index)
    return images


def refused(path):
    try:
        ThzfaceData(path).close()
    except (ValueError, OSError):
        return True
    return False


def check_person_mean():
    """Two further captures of each person; the tested set's own capture takes no part."""
    class Rows:
        path = "rows"

        def __init__(self, labels, images):
            self.identity, self.posture, self.concealed, self.capture = numpy.array(labels).T
            self.pictures = images

        def image(self, row):
            return self.pictures[row]

    tested = Rows([(1, 0, 0, 0), (1, 0, 1, 0), (2, 0, 0, 0)], numpy.zeros((3, 2, 2)))
    values = [9.0, 1.0, 2.0, 7.0, 4.0, 6.0]
    looks = Rows([(1, 0, 0, 0), (1, 0, 0, 1), (1, 0, 0, 2), (1, 0, 1, 1), (2, 0, 0, 1), (2, 0, 0, 2)],
                 numpy.array(values)[:, None, None] * numpy.ones((6, 2, 2)))
    made = means(tested, looks, 2)
    assert made.shape == (2, 2, 2) and (made[0] == 1.5).all() and (made[1] == 5.0).all()
    try:
        means(tested, looks, 3)
    except ValueError as told:
        assert "2 further captures" in str(told)
    else:
        raise AssertionError("three captures of two")


def check_torch(path, images):
    try:
        import torch
    except ImportError as error:
        print(f"skipped: the PyTorch reader: {error}")
        return
    from thzface_torch import ThzfaceDataset

    whole = ThzfaceDataset(path, with_visible=True)
    assert len(whole) == 120
    item = whole[1]
    assert item["image"].shape == (1, 64, 64) and item["image"].dtype == torch.float32
    assert (item["image"][0].numpy() == images[1]).all()
    assert item["has_visible"] and not whole[119]["has_visible"]
    parts = [ThzfaceDataset(path, part=part) for part in ("train", "validation", "test")]
    assert sum(len(part) for part in parts) == 120
    for workers in (0, 2):
        loader = torch.utils.data.DataLoader(parts[0], batch_size=8, num_workers=workers)
        rows = [int(row) for batch in loader for row in batch["row"]]
        assert rows == [int(row) for row in parts[0].rows]
    print("PyTorch reader: as written")


def check(folder):
    images = write_arrays(f"{folder}/a", 0, 1)
    write_arrays(f"{folder}/b", 10, 2)
    for name in "ab":
        run("import", "--numpy", f"{folder}/{name}", "--output", f"{folder}/data-{name}")
    path = f"{folder}/data-a"
    with ThzfaceData(path) as data:
        # Rows keep the order of the arrays: by identity, posture, condition.
        assert len(data) == 120
        assert (data.image(slice(None)) == images).all()
        assert data.posture_names[0] == "front-left"
        # Of two visible pictures one is used.
        assert (data.visible(0) == images[1]).all() and data.visible(3) is None
        assert numpy.isnan(data.column("/provenance/pose")[0]).all()
        assert data.column("/provenance/pose")[1][0] == "yaw_deg"
        split = data.split()
        assert sorted(numpy.concatenate(list(split.values()))) == list(range(120))
        found, chance, probes = rank_one(data)
        # Patterns are far above the noise.
        assert found == 1.0 and abs(chance - 0.25) < 1e-12 and probes == 60
    check_person_mean()
    check_torch(path, images)

    run("merge", path, f"{folder}/data-b", "--index", "--output", f"{folder}/both")
    with ThzfaceData(f"{folder}/both") as data:
        assert len(data) == 240 and (data.image(5) == images[5]).all()
        with ThzfaceData(f"{folder}/data-b") as other:
            both = numpy.concatenate([images, other.image(slice(None))])
            assert (data.visible(120) == other.visible(0)).all()
        assert (data.image(slice(None)) == both).all()
        wanted = [239, 0, 120, 119, 0]
        assert (data.image(wanted) == both[wanted]).all()
        assert (data.image(slice(110, 130, 3)) == both[110:130:3]).all()
        assert data.image(slice(0, 0)).shape == (0, 64, 64)
    # HDF5's own lists of those files have no checksum, and h5py dies of damage there.
    with open(f"{folder}/both/dataset.h5", "rb") as file:
        content = file.read()
    heap = content.index(b"GCOL")
    os.mkdir(f"{folder}/damaged")
    with open(f"{folder}/damaged/dataset.h5", "wb") as file:
        file.write(content[: heap + 40] + b"\xff" * 8 + content[heap + 48 :])
    with ThzfaceData(f"{folder}/damaged") as data:
        assert (data.image(slice(None)) == both).all()
    os.rename(f"{folder}/data-a/dataset.h5", f"{folder}/away.h5")
    assert refused(f"{folder}/both")
    with h5py.File(f"{folder}/both/dataset.h5", "r") as bare:
        # What a reader without the check gets is no number.
        assert numpy.isnan(bare["/thz/image"][5]).all()
        assert not numpy.isnan(bare["/thz/image"][200]).any()
    os.rename(f"{folder}/data-b/dataset.h5", f"{folder}/data-a/dataset.h5")
    assert refused(f"{folder}/both")
    assert refused(f"{folder}/a/image.npy") and refused(f"{folder}/none.h5")
    print("NumPy reader: as written")


with tempfile.TemporaryDirectory() as scratch:
    check(scratch)
