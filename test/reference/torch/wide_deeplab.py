"""ResNet-38d and DeepLab-v2 (test/fixtures/backbones), from parameters by their published names."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from backbones import draw_cotangents, trained, with_cotangents
from reference import Case
from sipe import blobs


def norm_relu(t, name, x, eps, decide):
    return decide.relu(resnet.batch_norm(t, name, x, eps))


def conv(t, name, x, stride=1, dilation=1):
    w = t[f'{name}.weight']
    return F.conv2d(x, w, t.get(f'{name}.bias'), stride=stride, padding=dilation * (w.shape[2] // 2), dilation=dilation)


# -------------------------------------------------------------- ResNet-38d

def wide_block(t, p, x, stride, dilations, eps, decide):
    u = norm_relu(t, f'{p}bn_branch2a', x, eps, decide)
    y = conv(t, f'{p}conv_branch2a', u, stride, dilations[0])
    y = conv(t, f'{p}conv_branch2b1', norm_relu(t, f'{p}bn_branch2b1', y, eps, decide), 1, dilations[1])
    return u, y + (conv(t, f'{p}conv_branch1', u, stride) if f'{p}conv_branch1.weight' in t else x)


def wide_bottleneck(t, p, x, eps, decide):
    u = norm_relu(t, f'{p}bn_branch2a', x, eps, decide)
    y = conv(t, f'{p}conv_branch2a', u)
    y = conv(t, f'{p}conv_branch2b1', norm_relu(t, f'{p}bn_branch2b1', y, eps, decide), 1, 4)
    y = conv(t, f'{p}conv_branch2b2', norm_relu(t, f'{p}bn_branch2b2', y, eps, decide))
    return u, y + conv(t, f'{p}conv_branch1', u)


def wide_features(t, p, x, eps, decide):
    """Maps by the names of the module in specs/std."""
    x = conv(t, f'{p}conv1a', x)
    pre = {}
    for stage, count, stride, dilations in ((2, 3, 2, None), (3, 3, 2, None), (4, 6, 2, None), (5, 3, 1, (2, 2))):
        for i in range(count):
            d = (1, 1) if dilations is None else (1, 2) if i == 0 else dilations
            u, x = wide_block(t, f'{p}b{stage}{"" if i == 0 else f"_{i}"}.', x, stride if i == 0 else 1, d, eps, decide)
            if i == 0:
                pre[stage] = u
        if stage == 3:
            conv3 = x
    pre[6], x = wide_bottleneck(t, f'{p}b6.', x, eps, decide)
    _, x = wide_bottleneck(t, f'{p}b7.', x, eps, decide)
    return {'conv3': conv3, 'conv3_pre': pre[4], 'conv4': pre[5], 'conv5': pre[6], 'conv6': norm_relu(t, f'{p}bn7', x, eps, decide)}


def draw_block(rng, p, c, middle, out, project):
    d = resnet.draw_norm(rng, f'{p}bn_branch2a', c) | resnet.draw_conv(rng, f'{p}conv_branch2a', middle, c, 3)
    d |= resnet.draw_norm(rng, f'{p}bn_branch2b1', middle) | resnet.draw_conv(rng, f'{p}conv_branch2b1', out, middle, 3)
    return d | (resnet.draw_conv(rng, f'{p}conv_branch1', out, c, 1) if project else {})


def draw_wide_bottleneck(rng, p, c, out):
    d = resnet.draw_norm(rng, f'{p}bn_branch2a', c) | resnet.draw_conv(rng, f'{p}conv_branch2a', out // 4, c, 1)
    d |= resnet.draw_norm(rng, f'{p}bn_branch2b1', out // 4) | resnet.draw_conv(rng, f'{p}conv_branch2b1', out // 2, out // 4, 3)
    d |= resnet.draw_norm(rng, f'{p}bn_branch2b2', out // 2) | resnet.draw_conv(rng, f'{p}conv_branch2b2', out, out // 2, 1)
    return d | resnet.draw_conv(rng, f'{p}conv_branch1', out, c, 1)


def draw_wide(rng, p, channels):
    d, c = resnet.draw_conv(rng, f'{p}conv1a', channels[0], 3, 3), channels[0]
    for stage, count, middle, out in ((2, 3, 1, 1), (3, 3, 2, 2), (4, 6, 3, 3), (5, 3, 3, 4)):
        for i in range(count):
            d |= draw_block(rng, f'{p}b{stage}{"" if i == 0 else f"_{i}"}.', c, channels[middle], channels[out], i == 0)
            c = channels[out]
    d |= draw_wide_bottleneck(rng, f'{p}b6.', c, channels[5]) | draw_wide_bottleneck(rng, f'{p}b7.', channels[5], channels[6])
    return d | resnet.draw_norm(rng, f'{p}bn7', channels[6])


def block_case(name, stride, dilations, project):
    def compute(t, hp, sizes, decide):
        u, y = wide_block(t, '', t['x'], stride, dilations, hp['bn_eps'], decide)
        return with_cotangents(t, {'y': y, 'pre': u})

    def sample(rng, v):
        n, c, middle, out, h, w, eps = [(1, 5, 5, 7, 9, 12, 1e-2), (3, 4, 6, 8, 7, 6, 1e-5), (2, 1, 1, 2, 3, 1, 0.1)][v]
        middle, out = (middle, out) if project else (c, c)
        inputs, params, hp = {'x': blobs(rng, n, c, h, w)}, draw_block(rng, '', c, middle, out, project), {'bn_eps': eps}
        return {**inputs, **draw_cotangents(rng, compute, inputs, params, hp)}, params, hp, {}
    return Case('backbones', name, compute, sample, trained)


def bottleneck(t, hp, sizes, decide):
    u, y = wide_bottleneck(t, '', t['x'], hp['bn_eps'], decide)
    return with_cotangents(t, {'y': y, 'pre': u})


def sample_bottleneck(rng, v):
    n, c, out, h, w, eps = [(1, 5, 12, 9, 12, 1e-2), (3, 6, 8, 7, 6, 1e-5), (2, 1, 4, 3, 1, 0.1)][v]
    inputs, params, hp = {'x': blobs(rng, n, c, h, w)}, draw_wide_bottleneck(rng, '', c, out), {'bn_eps': eps}
    return {**inputs, **draw_cotangents(rng, bottleneck, inputs, params, hp)}, params, hp, {}


def tiny(t, hp, sizes, decide):
    maps = wide_features(t, '', t['x'], hp['bn_eps'], decide)
    return with_cotangents(t, {k: maps[k] for k in ('conv3', 'conv6')})


def sample_tiny(rng, v):
    n, h, w, channels, eps = [(2, 21, 30, [3, 5, 4, 6, 7, 8, 12], 1e-3), (3, 16, 24, [2, 3, 3, 4, 4, 8, 8], 1e-5), (1, 5, 9, [1, 1, 1, 1, 2, 4, 4], 0.1)][v]
    inputs, params, hp = {'x': blobs(rng, n, 3, h, w)}, draw_wide(rng, '', channels), {'channels': channels, 'bn_eps': eps, 'dropout': 'off'}
    return {**inputs, **draw_cotangents(rng, tiny, inputs, params, hp)}, params, hp, {}


# -------------------------------------------------------------- DeepLab-v2

def conv_norm(t, p, x, eps, stride=1, dilation=1):
    return resnet.batch_norm(t, f'{p}.bn', conv(t, f'{p}.conv', x, stride, dilation), eps)


def deeplab_block(t, p, x, stride, dilation, eps, decide):
    y = decide.relu(conv_norm(t, f'{p}reduce', x, eps, stride))
    y = decide.relu(conv_norm(t, f'{p}conv3x3', y, eps, 1, dilation))
    y = conv_norm(t, f'{p}increase', y, eps)
    return decide.relu(y + (conv_norm(t, f'{p}shortcut', x, eps, stride) if f'{p}shortcut.conv.weight' in t else x))


def draw_deeplab_block(rng, p, c, out, project):
    d = {}
    for name, o, i, k in (('reduce', out // 4, c, 1), ('conv3x3', out // 4, out // 4, 3), ('increase', out, out // 4, 1), ('shortcut', out, c, 1)):
        if name != 'shortcut' or project:
            d |= resnet.draw_conv(rng, f'{p}{name}.conv', o, i, k) | resnet.draw_norm(rng, f'{p}{name}.bn', o)
    return d


def aspp(t, p, x, rates):
    return sum(conv(t, f'{p}c{i}', x, 1, r) for i, r in enumerate(rates))


def draw_aspp(rng, p, c, out, rates):
    d = {}
    for i in range(len(rates)):
        d |= resnet.draw_conv(rng, f'{p}c{i}', out, c, 3) | {f'{p}c{i}.bias': rng.normal(0, 0.3, out)}
    return d


def aspp_case(t, hp, sizes, decide):
    return with_cotangents(t, {'y': aspp(t, '', t['x'], hp['rates'])})


def sample_aspp(rng, v):
    n, c, out, h, w, rates = [(2, 5, 3, 9, 14, [1, 3, 5, 8]), (3, 4, 2, 8, 7, [2, 2, 6, 1]), (1, 1, 1, 1, 2, [6, 12, 18, 24])][v]
    inputs, params, hp = {'x': blobs(rng, n, c, h, w)}, draw_aspp(rng, '', c, out, rates), {'rates': rates}
    return {**inputs, **draw_cotangents(rng, aspp_case, inputs, params, hp)}, params, hp, {}


def reslayer(t, hp, sizes, decide):
    x = deeplab_block(t, 'block1.', t['x'], hp['stride'], hp['dilation'], hp['bn_eps'], decide)
    return with_cotangents(t, {'y': deeplab_block(t, 'block2.', x, 1, hp['dilation'], hp['bn_eps'], decide)})


def sample_reslayer(rng, v):
    n, c, out, h, w, stride, dilation, eps = [(1, 5, 12, 9, 12, 1, 4, 1e-2), (3, 8, 8, 7, 6, 3, 1, 1e-5), (2, 1, 4, 3, 1, 2, 2, 0.1)][v]
    params = draw_deeplab_block(rng, 'block1.', c, out, True) | draw_deeplab_block(rng, 'block2.', out, out, False)
    inputs, hp = {'x': blobs(rng, n, c, h, w)}, {'stride': stride, 'dilation': dilation, 'bn_eps': eps}
    return {**inputs, **draw_cotangents(rng, reslayer, inputs, params, hp)}, params, hp, {}


def deeplab(t, p, x, rates, eps, decide):
    x = decide.relu(conv_norm(t, f'{p}layer1.conv1', x, eps, 2))
    x = F.max_pool2d(x, 3, 2, 1, ceil_mode=True)
    for stage, stride, dilation in ((2, 1, 1), (3, 2, 1), (4, 1, 2), (5, 1, 4)):
        block = 1
        while f'{p}layer{stage}.block{block}.reduce.conv.weight' in t:
            x = deeplab_block(t, f'{p}layer{stage}.block{block}.', x, stride if block == 1 else 1, dilation, eps, decide)
            block += 1
    return aspp(t, f'{p}aspp.', x, rates)


def pillow_nearest(labels, size):
    h, w = labels.shape[1:]
    rows = ((torch.arange(size[0]) + 0.5) * h / size[0]).floor().long()
    columns = ((torch.arange(size[1]) + 0.5) * w / size[1]).floor().long()
    return labels[:, rows][:, :, columns]


def tiny_msc(t, hp, sizes, decide):
    x, scales = t['x'], hp['scales']
    first = deeplab(t, 'base.', x, hp['rates'], hp['bn_eps'], decide)
    small = [deeplab(t, 'base.', F.interpolate(x, scale_factor=s, mode='bilinear', align_corners=False), hp['rates'], hp['bn_eps'], decide) for s in scales]
    stack = torch.stack([first] + [F.interpolate(y, size=first.shape[2:], mode='bilinear', align_corners=False) for y in small])
    top = stack.detach().topk(2, dim=0).values
    decide.note('maximum over scales', top[0] - top[1])
    maps = {'logits': first, **{f'logits_{s}': y for s, y in zip((0.5, 0.75), small)}, 'logits_max': stack.max(dim=0).values}
    outs, loss = dict(maps), 0
    for name, y in maps.items():
        label = pillow_nearest(t['labels'], y.shape[2:])
        outs[f'labels_{name}'] = label
        outs[f'loss_{name}'] = F.cross_entropy(y, label.long(), ignore_index=hp['ignore'])
        loss = loss + outs[f'loss_{name}']
    return {**outs, 'loss': loss}


def sample_msc(rng, v):
    n, h, w, classes, c, rates, scales, eps, ignore = [
        (1, 35, 58, 4, [3, 4, 8, 12, 16], [1, 2, 3, 4], [0.6, 0.8], 1e-3, 200),
        (2, 41, 33, 3, [2, 8, 8, 8, 12], [2, 1, 6, 3], [0.5, 1.25], 1e-5, 255),
        (1, 17, 21, 2, [1, 4, 4, 4, 4], [6, 12, 18, 24], [0.5, 0.75], 0.1, 9),
    ][v]
    params = resnet.draw_conv(rng, 'base.layer1.conv1.conv', c[0], 3, 7) | resnet.draw_norm(rng, 'base.layer1.conv1.bn', c[0])
    for stage, blocks in ((2, 1), (3, 1), (4, 2), (5, 1)):
        for b in range(blocks):
            params |= draw_deeplab_block(rng, f'base.layer{stage}.block{b + 1}.', c[stage - 2] if b == 0 else c[stage - 1], c[stage - 1], b == 0)
    params |= draw_aspp(rng, 'base.aspp.', c[4], classes, rates)
    labels = rng.integers(0, classes, (n, h, w))
    labels[rng.random(labels.shape) < 0.2] = ignore
    return {'x': blobs(rng, n, 3, h, w), 'labels': labels}, params, {'scales': scales, 'rates': rates, 'ignore': ignore, 'bn_eps': eps}, {}


CASES = [
    block_case('resnet38_block_same', 1, (1, 1), False),
    block_case('resnet38_block_stride2', 2, (1, 1), True),
    block_case('resnet38_block_dil_first1', 1, (1, 2), True),
    Case('backbones', 'resnet38_bottleneck_dil4', bottleneck, sample_bottleneck, trained),
    Case('backbones', 'resnet38_tiny', tiny, sample_tiny, trained),
    Case('backbones', 'deeplabv2_aspp', aspp_case, sample_aspp, trained),
    Case('backbones', 'deeplabv2_reslayer', reslayer, sample_reslayer, trained),
    Case('backbones', 'deeplabv2_tiny_msc', tiny_msc, sample_msc, lambda k: trained(k) and k != 'labels'),
]
