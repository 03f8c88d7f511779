"""SIPE (test/fixtures/sipe): head, losses, training steps, export, labels."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case
from walk import enlarge, random_walk


def l2(x, eps):
    return x / (x.norm(dim=1, keepdim=True) + eps)


def resize(x, size):
    return F.interpolate(x, size=size, mode='bilinear', align_corners=False)


def activation(raw, eps, decide):
    fg = decide.relu(raw)
    fg = fg / (decide.spatial_max(fg) + eps)
    return torch.cat([1 - decide.channel_max(fg), fg], 1)


def soft_margin(score, label):
    return F.multilabel_soft_margin_loss(score.flatten(1), label)


def hierarchy(feats, sides, eps):
    raw = [F.conv2d(f.detach(), w) for f, w in zip(feats, sides)]
    return raw, torch.cat([resize(l2(r, eps), feats[2].shape[2:]) for r in raw], 1)


def locate(cam, feature, valid, factor, eps, decide):
    n, c, h, w = cam.shape
    f = l2(feature.detach().flatten(2), eps)
    s = torch.relu(f.transpose(1, 2) @ f)
    m = cam.detach().flatten(2)
    inter = m @ s
    union = s.sum(2)[:, None] + m.sum(2)[..., None] - inter
    iou = inter / union
    iou = torch.cat([iou[:, :1] * factor, iou[:, 1:]], 1).reshape(n, c, h, w)
    won = decide.argmax(iou, 1, 'argmax of the soft IoU')
    seeds = F.one_hot(won, c).permute(0, 3, 1, 2).to(cam.dtype) * valid
    return s, inter, union, iou, won, seeds


def prototypes(feature, seeds, eps, decide):
    n, d, h, w = feature.shape
    f, r = feature.flatten(2), seeds.detach().flatten(2)
    p = r @ f.transpose(1, 2) / (h * w)
    norm = lambda x, dim: x / (x * x).sum(dim, keepdim=True).clamp_min(eps * eps).sqrt()
    cosine = norm(p, 2) @ norm(f, 1)
    # Channels without seeds are exactly zero and hang on nothing.
    decide.note('sign of the cosine', cosine.detach()[r.sum(2) > 0].abs())
    return p, torch.relu(cosine).reshape(n, -1, h, w)


def consistency(cam, is_cam, eps, decide):
    normed = is_cam / (decide.spatial_max(is_cam) + eps)
    difference = (cam - normed).detach().abs()
    decide.note('sign of the difference', difference[difference > 0])
    return normed, (cam - normed).abs().mean()


def head(feats, sides, classifier, label, valid, hp, decide):
    eps, factor = hp.get('eps', 1e-5), hp.get('background_iou_factor', 0.5)
    raw = F.conv2d(feats[3], classifier)
    score = raw.mean((2, 3))
    cam = activation(raw, eps, decide) * valid
    _, f = hierarchy(feats, sides, eps)
    _, _, _, iou, _, seeds = locate(cam, feats[3], valid, factor, eps, decide)
    p, is_cam = prototypes(f, seeds, hp.get('cosine_eps', 1e-8), decide)
    normed, gsc = consistency(cam, is_cam, eps, decide)
    return {'score': score, 'norm_cam': cam, 'hie_feature': f, 'iou': iou, 'seeds': seeds, 'prototypes': p, 'is_cam': is_cam,
            'is_cam_norm': normed, 'loss_cls': soft_margin(score, label), 'loss_gsc': gsc}


def lowres_mask(inside, label, stride):
    cells = F.interpolate(inside, size=(inside.shape[2] // stride, inside.shape[3] // stride), mode='nearest')
    return torch.cat([torch.ones_like(label[:, :1]), label], 1)[..., None, None] * cells


# drawing -------------------------------------------------------------------------------------------------------------------------

def draw_labels(rng, n, k):
    """Each image has a class and lacks one, where there is more than one class."""
    y = (rng.random((n, k)) < 0.4).astype(float)
    for row in y:
        one = rng.integers(k)
        row[one] = 1
        if k > 1:
            row[(one + 1 + rng.integers(k - 1)) % k] = 0
    return y


def draw_valid(rng, y, h, w):
    """Padding at a random side."""
    n, k = y.shape
    v = np.concatenate([np.ones((n, 1)), y], 1)[..., None, None] * np.ones((n, k + 1, h, w))
    for i in range(n):
        a, b = rng.integers(0, max(1, h // 3) + 1), rng.integers(0, max(1, w // 3) + 1)
        if a: v[i, :, :a] = 0
        if b: v[i, :, :, w - b:] = 0
    return v


def blobs(rng, n, c, h, w):
    """Smooth maps: neighbours are alike, as in features of images."""
    coarse = torch.tensor(rng.normal(size=(n, c, max(2, h // 3), max(2, w // 3))))
    return F.interpolate(coarse, size=(h, w), mode='bicubic', align_corners=True).numpy() + 0.3 * rng.normal(size=(n, c, h, w))


def grids(h, w, odd):
    """Sizes of the four stages over a grid of h x w; odd ones are what odd image sizes give."""
    return [(4 * h - odd, 4 * w - odd), (2 * h - odd, 2 * w - odd), (h, w), (h, w)]


# cases ---------------------------------------------------------------------------------------------------------------------------

def cam_head(t, hp, sizes, decide):
    raw = F.conv2d(t['feat4'], t['classifier'])
    score = raw.mean((2, 3))
    act = activation(raw, hp['eps'], decide)
    cam = act * t['valid_mask']
    cls, probe = soft_margin(score, t['label']), (cam * t['probe']).mean()
    return {'cam_raw': raw, 'score': score, 'cam_bkg': act[:, :1], 'norm_cam': cam, 'loss_cls': cls, 'loss_probe': probe, 'loss': cls + probe}


def sample_cam_head(rng, v):
    n, k, c, h, w = [(1, 3, 7, 5, 9), (3, 7, 5, 8, 9), (5, 1, 1, 1, 6)][v]
    y = draw_labels(rng, n, k)
    return ({'feat4': np.abs(rng.normal(size=(n, c, h, w))), 'label': y, 'valid_mask': draw_valid(rng, y, h, w),
             'probe': rng.normal(size=(n, k + 1, h, w))},
            {'classifier': rng.normal(0, 0.5, (k, c, 1, 1))}, {'eps': [1e-2, 1e-5, 0.5][v]}, {'N': n, 'K': k, 'C4': c, 'h': h, 'w': w})


def hie_feature(t, hp, sizes, decide):
    raw, f = hierarchy([t[f'feat{i}'] for i in range(1, 5)], [t[f'side{i}'] for i in range(1, 5)], hp['eps'])
    return {'side1': raw[0], 'side4': raw[3], 'hie_feature': f, 'loss': (f * t['probe']).mean()}


def sample_feats(rng, n, ch, size):
    return {f'feat{i}': np.abs(rng.normal(size=(n, c, *s))) for i, (c, s) in enumerate(zip(ch, size), 1)}


def sample_hie(rng, v):
    n, ch, d, h, w, odd = [(1, [5, 3, 7, 9], [3, 5, 2, 4], 4, 7, 1), (3, [4, 6, 5, 8], [2, 3, 4, 6], 5, 3, 0), (2, [1, 2, 3, 1], [1, 2, 1, 3], 1, 2, 0)][v]
    sides = {f'side{i}': rng.normal(0, 0.5, (o, c, 1, 1)) for i, (o, c) in enumerate(zip(d, ch), 1)}
    return ({**sample_feats(rng, n, ch, grids(h, w, odd)), 'probe': rng.normal(size=(n, sum(d), h, w))}, sides,
            {'eps': [1e-2, 1e-5, 0.1][v], 'align_corners': False, 'order': '1,2,3,4'}, {'N': n, 'ch': ch, 'D': d, 'h': h, 'w': w})


def seed_locating(t, hp, sizes, decide):
    s, inter, union, iou, won, seeds = locate(t['norm_cam'], t['feature'], t['valid_mask'], hp['background_iou_factor'], hp['eps'], decide)
    return {'correlation': s, 'inter': inter, 'union': union, 'iou': iou, 'belonging': won, 'probs': iou.softmax(1), 'seeds': seeds}


def sample_seed(rng, v):
    n, k, d, h, w = [(1, 2, 6, 7, 9), (3, 7, 9, 6, 5), (2, 1, 1, 1, 5)][v]
    y = draw_labels(rng, n, k)
    valid = draw_valid(rng, y, h, w)
    cam = np.maximum(blobs(rng, n, k, h, w), 0)
    cam /= cam.max((2, 3), keepdims=True) + 1e-5
    cam = np.concatenate([1 - cam.max(1, keepdims=True), cam], 1) * valid
    return ({'norm_cam': cam, 'feature': blobs(rng, n, d, h, w), 'valid_mask': valid}, {},
            {'eps': [1e-3, 1e-5, 0.1][v], 'background_iou_factor': [0.35, 0.8, 1.5][v]}, {'N': n, 'K': k, 'D': d, 'h': h, 'w': w})


def prototype_is_cam(t, hp, sizes, decide):
    p, m = prototypes(t['feature'], t['seeds'], hp['cosine_eps'], decide)
    return {'prototypes': p, 'is_cam': m, 'loss': (m * t['probe']).mean()}


def sample_prototype(rng, v):
    n, k, d, h, w = [(1, 2, 5, 5, 8), (3, 6, 7, 6, 4), (1, 1, 3, 1, 4)][v]
    seeds = np.eye(k + 1)[rng.integers(0, k, (n, h, w))].transpose(0, 3, 1, 2)  # the last channel is empty
    if h > 1: seeds[:, :, 0] = 0
    # With a bound as large as 0.3 some pixels (drawn small) and a prototype are below it.
    feature = blobs(rng, n, d, h, w)
    if v == 0: feature[:, :, 1, :3] *= 0.02
    return ({'seeds': seeds, 'feature': feature, 'probe': rng.normal(size=(n, k + 1, h, w))}, {},
            {'cosine_eps': [0.3, 1e-8, 1e-4][v]}, {'N': n, 'K': k, 'D': d, 'h': h, 'w': w})


def losses(t, hp, sizes, decide):
    normed, gsc = consistency(t['norm_cam'], t['is_cam'], hp['eps'], decide)
    cls = soft_margin(t['score'], t['label'])
    return {'is_cam_norm': normed, 'loss_cls': cls, 'loss_gsc': gsc, 'loss': hp['weights']['cls'] * cls + hp['weights']['gsc'] * gsc}


def sample_losses(rng, v):
    n, k, h, w = [(1, 4, 5, 9), (3, 11, 6, 6), (2, 1, 1, 3)][v]
    y = draw_labels(rng, n, k)
    valid = draw_valid(rng, y, h, w)
    present = np.concatenate([np.ones((n, 1)), y], 1)[..., None, None]
    return ({'score': rng.normal(size=(n, k, 1, 1)), 'label': y, 'norm_cam': rng.random((n, k + 1, h, w)) * valid,
             'is_cam': np.maximum(rng.normal(0.2, 0.5, (n, k + 1, h, w)), 0) * present}, {},
            {'eps': [1e-3, 1e-5, 0.2][v], 'weights': [{'cls': 0.5, 'gsc': 2}, {'cls': 1, 'gsc': 1}, {'cls': 0, 'gsc': 1}][v]}, {'N': n, 'K': k, 'h': h, 'w': w})


def head_e2e(t, hp, sizes, decide):
    r = head([t[f'feat{i}'] for i in range(1, 5)], [t[f'side{i}'] for i in range(1, 5)], t['classifier'], t['label'], t['valid_mask'], hp, decide)
    return {**r, 'loss': hp['weights']['cls'] * r['loss_cls'] + hp['weights']['gsc'] * r['loss_gsc']}


def sample_head(rng, v):
    n, k, ch, d, h, w, odd = [(1, 3, [5, 3, 7, 9], [3, 5, 2, 4], 5, 7, 1), (3, 5, [4, 6, 5, 8], [2, 3, 4, 6], 6, 7, 0), (2, 1, [1, 2, 3, 2], [1, 2, 1, 3], 2, 3, 2)][v]
    y = draw_labels(rng, n, k)
    feats = {f'feat{i}': np.abs(blobs(rng, n, c, *s)) for i, (c, s) in enumerate(zip(ch, grids(h, w, odd)), 1)}
    params = {f'side{i}': rng.normal(0, 0.5, (o, c, 1, 1)) for i, (o, c) in enumerate(zip(d, ch), 1)}
    params['classifier'] = rng.normal(0, 0.5, (k, ch[3], 1, 1))
    return ({**feats, 'label': y, 'valid_mask': draw_valid(rng, y, h, w)}, params,
            {'eps': [1e-3, 1e-5, 0.1][v], 'background_iou_factor': [0.7, 0.4, 1.0][v], 'weights': [{'cls': 1, 'gsc': 3}, {'cls': 1, 'gsc': 1}, {'cls': 0.25, 'gsc': 10}][v]},
            {'N': n, 'K': k, 'ch': ch, 'D': d, 'h': h, 'w': w})


def valid_mask(t, hp, sizes, decide):
    return {'valid_mask_lowres': lowres_mask(t['inside'], t['label'], hp['stride'])}


def sample_valid(rng, v):
    n, k, h, w, stride = [(1, 3, 40, 56, 8), (3, 9, 112, 48, 16), (2, 80, 50, 29, 12)][v]
    inside = np.ones((n, 1, h, w))
    for i in range(n):
        inside[i, :, : rng.integers(0, h // 2)] = 0
        inside[i, :, :, rng.integers(w // 2, w):] = 0
    return {'inside': inside, 'label': draw_labels(rng, n, k)}, {}, {'stride': stride}, {'N': n, 'K': k, 'H': h, 'W': w}


def draw_net(rng, width, planes, blocks, d, k):
    p = resnet.draw_resnet(rng, 'resnet50.', width, planes, blocks)
    for i in range(4):
        p |= resnet.draw_conv(rng, f'side{i + 1}', d[i], 4 * planes[i], 1)
    return p | resnet.draw_conv(rng, 'classifier', k, 4 * planes[3], 1)


HEADS = ('side1.', 'side2.', 'side3.', 'side4.', 'classifier.')


def train_3_steps(t, hp, sizes, decide):
    names = [k for k in t if ('layer3' in k or 'layer4' in k or k.startswith(HEADS)) and 'running' not in k]
    value = {k: t[k].detach().clone() for k in names}
    buffer, outs, rows = {}, {}, {'loss_cls_steps': [], 'loss_gsc_steps': [], 'lr_steps': [], 'grad_norm_steps': []}
    # The grid of the mask is that of stage 3: the stem's 4 times the strides of the stages before it.
    stride = 4 * int(np.prod(hp['stage_strides'][:3]))
    valid = lowres_mask(t['inside'], t['label'], stride)
    for step in range(3):
        leaves = {k: v.clone().requires_grad_() for k, v in value.items()}
        now = {**t, **leaves}
        feats = resnet.features(now, 'resnet50.', t['img'], hp['stage_strides'], hp['bn_eps'], decide)
        r = head(feats, [now[f'side{i}.weight'] for i in range(1, 5)], now['classifier.weight'], t['label'], valid, hp, decide)
        grads = dict(zip(names, torch.autograd.grad(r['loss_cls'] + r['loss_gsc'], [leaves[k] for k in names])))
        norm = torch.sqrt(sum((g * g).sum() for g in grads.values()))
        scale = min(1.0, float(hp['clip_norm'] / (norm + 1e-6)))
        decide.note('clipping', (norm - hp['clip_norm']).abs())
        factor = (1 - step / sizes['max_step']) ** hp['poly_power']
        rates = (sizes['lr'] * factor, 10 * sizes['lr'] * factor)
        if step == 0:
            outs |= {f'{k}_step1': r[k] for k in ('score', 'norm_cam', 'seeds', 'is_cam')}
            outs |= {f'clipped_grad_step1.{k}': g * scale for k, g in grads.items()}
        for k in names:
            d = grads[k] * scale + hp['weight_decay'] * value[k]
            buffer[k] = d if step == 0 else hp['momentum'] * buffer[k] + d
            value[k] = value[k] - rates[k.startswith(HEADS)] * buffer[k]
            if step != 1 or k.startswith(HEADS):
                outs[f'after_step{step + 1}.{k}'] = value[k].clone()
        rows['loss_cls_steps'].append(r['loss_cls'].detach())
        rows['loss_gsc_steps'].append(r['loss_gsc'].detach())
        rows['lr_steps'].append(torch.tensor(rates))
        rows['grad_norm_steps'].append(norm)
    return {**outs, **{k: torch.stack(v) for k, v in rows.items()}}


def sample_train(rng, v):
    n, k, h, w, width, planes, blocks, d = [
        (1, 3, 48, 80, 4, [1, 2, 2, 3], [1, 2, 1, 1], [2, 3, 4, 3]),
        (3, 4, 64, 80, 8, [2, 1, 3, 3], [1, 1, 2, 2], [3, 3, 4, 4]),
        (2, 1, 32, 48, 2, [1, 1, 2, 1], [1, 1, 1, 1], [1, 2, 2, 3]),
    ][v]
    inside = np.ones((n, 1, h, w))
    inside[0, :, : h // 3] = 0
    lr, wd, steps = [(0.05, 0.2, 7), (0.02, 1e-3, 20), (0.03, 0, 3)][v]
    # The released optimiser hands the weight decay to the place of the momentum as well: they are always the same.
    hp = {'lr': 'sizes.lr, heads x10', 'weight_decay': wd, 'momentum': wd, 'poly_power': [0.5, 0.9, 2.0][v], 'clip_norm': [0.3, 2.0, 100.0][v],
          'bn_eps': [1e-3, 1e-5, 0.1][v], 'blocks_per_stage': blocks, 'stage_strides': [1, 2, 2, 1]}
    sizes = {'N': n, 'K': k, 'H': h, 'W': w, 'width': width, 'planes': planes, 'D': d, 'lr': lr, 'wt_dec': wd, 'max_step': steps}
    return ({'img': blobs(rng, n, 3, h, w) * inside, 'inside': inside, 'label': draw_labels(rng, n, k)},
            draw_net(rng, width, planes, blocks, d, k), hp, sizes)


def export_is_cam(t, hp, sizes, decide):
    eps = hp['eps']
    present = torch.cat([torch.ones_like(t['label'][:1]), t['label']])[None, :, None, None]
    outs, total = {}, 0
    for i in range(len(hp['scales'])):
        image = t[f'img_scale{i}'][None]
        feats = resnet.features(t, 'resnet50.', torch.cat([image, image.flip(3)]), [1, 2, 2, 1], 1e-5, decide)
        raw = F.conv2d(feats[3], t['classifier.weight'])
        raw = raw[:1] + raw[1:].flip(3)
        _, f = hierarchy(feats, [t[f'side{j}.weight'] for j in range(1, 5)], eps)
        f = f[:1] + f[1:].flip(3)
        cam = activation(raw, eps, decide)
        seeds = locate(cam, f, present, 0.5, eps, decide)[5]
        _, is_cam = prototypes(f, seeds, 1e-8, decide)
        outs |= {f'cam_scale{i}': cam[0], f'seeds_scale{i}': seeds[0], f'is_cam_scale{i}': is_cam[0]}
        total = total + resize(is_cam, (sizes['H'], sizes['W']))
    # Enlarging repeats the border, so equal maxima are common; nothing is decided by which of them it is.
    fused = total / (total.amax((2, 3), keepdim=True) + eps)
    keys = [0] + [i + 1 for i, p in enumerate(t['label']) if p > 0]
    outs['is_cam'] = fused[0]
    outs['label_map'] = torch.tensor(keys)[decide.argmax(fused[0, keys], 0, 'label')]
    return outs


def sample_export(rng, v):
    k, h, w, width, planes, blocks, d, scales = [
        (3, 29, 37, 4, [1, 2, 2, 3], [1, 1, 2, 1], [2, 3, 4, 3], [1.0, 0.5, 1.5, 2.0]),
        (4, 64, 48, 8, [2, 1, 3, 3], [2, 1, 1, 1], [3, 3, 4, 4], [1.0, 0.75, 1.25, 1.75]),
        (1, 33, 40, 2, [1, 1, 2, 2], [1, 1, 1, 1], [1, 2, 2, 3], [1.0, 1.5, 1.25, 2.0]),
    ][v]
    px = [[int(round(h * s)), int(round(w * s))] for s in scales]
    y = draw_labels(rng, 1, k)[0]
    base = torch.tensor(blobs(rng, 1, 3, h, w))
    images = {f'img_scale{i}': F.interpolate(base, size=p, mode='bicubic', align_corners=False)[0].numpy() for i, p in enumerate(px)}
    return ({'label': y, **images}, draw_net(rng, width, planes, blocks, d, k), {'scales': scales, 'eps': [1e-3, 1e-5, 0.1][v]},
            {'K': k, 'H': h, 'W': w, 'scales_px': px, 'width': width, 'planes': planes, 'D': d})


def ir_label(t, hp, sizes, decide):
    keys = t['keys'].long()
    fg = keys[decide.argmax(t['is_cam'], 0)]
    halved = torch.cat([t['is_cam'][:1] * hp['bg_factor'], t['is_cam'][1:]])
    bg = keys[decide.argmax(halved, 0)]
    return {'fg_conf': fg, 'bg_conf': bg, 'ir_label': torch.where(fg != 0, fg, torch.where(bg == 0, bg, torch.full_like(fg, hp['ignore'])))}


def sample_ir(rng, v):
    keys, h, w = [([0, 2], 13, 17), ([0, 1, 4, 19], 10, 9), ([0], 1, 7)][v]
    m = np.clip(np.abs(blobs(rng, 1, len(keys), h, w))[0], 0, None)
    m /= m.max((1, 2), keepdims=True)
    return ({'is_cam': m, 'keys': np.array(keys)}, {}, {'bg_factor': [0.3, 0.7, 0.5][v], 'ignore': [254, 255, 21][v]},
            {'n_keys': len(keys), 'keys': keys, 'h': h, 'w': w})


def pseudo_label(t, hp, sizes, decide):
    edge, keys = t['edge'][0], t['keys'].long()
    cam = resize(t['is_cam'][None], edge.shape)[0] ** hp['power']
    affinity, transition, walked = random_walk(cam, edge, hp['radius'], hp['beta'], hp['log2_steps'])
    up = enlarge(walked, t['is_cam'].shape[1:])
    return {'cam_stride4': cam, 'affinity': affinity, 'transition': transition, 'rw': walked, 'rw_up': up,
            'pseudo_label': keys[decide.argmax(up, 0)]}


def sample_pseudo(rng, v):
    keys, h, w, height, width = [([0, 5], 7, 9, 27, 35), ([0, 1, 4, 19], 9, 6, 33, 24), ([0, 20], 3, 4, 12, 13)][v]
    m = np.abs(blobs(rng, 1, len(keys), height, width))[0]
    m /= m.max((1, 2), keepdims=True)
    return ({'is_cam': m, 'edge': rng.random((1, h, w)) ** 2, 'keys': np.array(keys)}, {},
            {'beta': [6, 10, 1][v], 'log2_steps': [5, 8, 0][v], 'radius': [4, 5, 6][v], 'power': [1.2, 1.5, 1][v]},
            {'keys': keys, 'h': h, 'w': w, 'H': height, 'W': width})


CASES = [
    Case('sipe', 'cam_head', cam_head, sample_cam_head, lambda k: k in ('feat4', 'classifier')),
    Case('sipe', 'hie_feature', hie_feature, sample_hie, lambda k: k.startswith(('feat', 'side'))),
    Case('sipe', 'seed_locating', seed_locating, sample_seed),
    Case('sipe', 'prototype_is_cam', prototype_is_cam, sample_prototype, lambda k: k == 'feature'),
    Case('sipe', 'losses', losses, sample_losses, lambda k: k in ('score', 'norm_cam', 'is_cam')),
    Case('sipe', 'head_e2e', head_e2e, sample_head, lambda k: k.startswith(('feat', 'side', 'classifier'))),
    Case('sipe', 'valid_mask', valid_mask, sample_valid),
    Case('sipe', 'train_3_steps', train_3_steps, sample_train),
    Case('sipe', 'export_is_cam', export_is_cam, sample_export),
    Case('sipe', 'ir_label', ir_label, sample_ir),
    Case('sipe', 'pseudo_label_random_walk', pseudo_label, sample_pseudo),
]
