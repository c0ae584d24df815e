"""The published training step in plain PyTorch, timed: images a second.

    python3 python/bench_published.py --threads 2 --steps 7
    python3 python/bench_published.py --passes 3 --json

A second opinion on what `thzface bench train` calls published: the same recipe, written anew for
python3-torch, without a line of C++. Source: Bergman et al., Sensors 2026, 26, 1341, and the
authors' program, github.com/noamberg/thz-face-distil, folder thz-only.

Timed, for 64 triplets of grey noise (192 images counted, 256 encoded): gradients to zero; anchors,
positives and negatives through encoder and heads; the anchors through the encoder once more and
through the decoders, one a posture, rows picked by a mask; losses; backward; gradient clipped to
length 1; AdamW, rate and decay 1e-4. The losses: supervised contrastive (tau 0.07; anchor and
positive of a triplet are one person, its negative another), cross-entropy of the posture (label
smoothing 0.1), Charbonnier, 0.8 (1 - SSIM) with an 11 x 11 window in zero padding. Dropout 0.5.

Left out, so that the authors' own step takes longer: LPIPS (a forward pass of VGG), the Sobel term
of weight 0.2, loading, augmentation, and the metrics and logs of every step.

--passes: the authors' program joins the three kinds to one batch of 192, with one set of statistics
in batch normalisation (1, the default, as `thzface bench train` has it); 3 encodes them one after
the other, as the text of the paper may be read. The multiplications are the same.

Else model/src/bench.cpp differs in this: it loads and augments noise within its time; its SSIM has
two windows of 11 and no padding; its rows are sorted by decoder, not masked; freed memory stays
with its process (mallopt); weights are drawn otherwise; its rate is that of the fastest step, which
is the upper end of the spread here. The authors' network differs from ours by a bias before a
normalisation more, five LeakyReLUs a decoder less, and no 4 x 4 reduction in the second encoding.
"""

import argparse
import json
import re
import statistics
import time
from typing import Callable, NamedTuple, NoReturn

import torch
from torch import Tensor
from torch.nn import functional

import thzface_network

TRIPLETS = 64
POSTURES = 5
SIDE = 64  # pixels
WINDOW, SIGMA = 11, 1.5  # pixels
C1, C2 = 0.01**2, 0.03**2


class Batch(NamedTuple):
    anchor: Tensor  # [64, 1, 64, 64], as the next two
    positive: Tensor
    negative: Tensor
    posture: Tensor  # [64], of all three images of a triplet


def noise_batch() -> Batch:
    anchor, positive, negative = torch.rand(3, TRIPLETS, 1, SIDE, SIDE)
    return Batch(anchor, positive, negative, torch.randperm(TRIPLETS) % POSTURES)


def supervised_contrastive(embedding: Tensor, person: Tensor, temperature: float = 0.07) -> Tensor:
    """Eqs 1-3 over embeddings [N, D] of unit length; who comes once is a negative only."""
    logits = embedding @ embedding.T / temperature
    logits = logits - logits.max(1, keepdim=True).values.detach()
    others = 1.0 - torch.eye(len(person))
    same = (person[:, None] == person[None, :]).float() * others
    log_probability = logits - (logits.exp() * others).sum(1, keepdim=True).log()
    count = same.sum(1)
    paired = count > 0
    return -((same * log_probability).sum(1)[paired] / count[paired]).mean()


def gaussian_window() -> Tensor:
    offset = torch.arange(WINDOW) - WINDOW // 2
    line = torch.exp(-0.5 * (offset / SIGMA) ** 2)
    line = line / line.sum()
    return torch.outer(line, line)[None, None]


def structural_similarity(x: Tensor, y: Tensor, window: Tensor) -> Tensor:
    """Eq 6, the mean over pictures [N, 1, H, W]."""

    def blur(picture: Tensor) -> Tensor:
        return functional.conv2d(picture, window, padding=WINDOW // 2)

    mx, my = blur(x), blur(y)
    xx, yy, xy = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    likeness = (2 * mx * my + C1) * (2 * xy + C2)
    return (likeness / ((mx * mx + my * my + C1) * (xx + yy + C2))).mean()


def charbonnier(x: Tensor, y: Tensor) -> Tensor:
    return ((x - y) ** 2 + 1e-6).sqrt().mean()


class PublishedStep:
    def __init__(self, width: int, passes: int) -> None:
        self.passes = passes
        self.network = thzface_network.Network(width, POSTURES, embedding_size=128, dropout=0.5)
        self.network.train()
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=1e-4, weight_decay=1e-4)
        self.window = gaussian_window()
        triplet = torch.arange(TRIPLETS)
        self.person = torch.cat([triplet, triplet, triplet + TRIPLETS])

    def encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Embeddings [192, 128] and posture logits [192, 5]."""
        images = torch.cat([batch.anchor, batch.positive, batch.negative])
        said = [self.network(part)[:2] for part in images.chunk(self.passes)]
        return torch.cat([s[0] for s in said]), torch.cat([s[1] for s in said])

    def __call__(self, batch: Batch) -> float:
        """The loss before the step."""
        self.optimiser.zero_grad()
        embedding, logits = self.encode(batch)
        _, *encoded = self.network.encoder(batch.anchor)
        made = self.network.reconstruct(encoded, batch.posture)
        loss = (
            supervised_contrastive(embedding, self.person)
            + functional.cross_entropy(logits, batch.posture.repeat(3), label_smoothing=0.1)
            + charbonnier(made, batch.positive)
            + 0.8 * (1.0 - structural_similarity(made, batch.positive, self.window))
        )
        if not torch.isfinite(loss):
            raise FloatingPointError("the loss is not finite")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        return loss.item()


def time_steps(step: Callable[[Batch], float], steps: int, warmup: int) -> dict[str, list[float]]:
    """Seconds by the clock and of the processor, and the loss, of each step after the warm-up."""
    told: dict[str, list[float]] = {"seconds": [], "cpu_seconds": [], "loss": []}
    for number in range(warmup + steps):
        batch = noise_batch()
        cpu, clock = time.process_time(), time.perf_counter()
        loss = step(batch)
        seconds, cpu_seconds = time.perf_counter() - clock, time.process_time() - cpu
        if number >= warmup:
            for name, value in zip(told, (seconds, cpu_seconds, loss)):
                told[name].append(value)
    return told


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def whole_number(most: int, multiple: int = 1) -> Callable[[str], int]:
    def parse(text: str) -> int:
        wanted = range(multiple, most + 1, multiple)
        # Digits alone, and few: int() takes much else.
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) not in wanted:
            kind = "whole number" if multiple == 1 else f"multiple of {multiple}"
            raise argparse.ArgumentTypeError(f"'{text}' is not a {kind} from {multiple} to {most}")
        return int(text)

    return parse


def main() -> None:
    parser = Parser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--width", type=whole_number(256, 4), default=64, help="channels of the first layer [64]")
    add("--threads", type=whole_number(1024), default=2, help="[2]")
    add("--steps", type=whole_number(1000), default=5, help="steps that are timed [5]")
    add("--warmup", type=whole_number(1000), default=2, help="steps before them [2]")
    add("--passes", type=int, choices=(1, 3), default=1,
        help="1, a batch as a whole, as the authors' program, or 3, a third at a time [1]")
    add("--json", action="store_true", help="one JSON object, with every step's time")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(42)
    # In place, as in the authors' program and in bench.cpp: fewer maps are written.
    thzface_network.act = lambda x: functional.leaky_relu(x, 0.2, inplace=True)
    told = time_steps(PublishedStep(a.width, a.passes), a.steps, a.warmup)
    images = 3 * TRIPLETS
    rates = [images / seconds for seconds in told["seconds"]]
    median, least, most = statistics.median(rates), min(rates), max(rates)
    if a.json:
        print(json.dumps({
            "schema": "thzface-bench-published/1", "torch": torch.__version__,
            "threads": torch.get_num_threads(), "width": a.width, "passes": a.passes,
            "warmup": a.warmup, "images": images,
            "images_per_s": {"median": median, "least": least, "most": most}, **told}))
        return
    print(f"the published step, PyTorch {torch.__version__}, threads {torch.get_num_threads()}, "
          f"width {a.width}, passes {a.passes}, {a.steps} steps after {a.warmup}\n"
          f"  images/s: median {median:.1f}, {least:.1f} to {most:.1f}\n"
          f"  the fastest step: {min(told['seconds']):.3f} s; "
          f"the least processor time: {min(told['cpu_seconds']):.3f} s")


if __name__ == "__main__":
    main()
