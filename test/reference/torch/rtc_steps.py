"""Backbone, pseudo masks, inference and whole training steps of RTC (test/fixtures/rtc)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case
from refinement import neighbours, spread as spread_by
from rtc import branch, crr, ctr, er_ecr, maxnorm, norm16, up, with_tags
from sipe import blobs
from wide_deeplab import draw_wide, wide_features
from wseg import balanced, draw_tags

half_pixel = lambda x, size: F.interpolate(x, size=size, mode='bilinear', align_corners=False)
DILATIONS = [1, 2, 4, 8, 12, 24]
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


# ---------------------------------------------------------------- backbone

def backbone(t, hp, sizes, decide):
    frozen = {k[3:]: v for k, v in t.items() if k.startswith('bn.')}
    # bn7 stands alone: its key is `bn.bn7.weight`.
    maps = wide_features({**t, **frozen}, '', t['img'], hp['bn_eps'], decide)
    loss = (t['probe'] * maps['conv6']).mean() + 0.1 * maps['conv3_pre'].mean()
    return {'conv3': maps['conv3_pre'], **{k: maps[k] for k in ('conv4', 'conv5', 'conv6')}, 'loss': loss}


def sample_backbone(rng, v):
    n, h, w, channels, eps = [(2, 19, 26, [3, 5, 4, 6, 7, 8, 12], 1e-3), (3, 16, 24, [2, 3, 3, 4, 4, 8, 8], 1e-5), (1, 5, 9, [1, 1, 1, 1, 2, 4, 4], 0.1)][v]
    drawn = draw_wide(rng, '', channels)
    norms = {f'bn.{k}': value for k, value in drawn.items() if 'conv' not in k.rsplit('.', 2)[-2]}
    params = {k: value for k, value in drawn.items() if f'bn.{k}' not in norms}
    small = lambda side: -(-(-(-(-(-side // 2)) // 2)) // 2)
    return {'img': blobs(rng, n, 3, h, w), 'probe': rng.normal(size=(n, channels[6], small(h), small(w))), **norms}, params, {'bn_eps': eps, 'strides': '2 at b2, b3, b4'}, {'N': n, 'H': h, 'W': w, 'w': channels}


# ------------------------------------------------------------ pseudo masks

def varm_weights(image):
    around = neighbours(image, DILATIONS)
    e = -((4 * (around - image[:, :, None]).abs() / (around.std(2, keepdim=True) + 1e-8)) ** 2).mean(1)
    v = torch.zeros_like(e)
    v[:, :, :-1] += ((around[:, :, :, :-1] - around[:, :, :, 1:]) ** 2).mean(1)
    v[..., :-1] += ((around[..., :-1] - around[..., 1:]) ** 2).mean(1)
    return e.softmax(1) - 0.01 * v.softmax(1)


def masks_of(maps, image, tags, box, high, low, shrink, decide):
    """Labels, and the refined scores of each image under both background scores."""
    h, w = image.shape[2:]
    labels, scores = torch.full((len(image), h, w), 255), []
    for i, (r0, r1, c0, c1) in enumerate(box.long().tolist()):
        present = tags[i].nonzero()[:, 0]
        small = half_pixel(image[i:i + 1], (h // shrink, w // shrink))
        weights, both = varm_weights(small), []
        for b in (high, low):
            stack = torch.cat([torch.full((1, 1, h, w), b, dtype=maps.dtype), maps[i:i + 1, present]], 1)
            refined = spread_by(half_pixel(stack, small.shape[2:]).softmax(1), weights, DILATIONS, 10)
            top = decide.argmax(half_pixel(refined, (h, w)), 1, 'pseudo mask arg-max')[0]
            both.append(torch.cat([torch.zeros(1, dtype=torch.long), present + 1])[top])
            scores.append(refined[0])
        a, b = both
        label = torch.where(a != 0, a, torch.where(b == 0, torch.zeros_like(b), torch.full_like(b, 255)))
        labels[i, r0:r1, c0:c1] = label[r0:r1, c0:c1]
    return labels, scores


def pseudo_mask(t, hp, sizes, decide):
    maps = torch.zeros((len(t['cams']), t['label'].shape[1], *t['cams'].shape[2:]), dtype=t['cams'].dtype).index_copy(1, t['class_ids'].long(), t['cams'])
    labels, scores = masks_of(maps, t['img'], t['label'], t['box'], hp['bg_high'], hp['bg_low'], hp['downscale'], decide)
    named = {f'refined_{name}_img{i}': scores[2 * i + j] for i in range(len(labels)) for j, name in enumerate(('high', 'low'))}
    return {**named, 'label_map': labels}


def draw_box(rng, n, h, w):
    return np.array([[rng.integers(0, 4), h - rng.integers(0, 4), rng.integers(0, 4), w - rng.integers(0, 4)] for _ in range(n)])


def sample_pseudo(rng, v):
    n, k, h, w, hp = [(2, 6, 27, 33, (0.6, 0.3, 3)), (2, 9, 24, 20, (0.55, 0.2, 2)), (2, 2, 8, 6, (0.7, 0.1, 1))][v]
    tags = draw_tags(rng, n, k)
    ids = np.flatnonzero(tags.any(0))
    cams = blobs(rng, n, len(ids), h, w)
    cams = np.clip((cams - cams.min()) / (cams.max() - cams.min()), 0, 1) * tags[:, ids, None, None]
    inputs = {'img': rng.random((n, 3, h, w)), 'cams': cams, 'class_ids': ids, 'label': tags, 'box': draw_box(rng, n, h, w)}
    return inputs, {}, dict(zip(('bg_high', 'bg_low', 'downscale'), hp)), {'N': n, 'h': h, 'w': w}


# --------------------------------------------------------------- inference

def fusion(t, hp, sizes, decide):
    full, versions = (sizes['H'], sizes['W']), []
    for s, px in enumerate(sizes['version_px']):
        for f in (0, 1):
            p = up(t[f'seg_s{s}_f{f}'], px).softmax(1) * torch.sigmoid(t[f'score_s{s}_f{f}']).reshape(1, -1, 1, 1)
            p = half_pixel(p[:, 1:], full)[0]
            versions.append(p.flip(2) if f else p)
    mean = sum(versions) / len(versions)
    label = decide.argmax(torch.cat([torch.full_like(mean[:1], hp['background']), mean]), 0, 'final arg-max')
    return {'version_first': versions[0], 'version_last': versions[-1], 'mean_map': mean, 'label_map': label}


def sample_fusion(rng, v):
    k, h, w, scales, background = [(5, 13, 17, [0.5, 1, 1.5, 2], 0.12), (3, 16, 9, [0.75, 1, 1.25, 2], 0.17), (1, 3, 2, [1, 1, 2, 3], 0.3)][v]
    px = [[max(1, round(h * s)), max(1, round(w * s))] for s in scales]
    inputs = {}
    for s, (a, b) in enumerate(px):
        for f in (0, 1):
            inputs |= {f'seg_s{s}_f{f}': 2 * rng.normal(size=(1, k + 1, -(-a // 4), -(-b // 4))), f'score_s{s}_f{f}': rng.normal(size=k + 1)}
    return inputs, {}, {'scales': scales, 'background': background}, {'H': h, 'W': w, 'version_px': px}


# ---------------------------------------------------------- training steps

def objective(t, hp, sizes, decide, seg):
    z, side, full, eps = with_tags(t['label']), [sizes['view2']] * 2, [sizes['view1']] * 2, 1e-5
    mask = z[:, :, None, None]
    images = [t['img'], up(t['img'], side)]
    maps, rv, feats, ups, ranges = [], [], [], [], []
    for i, image in enumerate(images):
        f = decide.relu(F.conv2d(t[f'view{i + 1}_conv6'], t['proj1.weight']))
        cam = F.conv2d(f, t['classifier1.weight'])
        taps = {k: t[f'view{i + 1}_{k}'] for k in ('conv4', 'conv5', 'conv6')}
        refined = crr({**t, **taps, 'cam': cam, 'img': image, 'probe': torch.zeros_like(cam)}, {'eps': eps}, sizes, decide)['cam_rv_down']
        maps.append(cam), rv.append(refined), feats.append(f)
        size = [full, side][i]
        ups.append((up(cam, size), up(refined, size)))
        ranges.append([up(maxnorm(x, eps, decide), side) * mask for x in ups[-1]])
    outs = {}
    for i, (raw, refined) in enumerate(ups):
        outs[f'loss_cls_view{i + 1}'] = F.multilabel_soft_margin_loss(raw.mean((2, 3))[:, 1:], t['label'])
        top = (refined * mask)[:, 1:].amax(1).flatten(1)
        outs[f'loss_minpool_view{i + 1}'] = torch.relu(top.sort(1).values[:, :top.shape[1] // 4]).mean()
    outs['loss_cls'] = sum(outs[f'loss_{k}_view{i}'] for k in ('cls', 'minpool') for i in (1, 2)) / 2
    every = torch.arange(z.shape[1])
    (c1, r1), (c2, r2) = ranges
    pair = er_ecr({'cam1': c1, 'cam2': c2, 'cam_rv1': r1, 'cam_rv2': r2, 'channel_ids': every, 'label': t['label']}, hp, sizes, decide)
    outs |= {k: pair[k] for k in ('loss_er', 'loss_ecr1', 'loss_ecr2')}
    grid = feats[1].shape[2]
    x = ctr({
        'f_proj1': up(feats[0], [grid, grid]), 'f_proj2': feats[1], 'cam_rv_down1': up(rv[0], [grid, grid]).detach(), 'cam_rv_down2': rv[1].detach(),
        'cam1': c1, 'cam2': c2, 'channel_ids': every, 'label': t['label'],
    }, hp, {**sizes, 'grid': grid}, decide)
    kept = ('norm16_view', 'pseudo_label_view', 'top_index_view', 'prototypes', 'compensated_view', 'loss_com')
    outs |= {f'{k}{i}': x[f'{k}{i}'] for k in kept for i in (1, 2)} | {k: x[k] for k in ('loss_nce', 'loss_class_relation')}
    for name, a, b in (('intra', 'u1_P1_y1', 'u2_P2_y2'), ('cross_label', 'u1_P1_y2', 'u2_P2_y1'), ('cross_prototype', 'u1_P2_y1', 'u2_P1_y2')):
        outs[f'loss_nce_{name}'] = hp['nce_weight'] * (x[f'nce_{a}'] + x[f'nce_{b}']) / 2
    outs |= {f'cam_view{i + 1}': m for i, m in enumerate(maps)} | {f'cam_rv_view{i + 1}': m for i, m in enumerate(rv)}
    outs['loss_seg'] = torch.zeros((), dtype=c1.dtype)
    if seg:
        logits = branch({**t, 'conv6': t['view1_conv6'], 'conv3': t['view1_conv3'], 'probe_cam': torch.zeros(()), 'probe_seg': torch.zeros(())}, {}, {}, decide)['seg']
        s = up(maxnorm(rv[0].detach(), eps, decide) * mask, full)[:, 1:]
        colours = t['img'] * STD.to(s.dtype)[:, None, None] + MEAN.to(s.dtype)[:, None, None]
        label, _ = masks_of(s, colours, t['label'], t['box'], 0.55, 0.2, 2, decide)
        pseudo = torch.stack([label == c for c in range(logits.shape[1])], 1).to(logits.dtype)
        _, each = balanced(logits, pseudo, label, t['label'], 255)
        # An image whose mask lacks a class counts nothing: draw until one has all.
        decide.note('images with all their classes', each.max()[None])
        outs |= {'seg': logits, 'pseudo_mask': label, 'loss_seg': each.mean()}
    outs['loss'] = sum(outs[f'loss_{k}'] for k in ('cls', 'er', 'ecr1', 'ecr2', 'com1', 'com2', 'nce', 'seg'))
    return outs


def draw_step(rng, v, late):
    n, k, h1, h2, c, D, f, dec = [
        (2, 4, 6, 4, (3, 4, 3, 5), 6, (3, 4, 2, 5, 3), [4, 3, 2]),
        (3, 3, 5, 4, (2, 3, 3, 4), 5, (2, 3, 3, 4, 5), [3, 2, 2]),
        (1, 1, 4, 3, (1, 2, 2, 3), 3, (2, 2, 2, 2, 4), [2, 2, 1]),
    ][v]
    tags = draw_tags(rng, n, k)
    image = blobs(rng, n, 3, 8 * h1, 8 * h1)
    tap = lambda channels, side: np.abs(blobs(rng, n, channels, side, side)) + 0.05 * rng.random((n, channels, side, side))
    inputs = {'img': image / np.abs(image).max() * 2, 'label': tags, 'box': draw_box(rng, n, 8 * h1, 8 * h1), 'view1_conv3': tap(c[0], 2 * h1)}
    for i, side in ((1, h1), (2, h2)):
        inputs |= {f'view{i}_conv4': tap(c[1], side), f'view{i}_conv5': tap(c[2], side), f'view{i}_conv6': tap(c[3], side)}
    p = resnet.draw_conv
    params = p(rng, 'proj1', D, c[3], 1) | p(rng, 'classifier1', k + 1, D, 1)
    params |= p(rng, 'f8_3', f[0], c[1], 1) | p(rng, 'f8_4', f[1], c[2], 1) | p(rng, 'f8_5', f[2], c[3], 1) | p(rng, 'f9_1', f[3], f[1] + f[2], 1) | p(rng, 'f9_2', f[4], 3 + f[0], 1)
    params |= p(rng, 'fc8_seg_conv1', dec[0], c[3], 3) | p(rng, 'fc8_seg_conv2', dec[1], dec[0], 3) | {'fc8_seg_conv1.bias': rng.normal(0, 0.2, dec[0]), 'fc8_seg_conv2.bias': rng.normal(0, 0.2, dec[1])}
    params |= p(rng, 'fc8_seg_conv3', dec[1], c[3], 3) | p(rng, 'fc8_seg_conv4', D, 2 * dec[1], 1) | p(rng, 'fc8_seg_conv5', dec[2], c[0], 3)
    params |= p(rng, 'proj2', D, D + dec[2], 1) | p(rng, 'classifier2', k + 1, D, 1)
    sizes = dict(zip(('c3', 'c4', 'c5', 'c6'), c)) | {'D': D, **dict(zip(('f83', 'f84', 'f85', 'f91', 'f92'), f)), 'dec': dec, 'N': n, 'view1': 8 * h1, 'view2': 8 * h2, 'epoch': 9 if late else 1}
    return inputs, params, sizes


SETTINGS = [
    {'temperature': 0.2, 'nce_weight': 0.3, 'ecr_ratio': 0.1, 'com_ratio': 0.6, 'bg_constant': 0.3},
    {'temperature': 0.1, 'nce_weight': 0.1, 'ecr_ratio': 0.2, 'com_ratio': 0.8, 'bg_constant': 0.2},
    {'temperature': 0.5, 'nce_weight': 1.0, 'ecr_ratio': 0.5, 'com_ratio': 0.5, 'bg_constant': 0.1},
]
RELEASED = SETTINGS[1]


def sample_step(late):
    def sample(rng, v):
        inputs, params, sizes = draw_step(rng, v, late)
        return inputs, params, {**SETTINGS[v], 'prototype_fraction': '1/8', **({'seg_start_epoch': 7} if late else {})}, sizes
    return sample


def train_3_steps(t, hp, sizes, decide):
    names = [k for k in t if k.endswith(('.weight', '.bias'))]
    value, buffer, outs, losses, rates = {k: t[k].detach().clone() for k in names}, {}, {}, [], []
    for step in range(3):
        leaves = {k: v.clone().requires_grad_() for k, v in value.items()}
        r = objective({**t, **leaves}, RELEASED, sizes, decide, True)
        found = torch.autograd.grad(r['loss'], [leaves[k] for k in names], allow_unused=True)
        now = sizes['lr'] * (1 - step / sizes['max_step']) ** hp['poly_power']
        for k, g in zip(names, found):
            decay, rate = (0, 20 * now) if k.endswith('.bias') else (hp['weight_decay'], 10 * now)
            d = (torch.zeros_like(value[k]) if g is None else g) + decay * value[k]
            buffer[k] = d if step == 0 else hp['momentum'] * buffer[k] + d
            value[k] = value[k] - rate * buffer[k]
            outs[f'after_step{step + 1}.{k}'] = value[k].clone()
        total = lambda *parts: sum(r[f'loss_{p}'] for p in parts)
        losses.append(torch.stack([r['loss'], r['loss_cls'], r['loss_er'], total('ecr1', 'ecr2'), r['loss_nce'], total('com1', 'com2'), r['loss_seg']]).detach())
        rates.append(torch.tensor([now, 2 * now, 10 * now, 20 * now]))
    return {**outs, 'loss_steps': torch.stack(losses), 'lr_steps': torch.stack(rates)}


def sample_train(rng, v):
    inputs, params, sizes = draw_step(rng, v, True)
    lr, total, decay, momentum, power = [(2e-3, 9, 1e-2, 0.3, 0.5), (1e-3, 20, 5e-4, 5e-4, 0.9), (5e-3, 4, 0.0, 0.0, 1.0)][v]
    hp = {'weight_decay': decay, 'momentum': momentum, 'poly_power': power, 'lr_factors': {'pretrained_weight': 1, 'pretrained_bias': 2, 'new_weight': 10, 'new_bias': 20}}
    return inputs, params, hp, {**sizes, 'lr': lr, 'max_step': total}


trained = lambda k: k.endswith(('.weight', '.bias')) and not k.startswith('bn.')
STEP_WANTED = lambda k: trained(k) or k.startswith('view')
CASES = [
    Case('rtc', 'backbone_tiny', backbone, sample_backbone, trained),
    Case('rtc', 'pseudo_mask', pseudo_mask, sample_pseudo, margin=1e-5),
    Case('rtc', 'inference_fusion', fusion, sample_fusion),
    Case('rtc', 'step_without_seg', lambda *a: objective(*a, False), sample_step(False), STEP_WANTED, margin=2e-6, relu_margin=1e-7),
    Case('rtc', 'step_with_seg', lambda *a: objective(*a, True), sample_step(True), STEP_WANTED, margin=2e-6, relu_margin=1e-7),
    Case('rtc', 'train_3_steps', train_3_steps, sample_train, margin=2e-6, relu_margin=1e-7),
]
