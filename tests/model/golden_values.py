#!/usr/bin/env python3
"""Reference values of the losses, the attention and the alignment measures, by plain loops.

    python3 tests/model/golden_values.py > tests/model/golden_values.h; clang-format -i tests/model/golden_values.h

Nothing but the standard library, and nothing shared with the C++ code: each value follows its
definition in docs/theory/learning.md or evaluation.md. Inputs are waves that both sides can make.
"""
import math


def wave(rows, cols, phase):
    """rows x cols numbers, the same as wave() in golden_test.cpp."""
    return [[math.sin(0.7 * i + 1.3 * j + phase) for j in range(cols)] for i in range(rows)]


def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def unit(row):
    length = math.sqrt(dot(row, row))
    return [v / length for v in row]


def softmax(row, temperature=1.0):
    weights = [math.exp(v / temperature) for v in row]
    return [w / sum(weights) for w in weights]


def contrastive(rows, label, tau):
    z = [unit(r) for r in rows]
    terms = []
    for i in range(len(z)):
        others = [k for k in range(len(z)) if k != i]
        positives = [p for p in others if label[p] == label[i]]
        if not positives:
            continue
        norm = sum(math.exp(dot(z[i], z[k]) / tau) for k in others)
        terms.append(-sum(math.log(math.exp(dot(z[i], z[p]) / tau) / norm) for p in positives)
                     / len(positives))
    return sum(terms) / len(terms)


def cross_entropy(logits, label, smoothing):
    total = 0.0
    for row, y in zip(logits, label):
        p = softmax(row)
        for c in range(len(row)):
            target = (1 - smoothing) * (c == y) + smoothing / len(row)
            total -= target * math.log(p[c])
    return total / len(logits)


def charbonnier(x, y, epsilon):
    values = [math.sqrt((a - b) ** 2 + epsilon ** 2) for p, q in zip(x, y) for a, b in zip(p, q)]
    return sum(values) / len(values)


def ssim(x, y):
    window = [[math.exp(-((i - 5) ** 2 + (j - 5) ** 2) / 4.5) for j in range(11)] for i in range(11)]
    total = sum(map(sum, window))
    out = []
    for r in range(len(x) - 10):
        for c in range(len(x[0]) - 10):
            def mean(f):
                return sum(window[i][j] / total * f(x[r + i][c + j], y[r + i][c + j])
                           for i in range(11) for j in range(11))
            mx, my = mean(lambda a, b: a), mean(lambda a, b: b)
            vx = mean(lambda a, b: (a - mx) ** 2)
            vy = mean(lambda a, b: (b - my) ** 2)
            cov = mean(lambda a, b: (a - mx) * (b - my))
            out.append((2 * mx * my + 1e-4) * (2 * cov + 9e-4)
                       / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4)))
    return sum(out) / len(out)


def feature(student, teacher):
    return sum(sum((a - b) ** 2 for a, b in zip(s, t)) for s, t in zip(student, teacher)) / len(student)


def logit(student, teacher, t):
    total = 0.0
    for s, r in zip(student, teacher):
        p, q = softmax(r, t), softmax(s, t)
        total += sum(a * math.log(a / b) for a, b in zip(p, q))
    return t * t * total / len(student)


def linear(rows, weight, bias):
    return [[dot(row, w) + b for w, b in zip(weight, bias)] for row in rows]


def attention(asking, answering, heads):
    c = len(asking[0])
    q, k, v = (linear(x, wave(c, c, phase), wave(1, c, phase + 1)[0])
               for x, phase in ((asking, 0.1), (answering, 0.2), (answering, 0.3)))
    d = c // heads
    joined = [[0.0] * c for _ in asking]
    for h in range(heads):
        part = slice(h * d, (h + 1) * d)
        for i in range(len(asking)):
            w = softmax([dot(q[i][part], row[part]) / math.sqrt(d) for row in k])
            for e in range(d):
                joined[i][h * d + e] = sum(w[s] * v[s][h * d + e] for s in range(len(v)))
    return linear(joined, wave(c, c, 0.4), wave(1, c, 1.4)[0])


def centre(x):
    means = [sum(col) / len(x) for col in zip(*x)]
    return [[v - m for v, m in zip(row, means)] for row in x]


def cka(x, y):
    # By the N x N Gram matrices: the other form than the program's.
    gx, gy = ([[dot(a, b) for b in m] for a in m] for m in (centre(x), centre(y)))
    inner = lambda a, b: sum(dot(p, q) for p, q in zip(a, b))
    return inner(gx, gy) / math.sqrt(inner(gx, gx) * inner(gy, gy))


def spearman(x, y):
    def distances(m):
        return [math.dist(m[i], m[j]) for i in range(len(m)) for j in range(i + 1, len(m))]
    def ranks(v):
        return [sum(o < a for o in v) + (1 + sum(o == a for o in v)) / 2 for a in v]
    a, b = (centre([[r] for r in ranks(distances(m))]) for m in (x, y))
    a, b = [r[0] for r in a], [r[0] for r in b]
    return dot(a, b) / math.sqrt(dot(a, a) * dot(b, b))


def main():
    x, y = wave(6, 5, 0.3), [[v * v for v in row] for row in wave(6, 5, 0.9)]
    label = [0, 1, 0, 2, 1, 0]
    grey = lambda phase: [[0.5 + 0.4 * v for v in row] for row in wave(15, 13, phase)]
    values = {
        "Contrastive": contrastive(x, label, 0.2),
        "CrossEntropy": cross_entropy(x, [4, 0, 2, 2, 1, 3], 0.1),
        "Charbonnier": charbonnier(x, y, 1e-3),
        "Ssim": ssim(grey(0.3), grey(0.9)),
        "Feature": feature(x, y),
        "Logit": logit(x, y, 3.0),
        "Cka": cka(x, y),
        "RankCorrelation": spearman(x, y),
        "Cosine": sum(dot(unit(a), unit(b)) for a, b in zip(x, y)) / 6,
    }
    print("#pragma once\n\n// Made by golden_values.py, which says how.\n"
          "namespace thz::model::test {\n")
    for name, value in values.items():
        print(f"inline constexpr double kGolden{name} = {value:.15g};")
    flat = [v for row in attention(wave(2, 4, 0.5), wave(3, 4, 0.6), 2) for v in row]
    print("inline constexpr double kGoldenAttention[] = {"
          + ", ".join(f"{v:.15g}" for v in flat) + "};")
    print("\n}  // namespace thz::model::test")


if __name__ == "__main__":
    main()
