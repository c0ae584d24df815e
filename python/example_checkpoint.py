"""A trained run in PyTorch: example_checkpoint.py CHECKPOINT IMAGES.npy FOLDER [--redraw NEW]

Writes embeddings.npy, posture_logits.npy and reconstructions.npy of the images [N, 64, 64] to the
folder. With --redraw the weights are drawn anew by PyTorch first and written to NEW, a checkpoint that
thzface reads: weights go both ways.

    PYTHONPATH=python python3 python/example_checkpoint.py out/run/checkpoints/best.safetensors images.npy out
"""

import argparse
import os

import numpy
import torch

from thzface_network import Checkpoint, Network


def redrawn(checkpoint):
    torch.manual_seed(1)
    options = checkpoint.config["network"]
    return Network(options["base_channels"], options["experts"], options["embedding_size"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("images")
    parser.add_argument("folder")
    parser.add_argument("--redraw", metavar="NEW")
    a = parser.parse_args()
    checkpoint = Checkpoint.read(a.checkpoint)
    network = redrawn(checkpoint) if a.redraw else checkpoint.network()
    if a.redraw:
        checkpoint.write(a.redraw, network)
    names = ("embeddings", "posture_logits", "reconstructions")
    os.makedirs(a.folder, exist_ok=True)
    for name, values in zip(names, network.predict(numpy.load(a.images))):
        numpy.save(os.path.join(a.folder, name + ".npy"), values)
        print(f"{name}: {' x '.join(map(str, values.shape))}")


if __name__ == "__main__":
    main()
