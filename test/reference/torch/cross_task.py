"""Affinities of two tasks and their heads (test/fixtures/auxsegnet-plus)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from backbones import draw_cotangents, trained, with_cotangents
from reference import Case
from sipe import blobs, draw_labels


def biased(t, name, x, dilation=1):
    w = t[f'{name}.weight']
    return F.conv2d(x, w, t.get(f'{name}.bias'), padding=dilation * (w.shape[2] - 1) // 2, dilation=dilation)


def draw_biased(rng, name, o, i, k):
    return resnet.draw_conv(rng, name, o, i, k) | {f'{name}.bias': rng.normal(0, 0.2, o)}


def affinity_of(t, p, x):
    return torch.einsum('ncp,ncq->npq', biased(t, f'{p}theta', x).flatten(2), biased(t, f'{p}phi', x).flatten(2)).softmax(2)


def mix(t, p, first, second, decide):
    both = torch.stack([first, second], 1)
    weights = biased(t, f'{p}2', decide.relu(biased(t, f'{p}0', both))).softmax(1)
    return weights, (weights * both).sum(1)


def spread(affinity, x):
    return torch.einsum('npq,ncq->ncp', affinity, x.flatten(2)).reshape(x.shape)


def pairwise(t, hp, sizes, decide):
    return with_cotangents(t, {'affinity': affinity_of(t, '', t['x'])})


def sample_pairwise(rng, v):
    n, c, width, h, w = [(1, 4, 3, 5, 7), (3, 5, 8, 4, 6), (2, 1, 1, 1, 2)][v]
    inputs, params = {'x': blobs(rng, n, c, h, w)}, draw_biased(rng, 'theta', width, c, 1) | draw_biased(rng, 'phi', width, c, 1)
    return {**inputs, **draw_cotangents(rng, pairwise, inputs, params, {})}, params, {}, {}


def cross(t, hp, sizes, decide):
    weights, a = mix(t, '', t['seg_affinity'], t['sal_affinity'], decide)
    outs = {'cross_affinity': a, 'seg_refined': spread(a, t['seg_logits']), 'sal_refined': spread(a, t['sal_logits'])}
    return {**with_cotangents(t, outs), 'task_weights': weights}


def draw_mix(rng, p):
    return resnet.draw_conv(rng, f'{p}0', 2, 2, 3) | draw_biased(rng, f'{p}2', 2, 2, 1)


def sample_cross(rng, v):
    n, c, d = [(1, 3, 13), (3, 6, 12), (2, 1, 2)][v]
    rows = lambda: torch.tensor(2 * rng.normal(size=(n, d, d))).softmax(2).numpy()
    inputs = {'seg_affinity': rows(), 'sal_affinity': rows(), 'seg_logits': rng.normal(size=(n, c, d)), 'sal_logits': rng.normal(size=(n, 1, d))}
    params = draw_mix(rng, '')
    cot = {k: v for k, v in draw_cotangents(rng, cross, inputs, params, {}).items() if k != 'cot_task_weights'}
    return {**inputs, **cot}, params, {}, {}


def head(t, p, x, dilations, decide):
    f = decide.relu(biased(t, f'{p}_conv2', decide.relu(biased(t, f'{p}_conv1', x, dilations[0])), dilations[1]))
    a = affinity_of(t, f'{p}_att.', f)
    enhanced = f + biased(t, f'{p}_W', spread(a, biased(t, f'{p}_g', f)))
    return a, enhanced, biased(t, f'{p}_conv4', decide.relu(biased(t, f'{p}_conv3', enhanced, dilations[2])))


def heads(t, hp, sizes, decide):
    x = t['x']
    cls = F.conv2d(x.mean((2, 3), keepdim=True), t['fc8.weight']).flatten(1)
    seg_a, seg_f, seg = head(t, 'seg', x, hp['dilations'], decide)
    sal_a, sal_f, sal = head(t, 'sal', x, hp['dilations'], decide)
    _, a = mix(t, 'cross_att.', seg_a, sal_a, decide)
    seg2, sal2 = spread(a, seg), spread(a, sal)
    up = lambda y: F.interpolate(y, size=hp['image_size'], mode='bilinear', align_corners=False)
    ce = lambda y: F.cross_entropy(up(y), t['seg_label'].long(), ignore_index=255)
    bce = lambda y: F.binary_cross_entropy_with_logits(up(y)[:, 0], t['saliency'])
    losses = {'loss_cls': F.multilabel_soft_margin_loss(cls, t['labels']), 'loss_sal': bce(sal), 'loss_sal_refined': bce(sal2), 'loss_seg': ce(seg), 'loss_seg_refined': ce(seg2)}
    return {'cls': cls, 'cam': F.conv2d(x, t['fc8.weight']), 'seg_affinity': seg_a, 'sal_affinity': sal_a, 'seg_features': seg_f, 'sal_features': sal_f,
            'cross_affinity': a, 'sal': sal, 'sal_refined': sal2, 'seg': seg, 'seg_refined': seg2, **losses, 'loss': sum(losses.values())}


def sample_heads(rng, v):
    n, k, c, width, h, w, dilations, size = [(1, 3, 5, 4, 6, 9, [1, 3, 5], [23, 35]), (3, 6, 7, 8, 7, 5, [2, 4, 6], [26, 20]), (1, 1, 2, 1, 1, 2, [6, 12, 18], [4, 7])][v]
    d = resnet.draw_conv(rng, 'fc8', k, c, 1) | draw_mix(rng, 'cross_att.')
    for p, out in (('seg', k + 1), ('sal', 1)):
        d |= draw_biased(rng, f'{p}_conv1', width, c, 3) | draw_biased(rng, f'{p}_conv2', width, width, 3) | draw_biased(rng, f'{p}_conv3', width, width, 3)
        d |= resnet.draw_conv(rng, f'{p}_conv4', out, width, 1) | draw_biased(rng, f'{p}_att.theta', width, width, 1) | draw_biased(rng, f'{p}_att.phi', width, width, 1)
        d |= draw_biased(rng, f'{p}_g', width, width, 1) | draw_biased(rng, f'{p}_W', width, width, 1)
    label = rng.choice([*range(k + 1), 255], (n, *size))
    return {'x': blobs(rng, n, c, h, w), 'labels': draw_labels(rng, n, k), 'saliency': rng.random((n, *size)), 'seg_label': label}, d, {'dilations': dilations, 'image_size': size, 'dropout': 'off'}, {}


def fusion(t, hp, sizes, decide):
    cam = t['cam'] * t['labels'][:, :, None, None]
    peak = cam.amax(1)
    decide.note('map to threshold', (peak - hp['cam_threshold']).abs())
    decide.note('saliency to threshold', (t['saliency'] - hp['saliency_threshold']).abs())
    a, b = peak > hp['cam_threshold'], t['saliency'] > hp['saliency_threshold']
    return {'label': torch.where(a & b, cam.argmax(1) + 1, torch.where(a | b, torch.full_like(cam.argmax(1), hp['ignore']), 0))}


def sample_fusion(rng, v):
    n, k, h, w = [(1, 3, 9, 8), (4, 7, 6, 11), (1, 1, 1, 3)][v]
    hp = {'cam_threshold': [0.5, 0.2, 0.7][v], 'saliency_threshold': [0.4, 0.06, 0.3][v], 'ignore': [200, 255, 99][v]}
    return {'cam': rng.random((n, k, h, w)), 'saliency': rng.random((n, h, w)), 'labels': draw_labels(rng, n, k)}, {}, hp, {}


# Softmax takes no notice of what phi's bias adds to a row: that gradient is zero but for rounding, and the given files leave it out.
learned = lambda k: trained(k) and not k.endswith('phi.bias')
CASES = [
    Case('auxsegnet-plus', 'pairwise_affinity', pairwise, sample_pairwise, learned),
    Case('auxsegnet-plus', 'cross_task_affinity', cross, sample_cross, trained),
    Case('auxsegnet-plus', 'heads_and_losses', heads, sample_heads, lambda k: learned(k) and k not in ('labels', 'saliency', 'seg_label')),
    Case('auxsegnet-plus', 'label_fusion_rule', fusion, sample_fusion),
]
