"""Pieces of backbones and operators (test/fixtures/backbones)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case, Decisions
from sipe import blobs


def with_cotangents(t, outs):
    """The loss of most cases: the sum of every output times its cotangent."""
    return {**outs, 'loss': sum((v * t[f'cot_{k}']).sum() for k, v in outs.items() if f'cot_{k}' in t)}


def draw_cotangents(rng, case, inputs, params, hp):
    """Cotangents of the shapes that the outputs have."""
    t = {k: torch.tensor(np.asarray(v), dtype=torch.float64) for k, v in {**inputs, **params}.items()}
    shapes = {k: v.shape for k, v in case(t, hp, {}, Decisions()).items() if k != 'loss'}
    return {f'cot_{k}': rng.normal(size=tuple(s)) for k, s in shapes.items()}


def trained(k):
    return not k.startswith('cot_') and 'running' not in k


def stem(t, hp, sizes, decide):
    conv, y = resnet.stem(t, '', t['x'], hp['bn_eps'], decide)
    return with_cotangents(t, {'conv': conv, 'y': y})


def sample_stem(rng, v):
    n, c, h, w = [(1, 3, 37, 53), (3, 5, 24, 19), (2, 1, 5, 1)][v]
    inputs, params, hp = {'x': blobs(rng, n, 3, h, w)}, resnet.draw_conv(rng, 'conv1', c, 3, 7) | resnet.draw_norm(rng, 'bn1', c), {'bn_eps': [1e-2, 1e-5, 0.3][v]}
    cot = draw_cotangents(rng, stem, inputs, params, hp)
    return {**inputs, 'cot_y': cot['cot_y']}, params, hp, {}


def stage(t, hp, sizes, decide):
    y = resnet.stage(t, '', t['x'], hp['blocks'], hp['stride'], hp['dilation'], hp['bn_eps'], decide)
    return with_cotangents(t, {'y': y})


def sampler_stage(variants):
    def sample(rng, v):
        n, inplanes, planes, blocks, stride, dilation, h, w, eps = variants[v]
        hp = {'inplanes': inplanes, 'planes': planes, 'expansion': 4, 'blocks': blocks, 'stride': stride, 'dilation': dilation, 'bn_eps': eps}
        inputs, params = {'x': blobs(rng, n, inplanes, h, w)}, resnet.draw_stage(rng, '', inplanes, planes, blocks, stride)
        return {**inputs, **draw_cotangents(rng, stage, inputs, params, hp)}, params, hp, {}
    return sample


def norms(t, hp, sizes, decide):
    mean, var = t['bn.running_mean'].detach().clone(), t['bn.running_var'].detach().clone()
    train = F.batch_norm(t['x'], mean, var, t['bn.weight'], t['bn.bias'], True, hp['momentum'], hp['eps'])
    outs = with_cotangents(t, {
        'bn_train': train,
        'bn_eval': F.batch_norm(t['x'], t['bn.running_mean'], t['bn.running_var'], t['bn.weight'], t['bn.bias'], False, 0.0, hp['eps']),
        'gn': F.group_norm(t['x'], hp['groups'], t['gn.weight'], t['gn.bias'], hp['eps']),
    })
    return {**outs, 'new_running_mean': mean, 'new_running_var': var}


def sample_norms(rng, v):
    n, c, h, w, groups, momentum, eps = [(1, 6, 5, 9, 3, 0.3, 1e-2), (4, 12, 4, 3, 2, 0.01, 1e-5), (2, 3, 1, 2, 1, 1.0, 0.1)][v]
    inputs = {'x': 0.4 + 1.3 * rng.normal(size=(n, c, h, w))}
    inputs |= {f'cot_{k}': rng.normal(size=(n, c, h, w)) for k in ('bn_train', 'bn_eval', 'gn')}
    gn = {k.replace('bn', 'gn'): x for k, x in resnet.draw_norm(rng, 'bn', c).items() if 'running' not in k}
    return inputs, resnet.draw_norm(rng, 'bn', c) | gn, {'eps': eps, 'momentum': momentum, 'groups': groups}, {}


def basic_losses(t, hp, sizes, decide):
    ignore = hp['ignore_index']
    labels = t['seg_labels'].long()
    ce = F.cross_entropy(t['seg_logits'], labels, ignore_index=ignore, reduction='none')
    outs = {
        'multilabel_soft_margin': F.multilabel_soft_margin_loss(t['logits'], t['labels']),
        'bce_logits': F.binary_cross_entropy_with_logits(t['bin_logits'], t['bin_target']),
        'bce_logits_cls': F.binary_cross_entropy_with_logits(t['logits'], t['labels']),
        'ce_map': ce, 'ce_mean': ce.sum() / (labels != ignore).sum(),
    }
    return {**outs, 'loss': outs['multilabel_soft_margin'] + outs['bce_logits'] + outs['bce_logits_cls'] + outs['ce_mean']}


def sample_losses(rng, v):
    n, c, h, w, ignore = [(1, 3, 5, 11, 200), (3, 9, 6, 4, 255), (2, 1, 2, 3, -1)][v]
    seg = rng.integers(0, c, (n, h, w))
    seg[rng.random(seg.shape) < 0.25] = ignore
    return ({'logits': 3 * rng.normal(size=(n, c)), 'labels': (rng.random((n, c)) < 0.4) * 1.0, 'seg_logits': 3 * rng.normal(size=(n, c, h, w)),
             'seg_labels': seg, 'bin_target': (rng.random((n, 1, h, w)) < 0.5) * 1.0, 'bin_logits': 3 * rng.normal(size=(n, 1, h, w))}, {},
            {'ignore_index': ignore}, {})


def interpolate(t, hp, sizes, decide):
    x, outs = t['x'], {}
    for name in ('up', 'down', 'mixed'):
        for how, corners in (('ac', True), ('noac', False)):
            outs[f'{name}_{how}'] = F.interpolate(x, size=hp[name], mode='bilinear', align_corners=corners)
    for s in (4, 2):
        outs[f'scale{s}_noac'] = F.interpolate(x, scale_factor=s, mode='bilinear', align_corners=False)
    for name in ('up', 'down'):
        outs[f'nearest_{name}'] = F.interpolate(x, size=hp[name], mode='nearest')
    outs['from1x1_ac'] = F.interpolate(x[:, :, :1, :1], size=hp['down'], mode='bilinear', align_corners=True)
    return with_cotangents(t, outs)


def sample_interpolate(rng, v):
    n, c, h, w, hp = [
        (1, 2, 5, 11, {'up': [13, 17], 'down': [1, 4], 'mixed': [9, 3]}),
        (3, 1, 8, 6, {'up': [16, 7], 'down': [3, 6], 'mixed': [5, 13]}),
        (2, 1, 1, 2, {'up': [3, 2], 'down': [1, 1], 'mixed': [5, 1]}),
    ][v]
    x = {'x': rng.normal(size=(n, c, h, w))}
    return {**x, **draw_cotangents(rng, interpolate, x, {}, hp)}, {}, hp, {}


def pooling(t, hp, sizes, decide):
    x = t['x']
    return with_cotangents(t, {
        'floor': F.max_pool2d(x, 3, 2, 1), 'ceil': F.max_pool2d(x, 3, 2, 1, ceil_mode=True),
        'avg3s1': F.avg_pool2d(x, 3, 1, 1, count_include_pad=True), 'avg2s2': F.avg_pool2d(x, 2, 2),
    })


def sample_pooling(rng, v):
    n, c, h, w = [(1, 3, 9, 14), (3, 2, 10, 7), (2, 1, 2, 3)][v]
    x = {'x': rng.normal(size=(n, c, h, w)) - 1}
    return {**x, **draw_cotangents(rng, pooling, x, {}, {})}, {}, {}, {}


def adaptive(t, hp, sizes, decide):
    x = t['x']
    return with_cotangents(t, {
        'avg1': F.adaptive_avg_pool2d(x, 1), 'max1': F.adaptive_max_pool2d(x, 1),
        'avg': F.adaptive_avg_pool2d(x, hp['size']), 'max': F.adaptive_max_pool2d(x, hp['size']),
    })


def sample_adaptive(rng, v):
    n, c, h, w, size = [(1, 3, 7, 12, [2, 5]), (3, 2, 9, 8, [4, 8]), (2, 1, 3, 4, [5, 4])][v]
    x = {'x': rng.normal(size=(n, c, h, w)) - 1}
    return {**x, **draw_cotangents(rng, adaptive, x, {}, {'size': size})}, {}, {'size': size}, {}


def grid_sample(t, hp, sizes, decide):
    return with_cotangents(t, {
        'ac': F.grid_sample(t['x'], t['grid'], mode='bilinear', padding_mode='zeros', align_corners=True),
        'noac': F.grid_sample(t['x'], t['grid'], mode='bilinear', padding_mode='zeros', align_corners=False),
    })


def sample_grid_sample(rng, v):
    n, c, h, w, rows, columns = [(1, 2, 5, 11, 7, 4), (3, 1, 4, 6, 2, 9), (2, 1, 1, 2, 3, 1)][v]
    x = {'x': rng.normal(size=(n, c, h, w)), 'grid': rng.uniform(-1.4, 1.4, size=(n, rows, columns, 2))}
    return {**x, **draw_cotangents(rng, grid_sample, x, {}, {})}, {}, {}, {}


CASES = [
    Case('backbones', 'resnet_stem', stem, sample_stem, trained),
    Case('backbones', 'resnet_stage_stride2', stage, sampler_stage([(1, 5, 2, 1, 2, 1, 11, 13, 1e-2), (3, 4, 3, 3, 2, 1, 8, 5, 1e-5), (2, 1, 1, 1, 3, 1, 4, 1, 0.1)]), trained),
    Case('backbones', 'resnet_stage_stride1_dil2', stage, sampler_stage([(1, 5, 2, 2, 1, 3, 9, 13, 1e-2), (3, 8, 2, 4, 1, 2, 7, 6, 1e-5), (2, 4, 1, 2, 2, 4, 3, 5, 0.1)]), trained),
    Case('backbones', 'norms', norms, sample_norms, trained),
    Case('backbones', 'basic_losses', basic_losses, sample_losses, lambda k: k in ('logits', 'seg_logits', 'bin_logits')),
    Case('backbones', 'interpolate', interpolate, sample_interpolate, trained),
    Case('backbones', 'pooling_windows', pooling, sample_pooling, trained),
    Case('backbones', 'adaptive_pooling', adaptive, sample_adaptive, trained),
    Case('backbones', 'grid_sample', grid_sample, sample_grid_sample, trained),
]
