"""A PyTorch Dataset over data sets of thzface.

    from torch.utils.data import DataLoader
    from thzface_torch import ThzfaceDataset
    loader = DataLoader(ThzfaceDataset("out/demo/data", part="train"), batch_size=32, shuffle=True)
    for batch in loader:
        batch["image"]       # float32 [32, 1, 64, 64], grey in [0, 1]
        batch["identity"]    # int64 [32]; also posture, concealed, row
"""

import torch

from thzface_data import ThzfaceData


class ThzfaceDataset(torch.utils.data.Dataset):
    """Rows of a data set as dictionaries of tensors.

    path: file or folder. part: "train", "validation" or "test" of a split; None: all rows.
    split: file name of the split beside the data set. with_visible: adds "visible"
    [1, 64, 64] and "has_visible"; zeros where a row has no picture.
    """

    def __init__(self, path, part=None, split="split-image-disjoint.json", with_visible=False):
        self.path = path
        self.with_visible = with_visible
        self.data = None
        with ThzfaceData(path) as data:
            self.rows = range(len(data)) if part is None else data.split(split)[part]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        # Opened where it is read: an open HDF5 file does not survive the fork of a loader's workers.
        if self.data is None:
            self.data = ThzfaceData(self.path)
        row = int(self.rows[i])
        item = {
            "image": torch.from_numpy(self.data.image(row)).unsqueeze(0),
            "identity": int(self.data.identity[row]),
            "posture": int(self.data.posture[row]),
            "concealed": int(self.data.concealed[row]),
            "row": row,
        }
        if self.with_visible:
            picture = self.data.visible(row)
            item["has_visible"] = picture is not None
            item["visible"] = (
                torch.zeros(1, 64, 64) if picture is None else torch.from_numpy(picture).unsqueeze(0)
            )
        return item

    def __getstate__(self):
        state = self.__dict__.copy()
        state["data"] = None
        return state
