"""The network of thzface in PyTorch: reads its checkpoints, computes what it computes, writes them back.

    checkpoint = Checkpoint.read("out/run/checkpoints/best.safetensors")
    network = checkpoint.network()
    embedding, logits, reconstruction = network.predict(images)    # images [N, 64, 64] in [0, 1]
    ...                                                            # train on, prune, ...
    checkpoint.write("other/checkpoints/best.safetensors", network)

Needs PyTorch 1.13 or newer and Python 3.11; safetensors files are read and written here, by hand.
docs/formats/checkpoint.md describes them, docs/theory/learning.md the network. The teacher, which no
inference needs, is passed through unread.
"""

import json
import tomllib

import numpy
import torch
from torch import nn
from torch.nn import functional

DTYPES = {"F32": numpy.dtype("<f4"), "I64": numpy.dtype("<i8"), "U8": numpy.dtype("u1")}


def read_safetensors(path):
    """Arrays by name, and the texts of the metadata."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = numpy.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"])
    return arrays, metadata


def write_safetensors(path, arrays, metadata):
    """Names sorted, data without gaps, header padded to 8 bytes, as thzface itself writes."""
    header, chunks, offset = {"__metadata__": metadata}, [], 0
    for name in sorted(arrays):
        array = numpy.asarray(arrays[name])
        kind = next((k for k, t in DTYPES.items() if t == array.dtype), None)
        if kind is None:
            raise ValueError(f"{name}: {array.dtype} is not one of float32, int64, uint8")
        chunks.append(array.tobytes())
        end = offset + len(chunks[-1])
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(chunks))


def act(x):
    return functional.leaky_relu(x, 0.2)


def conv(inputs, outputs, kernel, stride=1, bias=True):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if kernel % 2 else 0, bias=bias)


class DownStage(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = conv(inputs, outputs, 3, 2, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = conv(outputs, outputs, 3, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = None
        if inputs != outputs:
            self.shortcut = conv(inputs, outputs, 1, 2, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        y = self.norm2(self.conv2(act(self.norm1(self.conv1(x)))))
        if self.shortcut is None:
            return act(y + functional.avg_pool2d(x, 2))
        return act(y + self.shortcut_norm(self.shortcut(x)))


class Encoder(nn.Module):
    def __init__(self, w, dropout):
        super().__init__()
        self.stem = conv(1, w, 3)
        stages = [DownStage(w, w)] + [DownStage(f * w, 2 * f * w) for f in (1, 2, 4)]
        self.stages = nn.ModuleList(stages)
        self.reduce = conv(8 * w, 8 * w, 4, 4, bias=False)
        self.reduce_norm = nn.BatchNorm2d(8 * w)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images):
        """Latent [B, 8w], map [B, 8w, 4, 4], skips at 32, 16 and 8 pixels."""
        maps = [act(self.stem(images))]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        latent = self.dropout(act(self.reduce_norm(self.reduce(maps[4]))).flatten(1))
        return latent, maps[4], maps[1:4]


class VerificationHead(nn.Module):
    def __init__(self, w, size, dropout):
        super().__init__()
        self.hidden = nn.Linear(8 * w, 4 * w, bias=False)
        self.norm = nn.BatchNorm1d(4 * w)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(4 * w, size)

    def forward(self, latent):
        x = self.dropout(torch.relu(self.norm(self.hidden(latent))))
        return functional.normalize(self.project(x))


class ResidualDenseBlock(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        layers = [conv(channels + i * growth, growth, 3) for i in range(5)]
        self.layers = nn.ModuleList(layers)
        self.fuse = conv(channels + 5 * growth, channels, 1)

    def forward(self, x):
        joined = x
        for layer in self.layers:
            joined = torch.cat([joined, act(layer(joined))], 1)
        return 0.5 * self.fuse(joined) + 0.5 * x


class Decoder(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.enter = conv(8 * w, 4 * w, 1)
        self.dense = ResidualDenseBlock(4 * w, w // 2)
        # Channels before and after each PixelShuffle, and of the skip joined after it.
        steps = [(4 * w, 2 * w, 4 * w), (2 * w, w, 2 * w), (w, w // 2, w), (w // 2, w // 4, 0)]
        self.up = nn.ModuleList([conv(i, 4 * o, 3) for i, o, _ in steps])
        self.merge = nn.ModuleList([conv(o + s, o, 3) for _, o, s in steps if s])
        self.leave = conv(w // 4, 1, 3)

    def forward(self, x, skips):
        x = self.dense(act(self.enter(x)))
        for i, up in enumerate(self.up):
            x = act(functional.pixel_shuffle(up(x), 2))
            if i < len(self.merge):
                x = act(self.merge[i](torch.cat([x, skips[2 - i]], 1)))
        return torch.sigmoid(self.leave(x))


class Network(nn.Module):
    """Encoder, verification and posture heads, and one decoder or one a posture."""

    def __init__(self, base_channels, experts, embedding_size, dropout=0.0):
        super().__init__()
        self.encoder = Encoder(base_channels, dropout)
        self.verification = VerificationHead(base_channels, embedding_size, dropout)
        self.posture = nn.Linear(8 * base_channels, 5)
        self.decoders = nn.ModuleList([Decoder(base_channels) for _ in range(experts)])

    def forward(self, images):
        """Unit embeddings [B, E], posture logits [B, 5], and what the decoders take."""
        latent, x, skips = self.encoder(images)
        return self.verification(latent), self.posture(latent), (x, skips)

    def reconstruct(self, encoded, posture):
        """[B, 1, 64, 64], each row by the decoder of its posture [B]."""
        x, skips = encoded
        expert = posture if len(self.decoders) > 1 else torch.zeros_like(posture)
        out = torch.empty(len(expert), 1, 64, 64)
        for e in expert.unique().tolist():
            rows = expert == e
            out[rows] = self.decoders[e](x[rows], [skip[rows] for skip in skips])
        return out

    def predict(self, images):
        """NumPy arrays of images [N, 64, 64]: embeddings, posture logits, reconstructions by the
        decoder of the predicted posture, as at inference in thzface."""
        self.eval()
        with torch.no_grad():
            x = torch.as_tensor(numpy.asarray(images, dtype=numpy.float32)).unsqueeze(1)
            embedding, logits, encoded = self(x)
            pictures = self.reconstruct(encoded, logits.argmax(1))
        return embedding.numpy(), logits.numpy(), pictures[:, 0].numpy()


class Checkpoint:
    """All of a checkpoint file: weights, what belongs to a teacher or optimiser, state of the run."""

    def __init__(self, arrays, metadata):
        self.arrays, self.metadata = arrays, metadata
        self.state = json.loads(metadata["thzface"])
        if self.state["schema"] != "thzface-checkpoint/1":
            raise ValueError(f"schema {self.state['schema']} is not thzface-checkpoint/1")
        self.config = tomllib.loads(self.state["config_toml"])

    @classmethod
    def read(cls, path):
        return cls(*read_safetensors(path))

    def network(self):
        """The student with the checkpoint's weights."""
        options = self.config["network"]
        network = Network(options["base_channels"], options["experts"], options["embedding_size"],
                          options["dropout"])
        weights = {name[len("model."):]: torch.from_numpy(array.copy())
                   for name, array in self.arrays.items() if name.startswith("model.")}
        network.load_state_dict(weights)  # strict: every name and shape must fit
        return network

    def write(self, path, network):
        """This checkpoint with the network's weights in place of its own. The optimiser's moments
        belong to the old weights and are left out, so the run cannot be resumed from it."""
        arrays = {name: array for name, array in self.arrays.items()
                  if not name.startswith(("model.", "optimiser."))}
        for name, tensor in network.state_dict().items():
            arrays["model." + name] = tensor.detach().cpu().numpy()
        write_safetensors(path, arrays, self.metadata)
