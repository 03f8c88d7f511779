"""Fully connected CRF by mean field over the permutohedral lattice, from the description of the reference case dense-crf/lattice_filter."""
import numpy as np


class Lattice:
    """Filter over features (d x pixels, float32): splat, blur along d + 1 directions with (.5, 1, .5), slice."""

    def __init__(self, features):
        f = np.asarray(features, np.float32)
        d, n = f.shape
        i = np.arange(d)
        # In the library's order and precision: the deviation of the filter, (d + 1) sqrt(2/3), over sqrt((i + 1)(i + 2)).
        scale = (1 / np.sqrt((i + 2) * (i + 1.0)) * np.sqrt(2 / 3.0) * (d + 1)).astype(np.float32)
        e = np.zeros((d + 1, n), np.float32)
        total = np.zeros(n, np.float32)
        for j in range(d, 0, -1):
            cf = f[j - 1] * scale[j - 1]
            e[j] = total - np.float32(j) * cf
            total = total + cf
        e[0] = total
        down = np.float32(1 / (d + 1))
        rounded = np.rint(e * down)
        rem0 = rounded * np.float32(d + 1)
        s = rounded.sum(0).astype(np.int64)
        difference = e - rem0
        rank = np.zeros((d + 1, n), np.int64)
        for a in range(d):
            for b in range(a + 1, d + 1):
                less = difference[a] < difference[b]
                rank[a] += less
                rank[b] += ~less
        rank += s
        low, high = rank < 0, rank > d
        rank[low] += d + 1
        rem0[low] += d + 1
        rank[high] -= d + 1
        rem0[high] -= d + 1
        v = (e - rem0) * down
        weights = np.zeros((d + 2, n), np.float32)
        columns = np.arange(n)
        for j in range(d + 1):
            weights[d - rank[j], columns] += v[j]
            weights[d - rank[j] + 1, columns] -= v[j]
        weights[0] += 1 + weights[d + 1]
        self.weights = weights[: d + 1]
        keys = np.empty((d + 1, n, d), np.int64)
        base = rem0.astype(np.int64)
        for r in range(d + 1):
            keys[r] = (base[:d] + np.where(rank[:d] <= d - r, r, r - (d + 1))).T
        unique, self.vertex = np.unique(keys.reshape(-1, d), axis=0, return_inverse=True)
        self.vertex = self.vertex.reshape(d + 1, n)
        self.count = len(unique)
        at = {tuple(k): i for i, k in enumerate(unique)}
        self.neighbours = []
        for j in range(d + 1):
            pair = []
            for sign in (-1, 1):
                moved = unique + sign
                if j < d:
                    moved[:, j] -= sign * (d + 1)
                pair.append(np.array([at.get(tuple(k), self.count) for k in moved]))
            self.neighbours.append(pair)
        self.alpha = np.float32(1 / (1 + 2.0 ** -d))

    def filter(self, values):
        """values: labels x pixels."""
        values = np.asarray(values, np.float32)
        m = np.zeros((self.count + 1, len(values)), np.float32)
        for r, w in enumerate(self.weights):
            np.add.at(m, self.vertex[r], (w * values).T)
        for before, after in self.neighbours:
            new = m.copy()
            new[:-1] = m[:-1] + np.float32(0.5) * (m[before] + m[after])
            m = new
        result = np.zeros_like(values.T)
        for r, w in enumerate(self.weights):
            result += w[:, None] * m[self.vertex[r]] * self.alpha
        return result.T


def features_of(kernel, image):
    h, w = image.shape[:2]
    y, x = np.mgrid[:h, :w].astype(np.float32)
    parts = [x / np.float32(kernel['sxy']), y / np.float32(kernel['sxy'])]
    if kernel['kind'] == 'bilateral':
        parts += [image[..., c].astype(np.float32) / np.float32(kernel['srgb']) for c in range(3)]
    return np.stack([p.ravel() for p in parts])


def exact_sums(features):
    """values -> sums over all pixels with the Gaussian weights, in double precision."""
    f = features.astype(np.float64)
    square = (f * f).sum(0)
    kernel = np.exp(-0.5 * np.maximum(square[:, None] + square[None] - 2 * f.T @ f, 0))
    return lambda values: values @ kernel


def softmax(x):
    e = np.exp(x - x.max(0))
    return e / e.sum(0)


def infer(unary, image, kernels, steps, exact=False):
    """Label probabilities (labels x H x W) after each number of steps. unary: labels x pixels."""
    filters = []
    for kernel in kernels:
        features = features_of(kernel, image)
        apply = exact_sums(features) if exact else Lattice(features).filter
        norm = 1 / np.sqrt(apply(np.ones((1, features.shape[1]))) + 1e-20)
        filters.append(lambda q, apply=apply, norm=norm, weight=kernel['weight']: weight * norm * apply(norm * q))
    q = softmax(-unary)
    found = []
    for step in range(1, max(steps) + 1):
        q = softmax(-unary + sum(f(q) for f in filters))
        if step in steps:
            found.append(q.reshape(len(unary), *image.shape[:2]).copy())
    return found


def unary_from_labels(labels, count, gt_prob):
    energy = np.full((count, labels.size), -np.log((1 - gt_prob) / (count - 1)), np.float32)
    energy[labels.ravel(), np.arange(labels.size)] = -np.log(gt_prob)
    return energy


def draw_image(rng, h, w):
    """A few flat areas with noise."""
    image = np.full((h, w, 3), rng.integers(0, 256, 3))
    for _ in range(4):
        y, x = rng.integers(0, h - 3), rng.integers(0, w - 3)
        image[y: y + rng.integers(3, h), x: x + rng.integers(3, w)] = rng.integers(0, 256, 3)
    return np.clip(image + rng.integers(-8, 9, (h, w, 3)), 0, 255)
