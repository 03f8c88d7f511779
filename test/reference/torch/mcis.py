"""Co-attention of image pairs (test/fixtures/mcis)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case
from sipe import blobs
from wide_deeplab import conv


def co_attention(t, f1, f2, name='linear'):
    n, c = f1.shape[:2]
    a, b = f1.flatten(2), f2.flatten(2)
    p = (F.linear(a.transpose(1, 2), t[name]) if name in t else a.transpose(1, 2)) @ b
    to1, to2 = p.softmax(1), p.transpose(1, 2).softmax(1)
    return p, to1, to2, (b @ to2).reshape(n, c, *f1.shape[2:]), (a @ to1).reshape(n, c, *f2.shape[2:])


def contrast(t, own, attended, gate=True, names=('phi_co', 'gate')):
    phi = t[names[0]]
    g = torch.sigmoid(F.conv2d(attended, t[names[1]]) if gate else attended)
    shared, rest = F.conv2d(attended, phi), F.conv2d(own * (1 - g), phi)
    return g, shared, rest, shared.mean((2, 3)), rest.mean((2, 3))


def tags_of(t):
    z1, z2 = t['label1'], t['label2']
    return z1 * z2, z1 - z1 * z2, z2 - z1 * z2


margin = F.multilabel_soft_margin_loss
both = lambda a, b: torch.cat([a, b])


def coattention(t, hp, sizes, decide):
    p, to1, to2, f1, f2 = co_attention(t, t['feature1'], t['feature2'])
    loss = (t['probe1'] * f1).mean() + (t['probe2'] * f2).mean()
    return {'P': p, 'A': to1, 'B': to2, 'feature1_att': f1, 'feature2_att': f2, 'loss': loss}


def branches(gate, maps):
    def compute(t, hp, sizes, decide):
        p, _, _, f1, f2 = co_attention(t, t['feature1'], t['feature2'])
        one, two = contrast(t, t['feature1'], f1, gate), contrast(t, t['feature2'], f2, gate)
        shared, only1, only2 = tags_of(t)
        outs = {'co_score1': one[3], 'co_score2': two[3], 'loss_co': margin(both(one[3], two[3]), both(shared, shared))}
        if maps:
            for i, x in ((1, one), (2, two)):
                outs |= {f'gate{i}': x[0], f'co_map{i}': x[1], f'contrastive_map{i}': x[2]}
        else:
            outs |= {'P': p, 'feature1_att': f1, 'feature2_att': f2}
        if 'linear' in t:
            outs |= {'contrastive_score1': one[4], 'contrastive_score2': two[4], 'loss_contrastive1': margin(one[4], only1), 'loss_contrastive2': margin(two[4], only2)}
        return {**outs, 'loss': sum(v for k, v in outs.items() if k.startswith('loss'))}
    return compute


def draw_pair_tags(rng, n, k, rest1=True):
    """Both images share a tag; the first has tags of its own unless told otherwise."""
    a, b = (rng.random((n, k)) < 0.3) * 1.0, (rng.random((n, k)) < 0.3) * 1.0
    common = rng.integers(0, k, n)
    a[np.arange(n), common] = b[np.arange(n), common] = 1
    return {'label1': a if rest1 else a * b, 'label2': b}


def draw_features(rng, v):
    n, c, s1, s2, k = [(1, 5, (4, 9), (3, 7), 6), (3, 7, (5, 5), (6, 4), 20), (2, 1, (1, 2), (1, 1), 2)][v]
    sizes = {'N': n, 'C': c, 's1': list(s1), 's2': list(s2)}
    return {'feature1': blobs(rng, n, c, *s1), 'feature2': blobs(rng, n, c, *s2)}, c, k, sizes


def sample_coattention(rng, v):
    inputs, c, _, sizes = draw_features(rng, v)
    probes = {f'probe{i}': rng.normal(size=inputs[f'feature{i}'].shape) for i in (1, 2)}
    return {**inputs, **probes}, {'linear': rng.normal(0, 1 / np.sqrt(c), (c, c))}, {}, sizes


def sampler(learned, gate):
    def sample(rng, v):
        inputs, c, k, sizes = draw_features(rng, v)
        params = {'phi_co': rng.normal(0, 0.4, (k, c, 1, 1))}
        if learned:
            params['linear'] = rng.normal(0, 1 / np.sqrt(c), (c, c))
        if gate:
            params['gate'] = rng.normal(0, 0.5, (1, c, 1, 1))
        return {**inputs, **draw_pair_tags(rng, len(inputs['feature1']), k)}, params, {}, sizes
    return sample


def pair_losses(t, hp, sizes, decide):
    n, (shared, only1, only2) = len(t['label1']), tags_of(t)
    z = t['label1']
    outs = {'label_common': shared, 'label1_only': only1, 'label2_only': only2}
    for r in range(1, 5):
        outs[f'loss_base_run{r}'] = margin(t[f'base_logits_run{r}'], both(z, t['label2'] if r == 1 else z))
        outs[f'loss_co_run{r}'] = margin(t[f'co_logits_run{r}'][:2 * n], both(shared, shared) if r == 1 else both(z, z))
    loss = sum(v for k, v in outs.items() if k.startswith('loss'))
    outs['loss_contrastive1'] = margin(t['co_logits_run1'][2 * n:3 * n], only1)
    outs['loss_contrastive2'] = margin(t['co_logits_run1'][3 * n:], only2)
    if sizes['epoch'] >= 2:
        loss = loss + (only1.sum() > 0) * outs['loss_contrastive1'] + (only2.sum() > 0) * outs['loss_contrastive2']
    return {**outs, 'loss': loss}


def sampler_losses(epochs, rest1):
    def sample(rng, v):
        n, k = [(3, 7), (4, 20), (1, 2)][v]
        inputs = draw_pair_tags(rng, n, k, rest1)
        for r in range(1, 5):
            inputs |= {f'base_logits_run{r}': rng.normal(size=(2 * n, k)), f'co_logits_run{r}': rng.normal(size=(4 * n, k))}
        return inputs, {}, {}, {'N': n, 'epoch': epochs[v]}
    return sample


def vgg(t, p, x, decide):
    """The D1 form in torchvision's places."""
    for place in (0, 2, 'pool', 5, 7, 'pool', 10, 12, 14, 'pool', 17, 19, 21, 'smooth', 24, 26, 28):
        if place == 'pool':
            x = F.max_pool2d(x, 2)
        elif place == 'smooth':
            x = F.max_pool2d(x, 3, 1, 1)
        else:
            x = decide.relu(conv(t, f'{p}features.{place}', x, 1, 2 if place > 21 else 1))
    for place in (0, 2, 4):
        x = decide.relu(conv(t, f'{p}extra_convs.{place}', x))
    return x, conv(t, f'{p}extra_last_conv', x)


def draw_vgg(rng, p, widths, k):
    d, c = {}, 3
    places = [(0, 0), (2, 0), (5, 1), (7, 1), (10, 2), (12, 2), (14, 2), (17, 3), (19, 3), (21, 3), (24, 3), (26, 3), (28, 3)]
    for place, width in places:
        d |= resnet.draw_conv(rng, f'{p}features.{place}', widths[width], c, 3) | {f'{p}features.{place}.bias': rng.normal(0, 0.1, widths[width])}
        c = widths[width]
    for place in (0, 2, 4):
        d |= resnet.draw_conv(rng, f'{p}extra_convs.{place}', c, c, 3) | {f'{p}extra_convs.{place}.bias': rng.normal(0, 0.1, c)}
    return d | resnet.draw_conv(rng, f'{p}extra_last_conv', k, c, 1) | {f'{p}extra_last_conv.bias': rng.normal(0, 0.1, k)}


def total_loss(t, hp, sizes, decide):
    names = ('img1', 'img2', 'img1_flip', 'img1_small', 'img1_large')
    first, *others = [vgg(t, 'vgg.', t[name], decide) for name in names]
    z, z2 = t['label1'], t['label2']
    shared, only1, only2 = tags_of(t)
    outs, loss = {}, 0
    for r, other in enumerate(others, 1):
        _, _, _, f1, f2 = co_attention(t, first[0], other[0], 'extra_linear_e.weight')
        one, two = (contrast(t, own, f, True, ('extra_gate.weight', 'extra_gate_merge.weight')) for own, f in ((first[0], f1), (other[0], f2)))
        outs[f'base_logits_run{r}'] = both(first[1].mean((2, 3)), other[1].mean((2, 3)))
        outs[f'co_logits_run{r}'] = torch.cat([one[3], two[3], one[4], two[4]])
        co = margin(both(one[3], two[3]), both(shared, shared) if r == 1 else both(z, z))
        loss = loss + margin(outs[f'base_logits_run{r}'], both(z, z2 if r == 1 else z)) + co
        if r == 1:
            outs |= {'base_map1': first[1], 'co_map1': one[1], 'contrastive_map1': one[2], 'loss_co_run1': co}
            outs |= {'loss_contrastive1': margin(one[4], only1), 'loss_contrastive2': margin(two[4], only2)}
    if sizes['epoch'] >= 2:
        loss = loss + (only1.sum() > 0) * outs['loss_contrastive1'] + (only2.sum() > 0) * outs['loss_contrastive2']
    return {**outs, 'loss': loss}


def sample_total(rng, v):
    n, h, w, widths, k, epoch = [(1, 25, 37, [3, 4, 5, 6], 7, 3), (3, 24, 16, [2, 3, 3, 4], 20, 1), (2, 8, 9, [1, 1, 2, 2], 2, 9)][v]
    tags = draw_pair_tags(rng, n, k)
    img = torch.tensor(blobs(rng, n, 3, h, w))
    small, large = ([max(8, int(h * s)), max(8, int(w * s))] for s in (0.75, 2))
    size = lambda s: F.interpolate(img, size=s, mode='bilinear', align_corners=False).numpy()
    inputs = {'img1': img.numpy(), 'img2': blobs(rng, n, 3, h + 3, w), 'img1_flip': img.flip(3).numpy(), 'img1_small': size(small), 'img1_large': size(large)}
    c = widths[3]
    params = draw_vgg(rng, 'vgg.', widths, k) | {'extra_linear_e.weight': rng.normal(0, 1 / np.sqrt(c), (c, c))}
    params |= {'extra_gate.weight': rng.normal(0, 0.4, (k, c, 1, 1)), 'extra_gate_merge.weight': rng.normal(0, 0.5, (1, c, 1, 1))}
    return {**inputs, **tags}, params, {}, {'N': n, 'widths': widths, 'epoch': epoch}


features = lambda k: k in ('feature1', 'feature2', 'phi_co', 'linear', 'gate')
logits = lambda k: 'logits' in k
CASES = [
    Case('mcis', 'coattention', coattention, sample_coattention, features),
    Case('mcis', 'contrastive_coattention', branches(True, True), sampler(True, True), features),
    Case('mcis', 'ablation_no_wp', branches(False, False), sampler(False, False), features),
    Case('mcis', 'ablation_channel_gate', branches(False, False), sampler(True, False), features),
    Case('mcis', 'pair_losses', pair_losses, sampler_losses((2, 7, 3), True), logits),
    Case('mcis', 'pair_losses_early_epoch', pair_losses, sampler_losses((0, 1, 1), True), logits),
    Case('mcis', 'pair_losses_gating', pair_losses, sampler_losses((4, 2, 5), False), logits),
    Case('mcis', 'total_loss_network', total_loss, sample_total, lambda k: 'vgg' in k or 'extra' in k),
]
