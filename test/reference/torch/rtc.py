"""Refinement, cross-view prototypes and losses of RTC (test/fixtures/rtc)."""
import numpy as np
import torch
import torch.nn.functional as F

import resnet
from reference import Case
from sipe import blobs
from wide_deeplab import conv
from wseg import balanced, draw_tags

up = lambda x, size: F.interpolate(x, size=size, mode='bilinear', align_corners=True)


def lowest(p):
    return p.flatten(2).min(2).values[..., None, None]


def maxnorm(p, eps, decide):
    p = decide.relu(p)
    low, high = lowest(p), decide.spatial_max(p, 'maximum of maxnorm')
    return torch.relu(p - low - eps) / (high - low + eps)


def norm16(p, background, eps):
    p = torch.relu(p)
    low, high = lowest(p), p.amax((2, 3), keepdim=True)
    n = (torch.where(p < low + eps, torch.zeros_like(p), p) - low - eps) / (high - low + eps)
    return torch.cat([torch.full_like(n[:, :1], background), n[:, 1:]], 1)


def onehot(x):
    front = x[:, 1:]
    return torch.cat([x[:, :1], torch.where(front == front.amax(1, keepdim=True), front, torch.zeros_like(front))], 1)


def with_tags(label):
    return torch.cat([torch.ones_like(label[:, :1]), label], 1)


def pseudo_label(maps, z, decide):
    return decide.argmax((maps * z[:, :, None, None]).softmax(1), 1, 'pixel pseudo label')


def largest(x, share, decide):
    flat = x.flatten(1)
    k = int(share * flat.shape[1])
    top = flat.topk(min(k + 1, flat.shape[1]), 1).values
    if top.shape[1] > k:
        gap = top[:, k - 1] - top[:, k]
        decide.note('selection of the largest', gap[top[:, k] != 0])
    return top[:, :k].mean()


def normalisations(t, hp, sizes, decide):
    m, n = maxnorm(t['maps'], hp['eps'], decide), norm16(t['maps'].detach(), hp['bg_constant'], hp['eps'])
    return {'max_norm': m, 'norm16': n, 'pseudo_label': pseudo_label(n, t['label'], decide), 'loss': (t['probe'] * m).mean()}


def sample_normalisations(rng, v):
    n, k, h, w, hp = [(1, 4, 7, 5, {'eps': 1e-3, 'bg_constant': 0.4}), (3, 8, 5, 6, {'eps': 1e-5, 'bg_constant': 0.2}), (2, 2, 1, 3, {'eps': 1e-2, 'bg_constant': 0.1})][v]
    maps = rng.normal(size=(n, k + 1, h, w))
    label = np.concatenate([np.ones((n, 1)), draw_tags(rng, n, k)], 1)
    return {'maps': maps, 'label': label, 'probe': rng.normal(size=maps.shape)}, {}, hp, {'N': n, 'h': h, 'w': w}


def spread(maps, guide, eps, decide=None):
    g = guide.flatten(2)
    g = g / (g.norm(dim=1, keepdim=True) + eps)
    gram = g.transpose(1, 2) @ g
    a = decide.relu(gram) if decide else torch.relu(gram)
    a = a / (a.sum(1, keepdim=True) + eps)
    return a, (maps.flatten(2) @ a).reshape(maps.shape)


def pcm(t, hp, sizes, decide):
    a, y = spread(t['cam'], t['guide'], hp['eps'], decide)
    return {'affinity': a, 'cam_rv': y, 'loss': (t['probe'] * y).mean()}


def sample_pcm(rng, v):
    n, k, c, h, w, eps = [(1, 4, 3, 5, 8, 1e-3), (3, 2, 6, 6, 4, 1e-5), (2, 1, 1, 1, 3, 1e-2)][v]
    cam = blobs(rng, n, k, h, w)
    return {'cam': cam, 'guide': rng.normal(size=(n, c, h, w)), 'probe': rng.normal(size=cam.shape)}, {}, {'eps': eps}, {'N': n, 'K': k, 'C': c, 'h': h, 'w': w}


def crr(t, hp, sizes, decide):
    eps = hp['eps']
    p = torch.relu(t['cam'].detach())
    a = torch.relu(p - eps) / (p.amax((2, 3), keepdim=True) + eps)
    top = a[:, 1:].topk(2, 1).values if a.shape[1] > 2 else None
    if top is not None:
        decide.note('winner of a pixel', (top[:, 0] - top[:, 1])[top[:, 0] > 0])
    seed = onehot(torch.cat([1 - a[:, 1:].amax(1, keepdim=True), a[:, 1:]], 1))
    g4, g5, g3 = (decide.relu(conv(t, name, t[tap].detach())) for name, tap in (('f8_4', 'conv5'), ('f8_5', 'conv6'), ('f8_3', 'conv4')))
    deep = conv(t, 'f9_1', torch.cat([g4, g5], 1))
    shallow = conv(t, 'f9_2', torch.cat([up(t['img'], g3.shape[2:]), g3], 1))
    d, s = spread(seed, deep, eps, decide)[1], spread(seed, shallow, eps, decide)[1]
    y = (d + s) / 2
    return {'seed': seed, 'f_deep': deep, 'f_shallow': shallow, 'cam_rv_deep': d, 'cam_rv_shallow': s, 'cam_rv_down': y, 'loss': (t['probe'] * y).mean()}


def sample_crr(rng, v):
    n, k, h, w, H, W, c4, c5, c6, f, eps = [(1, 4, 5, 6, 17, 23, 3, 4, 5, (3, 4, 2, 5, 3), 1e-3), (3, 3, 4, 5, 16, 20, 2, 2, 3, (2, 3, 3, 4, 5), 1e-5), (2, 1, 1, 2, 3, 5, 1, 1, 1, (1, 1, 1, 1, 1), 1e-2)][v]
    cam = rng.normal(size=(n, k + 1, h, w))
    inputs = {'conv4': blobs(rng, n, c4, h, w), 'conv5': blobs(rng, n, c5, h, w), 'conv6': blobs(rng, n, c6, h, w), 'cam': cam, 'img': blobs(rng, n, 3, H, W)}
    draw = lambda name, o, i: {f'{name}.weight': rng.normal(0, np.sqrt(2 / i), (o, i, 1, 1))}
    params = draw('f8_3', f[0], c4) | draw('f8_4', f[1], c5) | draw('f8_5', f[2], c6) | draw('f9_1', f[3], f[1] + f[2]) | draw('f9_2', f[4], 3 + f[0])
    sizes = {'N': n, 'h': h, 'w': w, 'c4': c4, 'c5': c5, 'c6': c6, **dict(zip(('f83', 'f84', 'f85', 'f91', 'f92'), f))}
    return {**inputs, 'probe': rng.normal(size=cam.shape)}, params, {'eps': eps}, sizes


def branch(t, hp, sizes, decide):
    f = decide.relu(conv(t, 'proj1', t['conv6']))
    cam = conv(t, 'classifier1', f)
    e1 = conv(t, 'fc8_seg_conv2', conv(t, 'fc8_seg_conv1', t['conv6'], 1, 12), 1, 12)
    joined = conv(t, 'fc8_seg_conv4', torch.cat([e1, conv(t, 'fc8_seg_conv3', t['conv6'])], 1))
    shallow = conv(t, 'fc8_seg_conv5', t['conv3'])
    deep = up(joined, shallow.shape[2:])
    seg = conv(t, 'classifier2', decide.relu(conv(t, 'proj2', torch.cat([deep, shallow], 1))))
    gap = up(cam, [8 * n for n in cam.shape[2:]]).mean((2, 3))
    loss = (t['probe_cam'] * cam).mean() + (t['probe_seg'] * seg).mean()
    return {'f_proj': f, 'cam': cam, 'cam_up_gap': gap, 'deep': deep, 'shallow': shallow, 'seg': seg, 'loss': loss}


def sample_branch(rng, v):
    n, k, h, w, c3, c6, D, dec, d = [(2, 5, 13, 15, 3, 4, 3, [4, 3, 2], 5), (3, 3, 14, 13, 2, 3, 4, [2, 2, 3], 3), (1, 1, 1, 2, 1, 1, 1, [1, 1, 1], 1)][v]
    p = resnet.draw_conv
    params = p(rng, 'proj1', D, c6, 1) | p(rng, 'classifier1', k + 1, D, 1) | p(rng, 'fc8_seg_conv1', dec[0], c6, 3) | p(rng, 'fc8_seg_conv2', dec[1], dec[0], 3)
    params |= {'fc8_seg_conv1.bias': rng.normal(0, 0.2, dec[0]), 'fc8_seg_conv2.bias': rng.normal(0, 0.2, dec[1])}
    params |= p(rng, 'fc8_seg_conv3', dec[1], c6, 3) | p(rng, 'fc8_seg_conv4', d, 2 * dec[1], 1) | p(rng, 'fc8_seg_conv5', dec[2], c3, 3)
    params |= p(rng, 'proj2', D + 1, d + dec[2], 1) | p(rng, 'classifier2', k + 1, D + 1, 1)
    inputs = {'conv3': blobs(rng, n, c3, 2 * h - 1, 2 * w), 'conv6': blobs(rng, n, c6, h, w), 'probe_cam': rng.normal(size=(n, k + 1, h, w)), 'probe_seg': rng.normal(size=(n, k + 1, 2 * h - 1, 2 * w))}
    return inputs, params, {}, {'N': n, 'h': h, 'w': w, 'D': D, 'dec': dec}


def all_channels(t, name):
    ids, count = t['channel_ids'].long(), t['label'].shape[1] + 1
    full = torch.zeros((t[name].shape[0], count, *t[name].shape[2:]), dtype=t[name].dtype)
    return full.index_copy(1, ids, t[name])


def er_ecr(t, hp, sizes, decide):
    c1, c2, r1, r2 = (all_channels(t, k) for k in ('cam1', 'cam2', 'cam_rv1', 'cam_rv2'))
    er = (c1[:, 1:] - c2[:, 1:]).abs().mean()
    complement = lambda c: torch.cat([1 - c[:, 1:].amax(1, keepdim=True), c[:, 1:]], 1).detach()
    e1, e2 = (onehot(complement(c2)) - r1).abs(), (onehot(complement(c1)) - r2).abs()
    a, b = largest(e1, hp['ecr_ratio'], decide), largest(e2, hp['ecr_ratio'], decide)
    return {'loss_er': er, 'loss_ecr1': a, 'loss_ecr2': b, 'tensor_ecr1': e1[:, t['channel_ids'].long()], 'loss': er + a + b}


def draw_present(rng, n, k):
    """Tags, and the channels (background first) that any image has."""
    tags = draw_tags(rng, n, k)
    return tags, np.concatenate([[0], 1 + np.flatnonzero(tags.any(0))])


def sample_er(rng, v):
    n, k, size, ratio = [(1, 6, 9, 0.1), (3, 12, 8, 0.2), (2, 2, 3, 0.3)][v]
    tags, ids = draw_present(rng, n, k)
    z = np.concatenate([np.ones((n, 1)), tags], 1)[:, ids, None, None]
    maps = {name: rng.random((n, len(ids), size, size)) * z for name in ('cam1', 'cam2', 'cam_rv1', 'cam_rv2')}
    return {**maps, 'channel_ids': ids, 'label': tags}, {}, {'ecr_ratio': ratio}, {'N': n, 'view2': size}


def ctr(t, hp, sizes, decide):
    z, g = with_tags(t['label']), sizes['grid']
    maps = [norm16(t[f'cam_rv_down{i}'], hp['bg_constant'], 1e-5) for i in (1, 2)]
    feats = [t['f_proj1'], t['f_proj2']]
    flat = [f.permute(0, 2, 3, 1).reshape(-1, f.shape[1]) for f in feats]
    unit = [f / f.norm(dim=1, keepdim=True).clamp(min=1e-12) for f in flat]
    outs, protos, labels = {}, [], []
    k = g * g // 8
    present = z.amax(0) > 0
    for i in (0, 1):
        view, n = i + 1, maps[i]
        rows = n.permute(1, 0, 2, 3).flatten(1)
        order = rows.sort(dim=1, descending=True, stable=True)
        if rows.shape[1] > k:
            gaps = (order.values[:, :k] - order.values[:, 1:k + 1])[1:]
            decide.note('order of the highest', gaps[order.values[1:, :k] > -1 + 1e-9])
        value, index = order.values[:, :k], order.indices[:, :k]
        picked = flat[1 - i].detach()[index]
        p = (value[..., None] * picked).sum(1) / value.sum(1, keepdim=True)
        protos.append(p / p.norm(dim=1, keepdim=True).clamp(min=1e-12))
        labels.append(pseudo_label(n, z, decide))
        u = unit[1 - i].detach()
        attention = torch.einsum('ckd,md->ckm', u[index], u).softmax(1)
        added = torch.einsum('ckm,ck->cm', attention, value) * present[:, None]
        m = n + added.reshape(n.shape[1], n.shape[0], g, g).permute(1, 0, 2, 3)
        q = up(maxnorm(m, 1e-5, Quiet()), [sizes['view2']] * 2) * z[:, :, None, None]
        winner, c = onehot(q), all_channels(t, f'cam{view}')
        front = q[:, 1:].topk(2, 1).values if q.shape[1] > 2 else None
        if front is not None:
            decide.note('winner of a pixel', (front[:, 0] - front[:, 1])[front[:, 1] > 0])
        outs[f'loss_com{view}'] = largest((winner[:, 1:] - onehot(c)[:, 1:]).abs(), hp['com_ratio'], decide)
        outs |= {f'norm16_view{view}': n, f'pseudo_label_view{view}': labels[i], f'top_index_view{view}': index, f'top_value_view{view}': value}
        outs |= {f'compensated_view{view}': m, f'target_view{view}': winner[:, t['channel_ids'].long()], f'prototypes{view}': protos[i]}
    nce = lambda u, p, y: F.cross_entropy(unit[u] @ protos[p].T / hp['temperature'], labels[y].flatten())
    terms = {(u, p, y): nce(u, p, y) for u, p, y in ((0, 0, 0), (1, 1, 1), (0, 0, 1), (1, 1, 0), (0, 1, 0), (1, 0, 1))}
    outs |= {f'nce_u{u + 1}_P{p + 1}_y{y + 1}': x for (u, p, y), x in terms.items()}
    outs['loss_nce'] = hp['nce_weight'] * sum(terms.values()) / 2
    pairs = [-torch.log(1 - protos[0][i] @ protos[1][j]) for i in range(len(present)) for j in range(len(present)) if i != j and present[i] and present[j]]
    outs['loss_class_relation'] = 0.5 * sum(pairs) / len(pairs)
    return {**outs, 'loss': outs['loss_nce'] + outs['loss_com1'] + outs['loss_com2']}


class Quiet:
    """Decisions that gradients do not hang on."""
    relu = staticmethod(torch.relu)

    def spatial_max(self, x, name):
        return x.amax((2, 3), keepdim=True)


def sample_ctr(rng, v):
    n, k, g, view2, D, hp = [
        (1, 4, 5, 9, 6, {'temperature': 0.2, 'nce_weight': 0.3, 'com_ratio': 0.6, 'bg_constant': 0.3}),
        (3, 5, 4, 12, 7, {'temperature': 0.1, 'nce_weight': 0.1, 'com_ratio': 0.8, 'bg_constant': 0.2}),
        (2, 1, 3, 3, 2, {'temperature': 0.5, 'nce_weight': 1.0, 'com_ratio': 0.5, 'bg_constant': 0.1}),
    ][v]
    tags, ids = draw_present(rng, n, k)
    z = np.concatenate([np.ones((n, 1)), tags], 1)[:, ids, None, None]
    inputs = {}
    for i in (1, 2):
        inputs |= {f'f_proj{i}': np.abs(rng.normal(size=(n, D, g, g))) + 0.1, f'cam_rv_down{i}': rng.random((n, k + 1, g, g)) + 0.1, f'cam{i}': rng.random((n, len(ids), view2, view2)) * z}
    return {**inputs, 'channel_ids': ids, 'label': tags}, {}, {**hp, 'prototype_fraction': '1/8'}, {'N': n, 'view2': view2, 'grid': g, 'D': D}


def seg_loss(t, hp, sizes, decide):
    label = t['label_map'].long()
    pseudo = torch.stack([label == c for c in range(t['seg'].shape[1])], 1).to(t['seg'].dtype)
    _, each = balanced(t['seg'], pseudo, label, t['label'], 255)
    return {'loss_per_image': each, 'loss': each.mean()}


def sample_seg(rng, v):
    n, k, h, w, h2, w2 = [(2, 3, 9, 13, 4, 7), (4, 2, 8, 8, 8, 8), (2, 1, 2, 3, 1, 1)][v]
    tags = draw_tags(rng, n, k)
    label = np.stack([rng.choice(np.concatenate([[0, 255], 1 + np.flatnonzero(z)]), (h, w)) for z in tags])
    return {'seg': 2 * rng.normal(size=(n, k + 1, h2, w2)), 'label_map': label, 'label': tags}, {}, {}, {'N': n, 'h': h, 'w': w}


CASES = [
    Case('rtc', 'normalisations', normalisations, sample_normalisations, lambda k: k == 'maps'),
    Case('rtc', 'pcm', pcm, sample_pcm, lambda k: k in ('cam', 'guide')),
    Case('rtc', 'crr', crr, sample_crr, lambda k: k not in ('img', 'probe')),
    Case('rtc', 'cam_branch_and_decoder', branch, sample_branch, lambda k: not k.startswith('probe')),
    Case('rtc', 'er_ecr_losses', er_ecr, sample_er, lambda k: k.startswith('cam')),
    Case('rtc', 'ctr_compensator_losses', ctr, sample_ctr, lambda k: k.startswith('f_proj') or k in ('cam1', 'cam2')),
    Case('rtc', 'seg_loss', seg_loss, sample_seg, lambda k: k == 'seg'),
]
