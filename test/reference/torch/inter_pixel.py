"""Pairs of pixels, their affinity and displacement losses, and the two branches of IRNet (test/fixtures/irn)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case
from sipe import blobs


def directions(radius):
    """(dy, dx) and its path, by the length of the path."""
    found = [(0, x) for x in range(1, radius)]
    found += [(y, x) for y in range(1, radius) for x in range(1 - radius, radius) if x * x + y * y < radius * radius]
    paths = [((dy, dx), [(y, x) for y in range(dy + 1) for x in range(min(0, dx), max(0, dx) + 1) if (dy * x - dx * y) ** 2 < dy * dy + dx * dx]) for dy, dx in found]
    return sorted(paths, key=lambda entry: len(entry[1]))


def at(x, dy, dx, radius):
    """x [..., h, w] at the partner (dy, dx) of every source, [..., sources]."""
    f = radius - 1
    h, w = x.shape[-2:]
    return x[..., dy:dy + h - f, f + dx:w - f + dx].flatten(-2)


def losses(edge, field, labels, hp, decide):
    radius, eps = hp['radius'], hp['eps']
    ways = directions(radius)
    boundary = torch.sigmoid(edge[:, 0])
    strongest = []
    for _, path in ways:
        along = torch.stack([at(boundary, y, x, radius) for y, x in path], 1)
        decide.channel_max(along, 'strongest of a path')
        strongest.append(along.max(1).values)
    a = 1 - torch.stack(strongest, 1)
    here = at(labels, 0, 0, radius)[:, None]
    there = torch.stack([at(labels, dy, dx, radius) for (dy, dx), _ in ways], 1)
    valid = (here < 21) & (there < 21)
    bg, fg, neg = ((valid & m).to(a.dtype) for m in ((here == there) & (here == 0), (here == there) & (here > 0), here != there))
    delta = torch.stack([at(field, 0, 0, radius) - at(field, dy, dx, radius) for (dy, dx), _ in ways], 2)
    moves = torch.tensor([d for d, _ in ways], dtype=a.dtype).T[None, :, :, None]
    decide.note('sign of the difference', (delta - moves).abs())
    decide.note('sign of the difference', delta.abs())
    bg_pos, fg_pos = ((m * -torch.log(a + eps)).sum() / (m.sum() + eps) for m in (bg, fg))
    apart = (neg * -torch.log(1 + eps - a)).sum() / (neg.sum() + eps)
    dp_fg = (fg[:, None] * (delta - moves).abs()).sum() / (2 * fg.sum() + eps)
    dp_bg = (bg[:, None] * delta.abs()).sum() / (2 * bg.sum() + eps)
    together = (bg_pos + fg_pos) / 2
    outs = {'bg_pos_count': bg.sum(), 'fg_pos_count': fg.sum(), 'neg_count': neg.sum(), 'loss_bg_pos': bg_pos, 'loss_fg_pos': fg_pos, 'loss_pos': together,
            'loss_neg': apart, 'loss_dp_fg': dp_fg, 'loss_dp_bg': dp_bg, 'loss': (together + apart) / 2 + (dp_fg + dp_bg) / 2}
    return a, delta, outs


def affinity_losses(t, hp, sizes, decide):
    a, delta, outs = losses(t['edge_logit'], t['displacement'], t['labels'], hp, decide)
    return {**outs, 'affinity': a, 'pair_displacement': delta}


def without_pairs(t, hp, sizes, decide):
    outs = affinity_losses(t, hp, sizes, decide)
    del outs['pair_displacement']
    return outs


def draw_regions(rng, n, h, w):
    """Two classes and the background in rectangles, some pixels without a label."""
    labels = np.zeros((n, h, w))
    for i in range(n):
        for c in rng.choice(np.arange(1, 21), 2, replace=False):
            y, x = rng.integers(0, max(1, h // 2)), rng.integers(0, max(1, w // 2))
            labels[i, y:y + rng.integers(2, h + 1), x:x + rng.integers(2, w + 1)] = c
    labels[rng.random((n, h, w)) < 0.1] = 255
    return labels


def sampler_losses(radius):
    def sample(rng, v):
        # The case's name says which radius it was made with; the description is what counts.
        r = radius - [1, 0, 2][v]
        n, h, w = [(1, r + 2, 2 * r + 3), (3, r + 6, 2 * r + 1), (1, r, 2 * r - 1)][v]
        return ({'edge_logit': rng.normal(-1, 1.5, (n, 1, h, w)), 'displacement': rng.normal(0, 2, (n, 2, h, w)), 'labels': draw_regions(rng, n, h, w)}, {},
                {'radius': r, 'eps': [1e-3, 1e-5, 1e-2][v]}, {})
    return sample


def group_norm(t, name, x, groups, eps):
    return F.group_norm(x, groups, t[f'{name}.weight'], t[f'{name}.bias'], eps)


def branches(t, x, groups, eps, decide):
    """Boundary logits and displacement out of five maps; `groups` of the edge branch, then of the seven of the other."""
    def side(name, y, g, factor):
        y = group_norm(t, f'{name}.1', F.conv2d(y, t[f'{name}.0.weight']), g, eps)
        return decide.relu(y if factor == 1 else F.interpolate(y, scale_factor=factor, mode='bilinear', align_corners=False))
    crop = lambda y, like: y[..., :like.shape[2], :like.shape[3]]
    edges = [crop(side(f'fc_edge{i + 1}', x[i], groups[0], f), x[1]) for i, f in enumerate([1, 1, 2, 4, 4])]
    logit = F.conv2d(torch.cat(edges, 1), t['fc_edge6.weight'], t['fc_edge6.bias'])
    d = [side(f'fc_dp{i + 1}', x[i], groups[i + 1], f) for i, f in enumerate([1, 1, 1, 2, 2])]
    deep = side('fc_dp6', torch.cat([crop(y, x[2]) for y in d[2:]], 1), groups[6], 2)
    joined = side('fc_dp7', torch.cat([d[0], d[1], crop(deep, x[1])], 1), groups[7], 1)
    return logit, F.conv2d(joined, t['fc_dp7.3.weight'])


GROUPS = [4, 8, 16, 16, 16, 16, 16, 16]


def branches_step(t, hp, sizes, decide):
    logit, field = branches(t, [t[f'x{i}'].detach() for i in range(1, 6)], GROUPS, hp['groupnorm_eps'], decide)
    return {**losses(logit, field, t['labels'], hp, decide)[2], 'edge_logit': logit, 'displacement': field}


def draw_branches(rng, channels, edge, widths):
    affine = lambda name, c: {f'{name}.weight': rng.uniform(0.6, 1.4, c), f'{name}.bias': rng.normal(0, 0.3, c)}
    d = {}
    for i, c in enumerate(channels, 1):
        d |= resnet.draw_conv(rng, f'fc_edge{i}.0', edge, c, 1) | affine(f'fc_edge{i}.1', edge)
        d |= resnet.draw_conv(rng, f'fc_dp{i}.0', widths[i - 1], c, 1) | affine(f'fc_dp{i}.1', widths[i - 1])
    d |= resnet.draw_conv(rng, 'fc_edge6', 1, 5 * edge, 1) | {'fc_edge6.bias': rng.normal(0, 0.3, 1)}
    for i, c in ((6, sum(widths[2:5])), (7, widths[0] + widths[1] + widths[5])):
        d |= resnet.draw_conv(rng, f'fc_dp{i}.0', widths[i - 1], c, 1) | affine(f'fc_dp{i}.1', widths[i - 1])
    return d | resnet.draw_conv(rng, 'fc_dp7.3', 2, widths[6], 1)


def sample_branches(rng, v):
    n, h, w, radius, channels, edge, widths = [
        (1, 11, 14, 4, [3, 5, 4, 6, 7], 4, [16, 16, 16, 32, 16, 16, 32]),
        (3, 13, 12, 5, [2, 4, 8, 3, 5], 8, [8, 16, 32, 16, 16, 32, 16]),
        (1, 5, 7, 3, [1, 1, 1, 1, 1], 4, [8, 16, 16, 16, 16, 16, 16]),
    ][v]
    half = lambda s: (s + 1) // 2
    inputs = {f'x{i}': blobs(rng, n, c, *([h, w] if i < 3 else [half(h), half(w)] if i == 3 else [half(half(h)), half(half(w))])) for i, c in enumerate(channels, 1)}
    hp = {'radius': radius, 'eps': [1e-3, 1e-5, 1e-2][v], 'groupnorm_eps': [1e-3, 1e-5, 1e-2][v]}
    return {**inputs, 'labels': draw_regions(rng, n, h, w)}, draw_branches(rng, channels, edge, widths), hp, {}


def edge_inference(t, hp, sizes, decide):
    h, w = hp['image_size']
    on_canvas = F.pad(torch.stack([t['x'], t['x'].flip(2)]), (0, hp['canvas'] - w, 0, hp['canvas'] - h))
    x = [resnet.stem(t, 'resnet50.', on_canvas, 1e-5, decide)[1], *resnet.features(t, 'resnet50.', on_canvas, [1, 2, 2, 1], 1e-5, decide)]
    logit, field = (y[..., :(h - 1) // 4 + 1, :(w - 1) // 4 + 1] for y in branches(t, x, GROUPS, 1e-5, decide))
    return {
        'edge': torch.sigmoid(logit[0] / 2 + logit[1].flip(2) / 2),
        'displacement': field[0] - t['mean_shift.running_mean'][:, None, None],
    }


def sample_inference(rng, v):
    canvas, h, w, width, planes, blocks, edge, widths = [
        (48, 37, 48, 3, [2, 3, 2, 4], [1, 2, 1, 1], 4, [16, 16, 32, 16, 16, 32, 16]),
        (96, 71, 84, 4, [3, 2, 4, 5], [2, 1, 1, 2], 12, [8, 32, 16, 32, 16, 16, 32]),
        (32, 1, 9, 1, [1, 1, 1, 1], [1, 1, 1, 1], 4, [8, 16, 16, 16, 16, 16, 16]),
    ][v]
    channels = [width, *(4 * p for p in planes)]
    params = resnet.draw_resnet(rng, 'resnet50.', width, planes, blocks, (1, 2, 2, 1)) | draw_branches(rng, channels, edge, widths)
    params['mean_shift.running_mean'] = rng.normal(0, 1, 2)
    return {'x': blobs(rng, 1, 3, h, w)[0]}, params, {'canvas': canvas, 'image_size': [h, w]}, {}


given = lambda k: k in ('edge_logit', 'displacement')
CASES = [
    Case('irn', 'affinity_losses_radius5', affinity_losses, sampler_losses(5), given, margin=1e-5),
    Case('irn', 'affinity_losses_radius10', without_pairs, sampler_losses(10), given, margin=1e-5),
    Case('irn', 'irnet_branches_step', branches_step, sample_branches, lambda k: k.startswith('fc_'), margin=1e-6),
    Case('irn', 'edge_inference', edge_inference, sample_inference, margin=1e-6),
]
