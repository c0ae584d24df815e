"""Reads data sets of thzface (schema thzface-dataset/1) with h5py and NumPy alone.

    from thzface_data import ThzfaceData
    with ThzfaceData("out/demo/data") as data:
        print(len(data), data.identity[:5], data.image(0).shape)

docs/formats/dataset.md says what each array means.
"""

import json
import os

import h5py
import numpy

SCHEMA = "thzface-dataset/1"
SPLIT_SCHEMA = "thzface-split/1"


def _text(value):
    """Texts of the file are bytes of fixed length."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


class ThzfaceData:
    """A finished data set, opened to read.

    path: the file, or the folder with dataset.h5.

    Labels are NumPy arrays of one element a row (N rows): identity, posture, concealed, capture,
    visible_index (-1: none), fabric (-1: bare). Pictures are read when they are asked for.
    Raises ValueError if the file is another one, not complete, or an index whose files are missing
    or have changed. Of an index pictures and power are read from the files it names, never through
    its HDF5 virtual data sets: those give NaN for a missing file without a word, and HDF5 crashes on a
    damaged list of them.
    """

    LABELS = ("identity", "posture", "concealed", "capture", "visible_index", "fabric")
    PICTURES = ("/thz/image", "/thz/power", "/visible/image")

    def __init__(self, path):
        path = os.fspath(path)
        self.path = os.path.join(path, "dataset.h5") if os.path.isdir(path) else path
        self.file = h5py.File(self.path, "r")
        try:
            self._check()
            for name in self.LABELS:
                setattr(self, name, self.file["/label/" + name][()])
        except Exception:
            self.file.close()
            raise

    def _check(self):
        attributes = self.file.attrs
        schema = _text(attributes.get("schema", b""))
        if schema != SCHEMA:
            raise ValueError(f"{self.path}: its schema is '{schema}', but {SCHEMA} is expected")
        if attributes.get("complete", 0) != 1:
            raise ValueError(f"{self.path}: the data set is not complete")
        folder = os.path.dirname(os.path.abspath(self.path))
        self.sources = None if "index_files" not in attributes else []
        hashes = attributes.get("index_content_sha256", ())
        for name, wanted in zip(attributes.get("index_files", ()), hashes):
            source = os.path.join(folder, _text(name))
            if not os.path.isfile(source):
                raise ValueError(f"{self.path}: is an index, and {source} is missing")
            with h5py.File(source, "r") as other:
                if _text(other.attrs.get("content_sha256", b"")) != _text(wanted):
                    raise ValueError(f"{self.path}: is an index, and {source} has changed")
                kind = "part_" if "part_rows" in other.attrs else ""
                rows = [int(other.attrs[kind + k]) for k in ("rows", "visible_rows")]
            self.sources.append((source, *rows))
        if self.sources is not None:
            for k, rows in enumerate(("rows", "visible_rows"), 1):
                if sum(source[k] for source in self.sources) != attributes[rows]:
                    raise ValueError(f"{self.path}: is an index of other files than it names")

    def _pictures(self, array, wanted):
        """Rows of an array of pictures, by number, slice or list of numbers."""
        if self.sources is None:
            return self.file[array][wanted]
        k = 2 if array.startswith("/visible") else 1
        chosen = numpy.arange(sum(source[k] for source in self.sources))[wanted]
        rows = numpy.atleast_1d(chosen)
        power = [int(self.file.attrs[name]) for name in ("power_lines", "power_samples")]
        shape = power if array == "/thz/power" else (64, 64)
        pictures, first = numpy.empty((len(rows), *shape), "float32"), 0
        for source in self.sources:
            here = (rows >= first) & (rows < first + source[k])
            if here.any():
                with h5py.File(source[0], "r") as file:
                    local, back = numpy.unique(rows[here] - first, return_inverse=True)
                    pictures[here] = file[array][local][back]
            first += source[k]
        return pictures if numpy.ndim(chosen) else pictures[0]

    def __len__(self):
        return len(self.identity)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()

    @property
    def content_sha256(self):
        return _text(self.file.attrs["content_sha256"])

    @property
    def posture_names(self):
        return [_text(name) for name in self.file["/label/posture"].attrs["names"]]

    def image(self, row):
        """Row (or slice) of /thz/image: float32 [64][64], grey in [0, 1], row 0 at the top."""
        return self._pictures("/thz/image", row)

    def visible(self, row):
        """The visible picture paired with a row, or None."""
        index = int(self.visible_index[row])
        return None if index < 0 else self._pictures("/visible/image", index)

    def column(self, path):
        """A whole array, e.g. "/provenance/nuisance", and the names of its columns."""
        if path in self.PICTURES:
            return self._pictures(path, slice(None)), []
        array = self.file[path]
        return array[()], [_text(name) for name in array.attrs.get("names", ())]

    def split(self, name="split-image-disjoint.json"):
        """Rows of a split file beside the data set: {"train": [...], "validation": ..., "test": ...}.

        Raises ValueError if it belongs to other data.
        """
        path = name if os.path.isabs(name) else os.path.join(os.path.dirname(self.path), name)
        with open(path, encoding="utf-8") as file:
            split = json.load(file)
        if split.get("schema") != SPLIT_SCHEMA or split["dataset_sha256"] != self.content_sha256:
            raise ValueError(f"{path}: is no split of {self.path}")
        return {k: numpy.asarray(split[k], dtype=int) for k in ("train", "validation", "test")}
