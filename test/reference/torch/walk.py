"""Affinity from a boundary map along straight lines, and the random walk over it (IRN, section 5 of the card)."""
import torch
import torch.nn.functional as F


def affinity_of(edge, radius):
    """1 - the largest boundary value on the line between two pixels nearer than `radius`; 1 on the diagonal, 0 for other pairs."""
    h, w = edge.shape
    a = torch.eye(h * w, dtype=edge.dtype)
    for dy in range(radius):
        for dx in range(-radius + 1, radius):
            if (dy == 0 and dx <= 0) or dy * dy + dx * dx >= radius * radius:
                continue
            line = [(y, x) for y in range(0, dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
                    if (dy * x - dx * y) ** 2 / (dy * dy + dx * dx) < 1]
            for y in range(h - dy):
                for x in range(max(0, -dx), min(w, w - dx)):
                    value = 1 - max(edge[y + py, x + px] for py, px in line)
                    i, j = y * w + x, (y + dy) * w + x + dx
                    a[i, j] = a[j, i] = value
    return a


def random_walk(maps, edge, radius, beta, log2_steps):
    affinity = affinity_of(edge, radius)
    transition = affinity ** beta
    transition = transition / transition.sum(0, keepdim=True)
    for _ in range(log2_steps):
        transition = transition @ transition
    walked = ((maps * (1 - edge)).flatten(1) @ transition).reshape(maps.shape)
    return affinity, transition, walked


def enlarge(walked, size):
    up = F.interpolate(walked[None], scale_factor=4, mode='bilinear', align_corners=False)[0][:, : size[0], : size[1]]
    return up / up.max()
