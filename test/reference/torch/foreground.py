"""Foreground and background without classes: C2AM's head and losses, I2CRC's distances (test/fixtures/c2am, i2crc)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from backbones import draw_cotangents, trained, with_cotangents
from reference import Case
from sipe import blobs
from wseg import live_norm, stored_norm


def cosines(a, b, clamp, decide):
    s = F.normalize(a, dim=1, eps=1e-12) @ F.normalize(b, dim=1, eps=1e-12).T
    for edge in clamp:
        # Cosines of a vector with itself are 1 and lie beyond the limit by the limit alone.
        decide.note('cosine to limit', (s - edge).abs())
    return s.clamp(*clamp)


def pull(s, alpha, decide):
    if len(s) > 1:
        ordered = s.detach().sort(1, descending=True).values
        decide.note('rank gap', ordered[:, :-1] - ordered[:, 1:])
    rank = s.detach().argsort(dim=1, descending=True, stable=True).argsort(dim=1) - 1
    weight = torch.exp(-alpha * rank.to(s.dtype))
    return rank, weight, ((-torch.log(s)).clamp(min=0) * weight).mean()


def push(s):
    return -torch.log(1 - s).mean()


def sim_max(t, hp, sizes, decide):
    s = cosines(t['feats'], t['feats'], hp['clamp'], decide)
    r = [pull(s, a, decide) for a in hp['alphas']]
    return {'sim': s, 'rank': r[0][0], 'weight_alpha_0.25': r[0][1], **{f'loss_alpha_{a}': found[2] for a, found in zip(('0.25', '0.05', '0.75'), r)}, 'loss': r[0][2]}


def sample_max(rng, v):
    n, c = [(4, 7), (9, 5), (2, 2)][v]
    # The keys name the alphas of the given file; the description is what counts.
    return {'feats': np.abs(rng.normal(size=(n, c)))}, {}, {'alphas': [[0.4, 0.1, 1.5], [0.25, 0.05, 0.75], [1, 2, 3]][v], 'clamp': [[0.1, 0.99], [0.0005, 0.9995], [0.2, 0.9]][v]}, {}


def sim_min(t, hp, sizes, decide):
    s = cosines(t['bg'], t['fg'], hp['clamp'], decide)
    return {'sim': s, 'loss': push(s)}


def sample_min(rng, v):
    n, c = [(3, 5), (8, 6), (2, 2)][v]
    return {'bg': rng.normal(0.4, 1, (n, c)), 'fg': rng.normal(0.4, 1, (n, c))}, {}, {'clamp': [[0.05, 0.9], [0.0005, 0.9995], [0.1, 0.8]][v]}, {}


def split(t, x, norm, squash, eps):
    z = norm(t, 'bn_head', F.conv2d(x, t['activation_head.weight'], padding=1), eps)
    p = torch.sigmoid(z) if squash else z
    return (p * x).mean((2, 3)), ((1 - p) * x).mean((2, 3)), p


def disentangler(t, hp, sizes, decide):
    fg, bg, p = split(t, t['x'], live_norm, True, hp['bn_eps'])
    fg_infer, bg_infer, z = split(t, t['x'], stored_norm, False, hp['bn_eps'])
    both = with_cotangents(t, {'fg': fg, 'bg': bg, 'map': p, 'map_infer': z})
    return {**both, 'fg_infer': fg_infer, 'bg_infer': bg_infer}


def sample_disentangler(rng, v):
    n, c, h, w, eps = [(2, 5, 6, 9, 1e-2), (5, 8, 7, 5, 1e-5), (2, 1, 2, 3, 0.1)][v]
    inputs, params, hp = {'x': blobs(rng, n, c, h, w)}, resnet.draw_conv(rng, 'activation_head', 1, c, 3) | resnet.draw_norm(rng, 'bn_head', 1), {'bn_eps': eps}
    cot = {k: v for k, v in draw_cotangents(rng, disentangler, inputs, params, hp).items() if k in ('cot_fg', 'cot_bg', 'cot_map', 'cot_map_infer')}
    return {**inputs, **cot}, params, hp, {}


def border(p, band):
    return (p[:, :, :band].mean() + p[..., :band].mean() + p[:, :, -band:].mean() + p[..., -band:].mean()) / 4


def training_head(t, hp, sizes, decide):
    fg, bg, p = split(t, torch.cat([t['layer4'], t['layer3']], 1), live_norm, True, hp['bn_eps'])
    losses = [pull(cosines(v, v, hp['clamp'], decide), hp['alpha'], decide)[2] for v in (fg, bg)]
    apart = push(cosines(bg, fg, hp['clamp'], decide))
    mean = border(p, 4)
    decide.note('border to half', (mean - 0.5).abs())
    return {'fg': fg, 'bg': bg, 'map': p, 'loss_fg': losses[0], 'loss_bg': losses[1], 'loss_neg': apart, 'border_mean': mean, 'is_negative': (mean > 0.5).long(), 'loss': sum(losses) + apart}


def sample_training(rng, v):
    n, c4, c3, h, w = [(3, 4, 6, 5, 8), (7, 8, 3, 6, 7), (2, 2, 1, 4, 5)][v]
    params = {k: p for k, p in (resnet.draw_conv(rng, 'activation_head', 1, c4 + c3, 3) | resnet.draw_norm(rng, 'bn_head', 1)).items() if 'running' not in k}
    return ({'layer4': np.abs(blobs(rng, n, c4, h, w)), 'layer3': np.abs(blobs(rng, n, c3, h, w))}, params,
            {'alpha': [0.5, 0.25, 1][v], 'bn_eps': [1e-2, 1e-5, 0.1][v], 'clamp': [[0.05, 0.99], [0.0005, 0.9995], [0.1, 0.995]][v]}, {})


def sign_check(t, hp, sizes, decide):
    found = {'normal': border(t['map'], hp['band']), 'inverted': border(1 - t['map'], hp['band'])}
    return {**{f'border_{k}': v for k, v in found.items()}, **{f'flag_{k}': (v > 0.5).long() for k, v in found.items()}}


def sample_sign(rng, v):
    n, h, w, band = [(1, 7, 11, 3), (4, 9, 8, 4), (2, 2, 3, 1)][v]
    return {'map': rng.random((n, 1, h, w)) ** 2}, {}, {'band': band}, {}


# -------------------------------------------------------------- I2CRC

def region(maps, mask, eps):
    u = F.interpolate(maps, size=mask.shape[1:], mode='bilinear', align_corners=False)
    m = mask[:, None]
    area = m.sum((2, 3)) + eps
    p = (m * u).sum((2, 3)) / area
    return p, ((m * (u - p[:, :, None, None])) ** 2).sum((2, 3)) / area


def region_distance(t, hp, sizes, decide):
    p, each = region(t['maps'], t['mask'], hp['eps'])
    return {'prototype': p, 'loss': each.mean()}


def sampler_region(binary):
    def sample(rng, v):
        n, k, h, w, h2, w2 = [(1, 3, 5, 4, 11, 13), (3, 7, 6, 8, 20, 17), (2, 1, 1, 2, 3, 3)][v]
        mask = rng.random((n, h2, w2))
        return ({'maps': blobs(rng, n, k, h, w), 'mask': (mask > 0.5) * 1.0 if binary else mask}, {}, {'eps': [1e-2, 1e-5, 0.1][v]}, {'N': n, 'h': h, 'w': w, 'H': h2, 'W': w2})
    return sample


def distances(t, hp, sizes, decide):
    maps, y, weights = t['maps'], t['label'], hp['weights']
    logits = maps.mean((2, 3))
    cls = F.binary_cross_entropy_with_logits(logits, y)
    one = y.sum(1) == 1
    outs = {'logits': logits, 'loss_cls': cls}
    zero = maps.sum() * 0
    if one.any():
        po, eo = region(maps[one], t['saliency'][one], hp['eps'])
        pb, eb = region(maps[one], 1 - t['saliency'][one], hp['eps'])
        parts = eo.mean(), eb.mean(), (y[one] * (pb - po)).mean()
        outs |= {'prototype_object': po, 'prototype_background': pb}
    else:
        parts = zero, zero, zero
    outs |= {'loss_cad_object': parts[0], 'loss_cad_background': parts[1], 'loss_csd': parts[2]}
    return {**outs, 'loss': weights['cls'] * cls + weights['cad_object'] * parts[0] + weights['cad_background'] * parts[1] + weights['csd'] * parts[2]}


def sampler_distances(single):
    def sample(rng, v):
        n, k, h, w, h2, w2 = [(3, 5, 5, 4, 12, 11), (6, 9, 6, 7, 20, 22), (2, 2, 1, 2, 4, 5)][v]
        y = np.zeros((n, k))
        for i in range(n):
            y[i, rng.choice(k, 1 if single and i % 2 == 0 else 2, replace=False)] = 1
        weights = [{'cls': 2, 'cad_object': 0.3, 'cad_background': 0.2, 'csd': 0.5}, {'cls': 1, 'cad_object': 0.01, 'cad_background': 0.025, 'csd': 0.1}, {'cls': 0.5, 'cad_object': 1, 'cad_background': 2, 'csd': 3}][v]
        return ({'maps': blobs(rng, n, k, h, w), 'saliency': rng.random((n, h2, w2)), 'label': y}, {}, {'weights': weights, 'eps': [1e-2, 1e-5, 0.1][v]},
                {'N': n, 'h': h, 'w': w, 'H': h2, 'W': w2})
    return sample


maps_only = lambda k: k == 'maps'
SCALES = ['0.5', '1.0', '1.5', '2.0']


def inference_merge(t, hp, sizes, decide):
    h, w = hp['image_size']
    outs = {}
    for flag in (0, 1):
        maps = [decide.relu(1 - t[f'logit_scale_{s}'] if flag else t[f'logit_scale_{s}']) for s in SCALES]
        maps = [m[:1] + m[1:].flip(3) for m in maps]
        merged = lambda size: sum(F.interpolate(m, size=size, mode='bilinear', align_corners=False) for m in maps)
        low = merged(((h - 1) // 4 + 1, (w - 1) // 4 + 1))
        high = merged((16 * ((h - 1) // 16 + 1), 16 * ((w - 1) // 16 + 1)))[:, :, :h, :w]
        outs[f'cam_flag{flag}'] = (low / (low.max() + 1e-5))[0]
        outs[f'hr_cam_flag{flag}'] = full = (high / (high.max() + 1e-5))[0]
        outs[f'hard_t0.3_flag{flag}'] = decide.argmax(torch.cat([torch.full_like(full, hp['threshold']), full]), 0, f'hard {flag}')
    return outs


def sample_merged(rng, v):
    h, w, threshold = [(29, 50), (48, 17), (16, 16)][v] + ([0.2, 0.45, 0.6][v],)
    shape = lambda s: (-(-int(np.rint(h * s)) // 16), -(-int(np.rint(w * s)) // 16))
    maps = {f'logit_scale_{s}': rng.normal(0.3, 1, (2, 1, *shape(float(s)))) for s in SCALES}
    return maps, {}, {'scales': [float(s) for s in SCALES], 'threshold': threshold, 'image_size': [h, w]}, {}


def background_cue(t, hp, sizes, decide):
    keys = t['keys'].long()
    background = 1 - t['cue_png'] / 255
    label = lambda b, name: keys[decide.argmax(torch.cat([b[None], t['cams']]), 0, name)]
    return {'background': background, 'label': label(background, 'cue'), 'label_constant_0_2': label(torch.full_like(background, 0.2), 'constant')}


def sample_cue(rng, v):
    keys, h, w = [([0, 2, 20], 9, 12), ([0, 1, 3, 5, 6], 16, 7), ([0, 11], 1, 3)][v]
    cams = np.abs(blobs(rng, 1, len(keys) - 1, h, w))[0]
    return ({'cams': cams / cams.max((1, 2), keepdims=True), 'cue_png': rng.integers(0, 256, (h, w)).astype(np.int32), 'keys': np.array(keys, np.int32)},
            {}, {}, {})


CASES = [
    Case('c2am', 'sim_max_loss', sim_max, sample_max, lambda k: k == 'feats'),
    Case('c2am', 'sim_min_loss', sim_min, sample_min, lambda k: k in ('bg', 'fg')),
    Case('c2am', 'disentangler', disentangler, sample_disentangler, trained),
    Case('c2am', 'training_step_head', training_head, sample_training, trained, margin=1e-6),
    Case('c2am', 'sign_check', sign_check, sample_sign),
    Case('c2am', 'inference_merge', inference_merge, sample_merged),
    Case('c2am', 'background_cue_refinement', background_cue, sample_cue),
    Case('i2crc', 'region_distance_soft', region_distance, sampler_region(False), lambda k: k in ('maps', 'mask')),
    Case('i2crc', 'region_distance_binary', region_distance, sampler_region(True), lambda k: k in ('maps', 'mask')),
    Case('i2crc', 'cad_csd_losses', distances, sampler_distances(True), maps_only),
    Case('i2crc', 'cad_csd_no_single_tag', distances, sampler_distances(False), maps_only),
]
