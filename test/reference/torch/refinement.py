"""Local filters guided by the image: PAMR and VARM; flow alignment (test/fixtures/1-stage-wseg, ws-fcn, rtc)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from backbones import draw_cotangents, trained, with_cotangents
from reference import Case
from sipe import blobs
from wseg import cross_fusion, draw_cross
from wide_deeplab import conv


def neighbours(x, dilations, centre=False):
    """[N, C, P, h, w]: around each pixel at each dilation in turn, row by row; borders repeat."""
    h, w = x.shape[2:]
    found = []
    for d in dilations:
        y = F.pad(x, (d, d, d, d), mode='replicate')
        found += [y[:, :, d + i * d:d + i * d + h, d + j * d:d + j * d + w] for i in (-1, 0, 1) for j in (-1, 0, 1) if centre or i or j]
    return torch.stack(found, 2)


def spread(mask, weights, dilations, times):
    for _ in range(times):
        mask = (neighbours(mask, dilations) * weights[:, None]).sum(2)
    return mask


def pamr(t, hp, sizes, decide):
    image, d = t['image'], hp['dilations']
    mask = F.interpolate(t['mask'], size=image.shape[2:], mode='bilinear', align_corners=True)
    std = neighbours(image, d, True).std(2, keepdim=True)
    distance = (neighbours(image, d) - image[:, :, None]).abs()
    a = (-(distance / (1e-8 + 0.1 * std))).mean(1).softmax(1)
    y = spread(mask, a, d, hp['iterations'])
    return {**with_cotangents(t, {'y': y}), 'affinity': a, 'std': std[:, :, 0]}


def sampler_pamr(variants):
    def sample(rng, v):
        n, c, h, w, h2, w2, dilations, times = variants[v]
        inputs, hp = {'image': rng.random((n, 3, h, w)), 'mask': rng.random((n, c, h2, w2))}, {'iterations': times, 'dilations': dilations}
        return {**inputs, 'cot_y': rng.normal(size=(n, c, h, w))}, {}, hp, {}
    return sample


def varm(t, hp, sizes, decide):
    image, d = t['img'], hp['dilations']
    around = neighbours(image, d)
    std = around.std(2, keepdim=True)
    e = -((hp['scale'] * (around - image[:, :, None]).abs() / (std + 1e-8)) ** 2).mean(1)
    v = torch.zeros_like(e)
    v[:, :, :-1] += ((around[:, :, :, :-1] - around[:, :, :, 1:]) ** 2).mean(1)
    v[..., :-1] += ((around[..., :-1] - around[..., 1:]) ** 2).mean(1)
    weights = e.softmax(1) - hp['w2'] * v.softmax(1)
    h, w = image.shape[2:]
    outs = {'std': std[:, :, 0], 'weights_mean': weights.mean((2, 3)), 'weights_center': weights[:, :, h // 2, w // 2], 'weights_corner': weights[:, :, -1, -1]}
    outs |= {'masks_1': spread(t['masks'], weights, d, 1), 'masks_10': spread(t['masks'], weights, d, hp['iterations'])}
    return {**outs, 'loss': (t['probe'] * outs['masks_10']).mean()}


def sample_varm(rng, v):
    n, k, h, w, hp = [(1, 2, 9, 14, {'iterations': 4, 'dilations': [1, 3, 5], 'w2': 0.2}), (3, 4, 8, 7, {'iterations': 10, 'dilations': [1, 2, 4], 'w2': 0.01}), (2, 1, 2, 3, {'iterations': 1, 'dilations': [2], 'w2': 0.5})][v]
    masks = rng.random((n, k, h, w))
    return {'img': rng.random((n, 3, h, w)), 'masks': masks, 'probe': rng.normal(size=masks.shape)}, {}, {**hp, 'scale': 4}, {'N': n, 'K': k, 'h': h, 'w': w}


def align(t, p, low, high, decide):
    h, w = low.shape[2:]
    g = F.interpolate(conv(t, f'{p}down_h', high), size=(h, w), mode='bilinear', align_corners=False)
    flow = conv(t, f'{p}flow_make', torch.cat([g, conv(t, f'{p}down_l', low)], 1))
    xs, ys = torch.linspace(-1, 1, w, dtype=low.dtype), torch.linspace(-1, 1, h, dtype=low.dtype)
    x, y = xs[None, None] + flow[:, 0] / w, ys[None, :, None] + flow[:, 1] / h
    for where, size in ((x, high.shape[3]), (y, high.shape[2])):
        place = ((where + 1) / 2 * (size - 1)).detach()
        decide.note('distance of a sample to a pixel line', (place - place.round()).abs())
    return flow, F.grid_sample(high, torch.stack([x, y], 3), mode='bilinear', padding_mode='zeros', align_corners=True)


def sf2_align(t, hp, sizes, decide):
    flow, y = align(t, '', t['low'], t['high'], decide)
    return {**with_cotangents(t, {'y': y}), 'flow': flow}


def draw_align(rng, p, c, c2, width):
    d = resnet.draw_conv(rng, f'{p}down_h', width, c2, 1) | resnet.draw_conv(rng, f'{p}down_l', width, c, 1)
    return d | resnet.draw_conv(rng, f'{p}flow_make', 2, 2 * width, 3)


ALIGN = [(1, 3, 4, 2, (5, 7), (3, 3)), (2, 2, 3, 3, (6, 5), (4, 4)), (2, 1, 1, 1, (2, 3), (2, 2))]


def sample_align(rng, v):
    n, c, c2, width, s, s2 = ALIGN[v]
    inputs, params = {'low': blobs(rng, n, c, *s), 'high': blobs(rng, n, c2, *s2)}, draw_align(rng, '', c, c2, width)
    return {**inputs, 'cot_y': draw_cotangents(rng, sf2_align, inputs, params, {})['cot_y']}, params, {}, {}


def sf2_full(t, hp, sizes, decide):
    _, up = align(t, 'align.', t['low'], t['high'], decide)
    inner = {k[4:]: v for k, v in t.items() if k.startswith('sf2.')} | {'low': t['low'], 'up': up} | {k: v for k, v in t.items() if k.startswith('cot_')}
    return {**cross_fusion(inner, hp, sizes, decide), 'up': up}


def sample_full(rng, v):
    n, c, c2, width, s, s2 = ALIGN[v]
    inputs = {'low': blobs(rng, n, c, *s), 'high': blobs(rng, n, c2, *s2)}
    params, hp = draw_align(rng, 'align.', c, c2, width) | draw_cross(rng, 'sf2.', c, c2, 3), {'bn_eps': [1e-2, 1e-5, 0.1][v]}
    cot = {f'cot_{k}': rng.normal(size=(n, 3, *s)) for k in ('shallow', 'deep')}
    return {**inputs, **cot}, params, hp, {}


OFFICIAL = [(1, 2, 7, 12, 7, 12, [1, 2, 5], 6), (3, 3, 8, 7, 8, 7, [1, 2, 4, 8, 12, 24], 10), (2, 1, 2, 3, 2, 3, [3], 2)]
SMALL = [(1, 2, 9, 11, 4, 7, [1, 3], 3), (3, 3, 8, 7, 5, 5, [1, 2, 4], 10), (2, 1, 3, 2, 1, 1, [2], 2)]
SINGLE = [(1, 3, 5, 8, 5, 8, [2], 3), (2, 2, 6, 7, 6, 7, [1], 1), (1, 1, 1, 2, 1, 2, [1], 1)]
THREE = [(1, 3, 7, 9, 7, 9, [1, 3, 4], 2), (2, 2, 6, 7, 6, 7, [2, 3, 5], 4), (1, 1, 2, 2, 2, 2, [1, 2, 4], 1)]
mask_only = lambda k: k == 'mask'
both = lambda k: k in ('mask', 'image')
CASES = [
    Case('1-stage-wseg', 'pamr_official', pamr, sampler_pamr(OFFICIAL), mask_only),
    Case('1-stage-wseg', 'pamr_official_small_mask', pamr, sampler_pamr(SMALL), mask_only),
    Case('1-stage-wseg', 'pamr_single_dilation', pamr, sampler_pamr(SINGLE), both),
    Case('1-stage-wseg', 'pamr_three_dilations', pamr, sampler_pamr(THREE), both),
    Case('ws-fcn', 'pamr_official', pamr, sampler_pamr(OFFICIAL), mask_only),
    Case('ws-fcn', 'pamr_coco_5_iterations', pamr, sampler_pamr(OFFICIAL), mask_only),
    Case('ws-fcn', 'sf2_align', sf2_align, sample_align, trained),
    Case('ws-fcn', 'sf2_full', sf2_full, sample_full, lambda k: trained(k) and not (k.startswith('sf2.conv') and k.endswith('bias'))),
    Case('rtc', 'varm', varm, sample_varm, lambda k: k == 'masks'),
]
