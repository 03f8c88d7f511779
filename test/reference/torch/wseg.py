"""Parts of 1-stage-wseg and WS-FCN (test/fixtures/1-stage-wseg and ws-fcn) after the backbone."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from backbones import draw_cotangents, trained, with_cotangents
from reference import Case
from sipe import blobs
from wide_deeplab import conv


def live_norm(t, name, x, eps):
    """By the statistics of the batch; without scale and shift where the parameters have none."""
    return F.batch_norm(x, None, None, t.get(f'{name}.weight'), t.get(f'{name}.bias'), True, 0.0, eps)


def stored_norm(t, name, x, eps):
    return F.batch_norm(x, t[f'{name}.running_mean'], t[f'{name}.running_var'], t.get(f'{name}.weight'), t.get(f'{name}.bias'), False, 0.0, eps)


def draw_unit_norm(rng, name, c):
    return {**resnet.draw_norm(rng, name, c), f'{name}.running_mean': np.zeros(c), f'{name}.running_var': np.ones(c)}


# -------------------------------------------------------------- context

def aspp_maps(t, p, x, dilations, eps, decide):
    maps = []
    for i, d in enumerate(dilations, 1):
        maps.append(decide.relu(stored_norm(t, f'{p}aspp{i}.bn', conv(t, f'{p}aspp{i}.atrous_conv', x, 1, d), eps)))
    pooled = decide.relu(stored_norm(t, f'{p}global_avg_pool.2', conv(t, f'{p}global_avg_pool.1', x.mean((2, 3), keepdim=True)), eps))
    maps.append(pooled.expand(-1, -1, *x.shape[2:]))
    return decide.relu(stored_norm(t, f'{p}bn1', conv(t, f'{p}conv1', torch.cat(maps, 1)), eps))


def draw_aspp(rng, p, c, width, dilations):
    d = {}
    for i, dil in enumerate(dilations, 1):
        d |= resnet.draw_conv(rng, f'{p}aspp{i}.atrous_conv', width, c, 1 if dil == 1 else 3) | draw_unit_norm(rng, f'{p}aspp{i}.bn', width)
    d |= resnet.draw_conv(rng, f'{p}global_avg_pool.1', width, c, 1) | draw_unit_norm(rng, f'{p}global_avg_pool.2', width)
    return d | resnet.draw_conv(rng, f'{p}conv1', width, width * (len(dilations) + 1), 1) | draw_unit_norm(rng, f'{p}bn1', width)


def aspp(t, hp, sizes, decide):
    return with_cotangents(t, {'y': aspp_maps(t, '', t['x'], hp['dilations'], hp['bn_eps'], decide)})


def sample_aspp(rng, v):
    n, c, width, h, w, dilations, eps = [(2, 5, 3, 9, 14, [1, 2, 3, 5], 1e-2), (3, 4, 6, 8, 7, [1, 6, 2, 3], 1e-5), (2, 1, 1, 1, 2, [1, 12, 24, 36], 0.1)][v]
    inputs, params, hp = {'x': blobs(rng, n, c, h, w)}, draw_aspp(rng, '', c, width, dilations), {'dilations': dilations, 'bn_eps': eps}
    return {**inputs, **draw_cotangents(rng, aspp, inputs, params, hp)}, params, hp, {}


def separable(t, p, x, kernel, dilation):
    pad = dilation * (kernel - 1) // 2
    tall = lambda w, y: F.conv2d(y, t[f'{p}{w}.weight'], padding=(pad, 0), dilation=dilation)
    wide = lambda w, y: F.conv2d(y, t[f'{p}{w}.weight'], padding=(0, pad), dilation=dilation)
    return wide('conv1_2', tall('conv1_1', x)) + tall('conv2_2', wide('conv2_1', x))


def fca_maps(t, p, x, kernels, dilations, eps, decide):
    def attention(y):
        mlp = lambda v: conv(t, f'{p}ca.sharedMLP.2', decide.relu(conv(t, f'{p}ca.sharedMLP.0', v)))
        return torch.sigmoid(mlp(y.mean((2, 3), keepdim=True)) + mlp(decide.spatial_max(y, 'attention max')))
    branches = [separable(t, f'{p}fca{i}.', x, k, d) for i, (k, d) in enumerate(zip(kernels, dilations), 1)]
    pooled = decide.relu(stored_norm(t, f'{p}global_avg_pool.2', conv(t, f'{p}global_avg_pool.1', x.mean((2, 3), keepdim=True)), eps))
    u = torch.cat([attention(b) * b for b in branches] + [pooled.expand(-1, -1, *x.shape[2:])], 1)
    u = stored_norm(t, f'{p}bn1', conv(t, f'{p}conv1', u), eps)
    s = torch.sigmoid(conv(t, f'{p}sa.conv', torch.cat([u.mean(1, keepdim=True), decide.channel_max(u)], 1)))
    return branches, u, s * u + u


def fca(t, hp, sizes, decide):
    branches, u, y = fca_maps(t, '', t['x'], hp['kernels'], hp['dilations'], hp['bn_eps'], decide)
    outs = with_cotangents(t, {'y': y})
    return {**outs, 'fused': u, **{f'branch{i}': b for i, b in enumerate(branches, 1)}}


def draw_fca(rng, p, c, width, hidden, kernels):
    strip = lambda name, i, kh, kw: {f'{p}{name}.weight': rng.normal(0, np.sqrt(2 / (i * kh * kw)), (width, i, kh, kw))}
    d = resnet.draw_conv(rng, f'{p}sa.conv', 1, 2, 3) | resnet.draw_conv(rng, f'{p}ca.sharedMLP.0', hidden, width, 1) | resnet.draw_conv(rng, f'{p}ca.sharedMLP.2', width, hidden, 1)
    for i, k in enumerate(kernels, 1):
        d |= strip(f'fca{i}.conv1_1', c, k, 1) | strip(f'fca{i}.conv1_2', width, 1, k) | strip(f'fca{i}.conv2_1', c, 1, k) | strip(f'fca{i}.conv2_2', width, k, 1)
    d |= resnet.draw_conv(rng, f'{p}global_avg_pool.1', width, c, 1) | draw_unit_norm(rng, f'{p}global_avg_pool.2', width)
    return d | resnet.draw_conv(rng, f'{p}conv1', width, width * (len(kernels) + 1), 1) | draw_unit_norm(rng, f'{p}bn1', width)


def sampler_fca(variants):
    def sample(rng, v):
        n, c, width, h, w, kernels, dilations, eps = variants[v]
        hp = {'kernels': kernels, 'dilations': dilations, 'paddings': [d * (k - 1) // 2 for k, d in zip(kernels, dilations)], 'bn_eps': eps}
        inputs, params = {'x': blobs(rng, n, c, h, w)}, draw_fca(rng, '', c, width, width, kernels)
        return {**inputs, 'cot_y': draw_cotangents(rng, fca, inputs, params, hp)['cot_y']}, params, hp, {}
    return sample


# -------------------------------------------------------------- fusion

def gci_maps(t, p, shallow, deep, norm, eps, decide):
    a = decide.spatial_max(decide.relu(norm(t, f'{p}fc_deep.1', conv(t, f'{p}fc_deep.0', deep), eps)), 'attributes')
    half = a.shape[1] // 2
    z = decide.relu(norm(t, f'{p}fc_skip.1', conv(t, f'{p}fc_skip.0', shallow), eps) * (a[:, :half] + 1) + a[:, half:])
    return a.flatten(1), decide.relu(norm(t, f'{p}fc_cls.1', conv(t, f'{p}fc_cls.0', z), eps))


def draw_gci(rng, p, c, c2, width):
    skip = {k: v for k, v in resnet.draw_norm(rng, f'{p}fc_skip.1', width).items() if 'running' in k}
    d = resnet.draw_conv(rng, f'{p}fc_deep.0', 2 * width, c2, 1) | resnet.draw_norm(rng, f'{p}fc_deep.1', 2 * width)
    d |= resnet.draw_conv(rng, f'{p}fc_skip.0', width, c, 1) | skip
    return d | resnet.draw_conv(rng, f'{p}fc_cls.0', width, width, 1) | resnet.draw_norm(rng, f'{p}fc_cls.1', width)


def gci(t, hp, sizes, decide):
    a, y = gci_maps(t, '', t['shallow'], t['deep'], live_norm, hp['bn_eps'], decide)
    _, stored = gci_maps(t, '', t['shallow'], t['deep'], stored_norm, hp['bn_eps'], decide)
    return {**with_cotangents(t, {'y': y, 'y_eval': stored}), 'attributes': a}


def sample_gci(rng, v):
    n, c, c2, width, h, w, eps = [(2, 5, 3, 6, 7, 12, 1e-2), (4, 4, 6, 5, 6, 5, 1e-5), (2, 2, 1, 1, 2, 3, 0.1)][v]
    inputs = {'shallow': blobs(rng, n, c, h, w), 'deep': blobs(rng, n, c2, h, w)}
    params, hp = draw_gci(rng, '', c, c2, width), {'bn_eps': eps}
    cot = draw_cotangents(rng, gci, inputs, params, hp)
    return {**inputs, 'cot_y': cot['cot_y'], 'cot_y_eval': cot['cot_y_eval']}, params, hp, {}


def gate(t, hp, sizes, decide):
    deep, shallow, r, psi = t['deep'], t['shallow'], t['mask'], hp['psi']
    return with_cotangents(t, {'y_train': r * (deep - psi * shallow) / (1 - psi) + (1 - r) * shallow, 'y_eval': (1 - psi) * deep + psi * shallow})


def sample_gate(rng, v):
    shape, psi = [((1, 3, 5, 4), 0.2), ((3, 2, 4, 6), 0.5), ((1, 1, 1, 2), 0.9)][v]
    inputs = {'deep': rng.normal(size=shape), 'shallow': rng.normal(size=shape), 'mask': (rng.random(shape) < 1 - psi) * 1.0}
    return {**inputs, **draw_cotangents(rng, gate, inputs, {}, {'psi': psi})}, {}, {'psi': psi}, {}


def cross_fusion(t, hp, sizes, decide):
    def step(i, p, x):
        y = F.conv2d(x, t[f'conv{i}{p}.weight'], t[f'conv{i}{p}.bias'], padding=1)
        return decide.relu(live_norm(t, f'bn{i}{p}', y, hp['bn_eps']))
    h1, v1 = step(1, 'h', t['low']), step(1, 'v', t['up'])
    f = step(2, 'h', h1) * step(2, 'v', v1)
    return with_cotangents(t, {'shallow': step(4, 'h', step(3, 'h', f) + h1), 'deep': step(4, 'v', step(3, 'v', f) + v1)})


def draw_cross(rng, p, c, c2, width):
    d = {}
    for path, first in (('h', c), ('v', c2)):
        for i in range(1, 5):
            d |= resnet.draw_conv(rng, f'{p}conv{i}{path}', width, first if i == 1 else width, 3) | {f'{p}conv{i}{path}.bias': rng.normal(0, 0.2, width)}
            d |= resnet.draw_norm(rng, f'{p}bn{i}{path}', width)
    return d


def sample_cross(rng, v):
    n, c, c2, width, h, w, eps = [(3, 5, 3, 4, 7, 11, 1e-2), (4, 3, 4, 5, 6, 5, 1e-5), (2, 2, 1, 1, 3, 4, 0.1)][v]
    inputs, params, hp = {'low': blobs(rng, n, c, h, w), 'up': blobs(rng, n, c2, h, w)}, draw_cross(rng, '', c, c2, width), {'bn_eps': eps}
    return {**inputs, **draw_cotangents(rng, cross_fusion, inputs, params, hp)}, params, hp, {}


# -------------------------------------------------------------- scores, pseudo labels, losses

def scores(fg, power, floor):
    x = torch.cat([torch.ones_like(fg[:, :1]), fg], 1)
    m = x.softmax(1)
    pooled = (m * x).sum((2, 3)) / (1 + m.sum((2, 3)))
    share = m.mean((2, 3))
    penalty = (1 - share) ** power * torch.log(floor + share)
    return x, m, pooled, penalty, (pooled + penalty)[:, 1:]


def ngwp(t, hp, sizes, decide):
    _, m, pooled, penalty, score = scores(t['fg_logits'], hp['focal_p'], hp['focal_lambda'])
    return {'mask': m, 'ngwp': pooled, 'focal': penalty, 'score': score, 'loss': F.multilabel_soft_margin_loss(score, t['labels'])}


def sample_ngwp(rng, v):
    n, k, h, w, p, lam = [(1, 3, 7, 9, 2, 0.05), (4, 7, 5, 6, 4, 0.01), (2, 1, 1, 2, 3, 0.1)][v]
    return {'fg_logits': 2 * blobs(rng, n, k, h, w) - 1, 'labels': draw_tags(rng, n, k)}, {}, {'focal_p': p, 'focal_lambda': lam}, {}


def draw_tags(rng, n, k):
    tags = (rng.random((n, k)) < 0.4) * 1.0
    tags[np.arange(n), rng.integers(0, k, n)] = 1
    return tags


def pseudo_labels(mask, labels, bg, fg, floor, ignore, decide):
    clean = torch.cat([mask[:, :1], mask[:, 1:] * labels[:, :, None, None]], 1)
    peak = clean.amax((2, 3))
    threshold = torch.cat([bg * peak[:, :1], fg * peak[:, 1:]], 1).clamp(min=floor)
    decide.note('mask to threshold', (clean - threshold[:, :, None, None]).abs())
    claims = (clean > threshold[:, :, None, None]).to(mask.dtype)
    pseudo = claims * (claims.sum(1, keepdim=True) <= 1)
    index = torch.where(pseudo.sum(1) > 0, pseudo.argmax(1), torch.full_like(pseudo.argmax(1), ignore))
    return clean, threshold, pseudo, index


def balanced(logits, pseudo, index, labels, ignore):
    y = F.interpolate(logits, size=pseudo.shape[2:], mode='bilinear', align_corners=True)
    n_c = pseudo.sum((2, 3))
    n = n_c.sum(1, keepdim=True)
    weight = (n - n_c) / (1 + n)
    ce = F.cross_entropy(y, index, ignore_index=ignore, reduction='none')
    each = ((pseudo * weight[:, :, None, None]).sum(1) * ce).mean((1, 2))
    complete = (n_c > 0).sum(1) == labels.sum(1) + 1
    return weight, torch.where(complete, each, torch.zeros_like(each))


def pseudo_gt(t, hp, sizes, decide):
    clean, threshold, pseudo, index = pseudo_labels(t['mask'], t['labels'], hp['background_factor'], hp['foreground_factor'], hp['floor'], hp['ignore'], decide)
    weight, each = balanced(t['logits'], pseudo, index, t['labels'], hp['ignore'])
    return {'clean_mask': clean, 'threshold': threshold, 'pseudo': pseudo, 'index': index, 'class_weight': weight, 'loss_per_image': each, 'loss': each.mean()}


def sample_pseudo(rng, v):
    n, k, h, w, h2, w2, hp = [
        (2, 3, 9, 16, 4, 9, {'background_factor': 0.8, 'foreground_factor': 0.5, 'floor': 0.1, 'ignore': 200}),
        (4, 2, 8, 7, 8, 7, {'background_factor': 0.7, 'foreground_factor': 0.6, 'floor': 0.2, 'ignore': 255}),
        (2, 1, 1, 5, 1, 1, {'background_factor': 0.9, 'foreground_factor': 0.3, 'floor': 0.05, 'ignore': 77}),
    ][v]
    mask = torch.tensor(3 * blobs(rng, n, k + 1, h, w)).softmax(1).numpy()
    return {'mask': mask, 'labels': draw_tags(rng, n, k), 'logits': 2 * rng.normal(size=(n, k + 1, h2, w2))}, {}, hp, {}


FCA_SMALL = [(1, 5, 3, 9, 12, [1, 3, 5, 3], [1, 2, 3, 4], 1e-2), (3, 4, 6, 8, 7, [1, 3, 5, 7], [1, 6, 2, 1], 1e-5), (2, 1, 1, 1, 2, [1, 3, 5, 7], [1, 12, 24, 36], 0.1)]
FCA_LARGE = [(2, 3, 2, 17, 22, [1, 3, 7, 5], [2, 5, 4, 7], 1e-3), (3, 2, 3, 21, 13, [3, 1, 5, 7], [1, 6, 9, 3], 1e-5), (1, 1, 1, 38, 40, [1, 3, 5, 7], [1, 12, 24, 36], 0.1)]
# -------------------------------------------------------------- versions of an image

def merge(t, hp, sizes, decide):
    size = hp['image_size']
    p = torch.sigmoid(t['scores']).max(0).values
    decide.note('presence', (p - hp['presence']).abs())
    present = (p > hp['presence']).to(t['masks'].dtype)
    total = 0
    for i, (mask, (top, left, h, w)) in enumerate(zip(t['masks'], t['pads'].long().tolist())):
        m = F.interpolate(mask[None, :, top:top + h, left:left + w], size=size, mode='bilinear', align_corners=False)[0]
        m = m.flip(2) if i % 2 else m
        total = total + torch.cat([m[:1], m[1:] * present[:, None, None]])
    mean = total / len(t['masks'])
    labels = lambda background, name: decide.argmax(torch.cat([background, mean[1:]]), 0, name)
    return {
        'present': present, 'mean': mean, 'label_fixed_bg': labels(torch.full_like(mean[:1], hp['background']), 'fixed'),
        'label_bg_pow3': labels(mean[:1] ** 3, 'cubed'),
        'crf_scores': torch.cat([(1 - mean[1:].max(0, keepdim=True).values) ** 5, mean[1:]]),
    }


def sample_merge(rng, v):
    # Pads of each scale; the mirrored version of a scale lies where the other does.
    k, side, size, scales, presence, background = [
        (3, 19, [11, 14], [(4, 2, 11, 14), (6, 6, 6, 7), (1, 0, 17, 19)], 0.3, 0.3),
        (6, 30, [20, 13], [(5, 8, 20, 13), (0, 5, 30, 20)], 0.05, 0.2),
        (1, 9, [5, 4], [(2, 2, 5, 4)], 0.5, 0.4),
    ][v]
    pads = np.repeat(np.array(scales, np.int32), 2, axis=0)
    e = np.exp(2 * blobs(rng, len(pads), k + 1, side, side))
    return ({'masks': e / e.sum(1, keepdims=True), 'pads': pads, 'scores': rng.normal(-2, 1.5, (len(pads), k))}, {},
            {'presence': presence, 'background': background, 'image_size': size}, {})


CASES = [
    Case('1-stage-wseg', 'aspp', aspp, sample_aspp, trained),
    Case('1-stage-wseg', 'gci', gci, sample_gci, trained),
    Case('1-stage-wseg', 'stochastic_gate', gate, sample_gate, lambda k: k in ('deep', 'shallow')),
    *(Case(m, 'ngwp_focal_cls', ngwp, sample_ngwp, lambda k: k == 'fg_logits') for m in ('1-stage-wseg', 'ws-fcn')),
    *(Case(m, 'pseudo_gt_balanced_ce', pseudo_gt, sample_pseudo, lambda k: k == 'logits') for m in ('1-stage-wseg', 'ws-fcn')),
    Case('ws-fcn', 'multiscale_merge', merge, sample_merge),
    Case('ws-fcn', 'fca', fca, sampler_fca(FCA_SMALL), trained),
    Case('ws-fcn', 'fca_large_map', fca, sampler_fca(FCA_LARGE), trained),
    Case('ws-fcn', 'sf2_cross_fusion', cross_fusion, sample_cross, lambda k: trained(k) and not (k.startswith('conv') and k.endswith('bias'))),
]
