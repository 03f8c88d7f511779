"""Labels out of class maps, saliency and predictions, and the classifiers that make the maps (test/fixtures/i2crc, mcis)."""
import numpy as np
import torch
import torch.nn.functional as F

import mcis
from foreground import region
from reference import Case
from sipe import blobs
from wide_deeplab import conv, pillow_nearest


def pseudo(t, hp, sizes, decide):
    sal, ids = t['saliency'] / 255, t['class_ids'].long()
    maps = torch.stack([t[f'att_{i}'] for i in range(len(ids))])
    low = maps.amin((1, 2), keepdim=True)
    att = (maps - low) / (maps.amax((1, 2), keepdim=True) - low + 1e-8)
    scores = torch.cat([1 - sal[None], att])
    for name, limit in (('score', hp['fg_thr']), ('conflict', hp['conflict'])):
        decide.note(name, (scores - limit).abs())
    decide.note('claim', (att - hp['att_thr']).abs())
    decide.note('saliency', (sal * 255 - hp['bg_thr']).abs() / 255)
    kept = scores * (scores >= hp['fg_thr'])
    top = kept.topk(2, dim=0).values
    decide.note('argmax', (top[0] - top[1])[top[0] > 0])
    label = F.pad(ids + 1, (1, 0))[kept.argmax(0)]
    label[(kept > hp['conflict']).sum(0) > 1] = 255
    sure = torch.maximum(sal * 255, 255 * (att.amax(0) > hp['att_thr']))
    label[(label == 0) & (sure >= hp['bg_thr'])] = 255
    if ((label > 0) & (label < 255)).double().mean() < 0.01:
        label[:] = 255
    return {'scores': scores, 'label': label}


def sampler_pseudo(count, empty):
    def sample(rng, v):
        h, w = [(13, 17), (21, 16), (11, 12)][v]
        ids = sorted(rng.choice([7, 20, 3][v], count, replace=False).tolist())
        grey = lambda x: np.round(255 / (1 + np.exp(-2 * x)))
        field = lambda: blobs(rng, 1, 1, h, w)[0, 0]
        inputs = {'saliency': np.round(rng.random((h, w)) * 9) if empty else grey(field()), 'class_ids': np.array(ids, np.float32)}
        inputs |= {f'att_{i}': np.round(rng.random((h, w)) * 20) if empty else grey(field()) for i in range(count)}
        if empty:
            inputs['att_0'][0, 0] = 200
        hp = {'fg_thr': [0.25, 0.3, 0.41][v], 'conflict': [0.85, 0.9, 0.93][v], 'bg_thr': [41.5, 31.5, 60.5][v], 'att_thr': [0.61, 0.5, 0.7][v]}
        return inputs, {}, hp, {'H': h, 'W': w, 'classes': ids}
    return sample


def refinement(t, hp, sizes, decide):
    outs = {}
    for i in range(6):
        s, first, tags = t[f'seg{i}'].clone(), t[f'init{i}'], t[f'tags{i}'] + 1
        s[~torch.isin(s, torch.cat([torch.zeros(1, dtype=tags.dtype), tags]))] = 255
        if len(tags) > 1:
            s = torch.where((s == 0) & (first != 0), first, s)
        if any((s == tag).sum() == 0 for tag in tags):
            s[s == 0] = 255
        if ((s > 0) & (s < 255)).double().mean() < hp['min_foreground']:
            s[:] = 255
        outs[f'refined{i}'] = s
    return outs


def sample_refinement(rng, v):
    h, w = [(9, 11), (16, 13), (4, 5)][v]
    inputs = {}
    for i, count in enumerate((1, 2, 3, 1, 1, 2)):
        tags = np.sort(rng.choice(9, count, replace=False))
        pool = lambda extra: np.array([0, 0, *(tags + 1)[:count if i != 2 else 1], *extra])
        seg = np.zeros((h, w)) if i == 3 else rng.choice(pool([10] if i == 0 else []), (h, w))
        inputs |= {f'seg{i}': seg, f'init{i}': rng.choice(pool([255]), (h, w)), f'tags{i}': tags.astype(np.float32)}
    return inputs, {}, {'min_foreground': [0.02, 0.01, 0.2][v], 'ignore': 255}, {'H': h, 'W': w}


def export(t, hp, sizes, decide):
    maps = t['maps'].relu()
    scaled = 255 * maps / (maps.amax((1, 2), keepdim=True) + hp['eps'])
    whole = scaled.floor()
    decide.note('next whole number', (scaled - scaled.round()).abs()[(scaled > 0.5) & (scaled < 254.5)])
    big = F.interpolate(whole[None], size=(sizes['H'], sizes['W']), mode='bicubic', align_corners=False)[0]
    return {'scaled': scaled, 'attention_32': whole, 'attention': big.round().clamp(0, 255)}


def sample_export(rng, v):
    k, n, h, w, size = [(6, 2, 7, 5, (19, 16)), (20, 3, 9, 9, (31, 40)), (3, 1, 4, 4, (9, 8))][v]
    label = np.zeros(k)
    label[rng.choice(k, n, replace=False)] = 1
    return {'maps': blobs(rng, 1, n, h, w)[0], 'label': label}, {}, {'eps': [1e-3, 1e-8, 1e-2][v]}, {'H': size[0], 'W': size[1]}


def merge(t, hp, sizes, decide):
    ids = t['label'].nonzero()[:, 0]
    like = t['co_map_flip_first'].shape[1:]
    size = lambda x: F.interpolate(x[None], size=like, mode='bicubic', align_corners=False)[0]
    group = torch.stack([sum(t[f'co_map_class{c}_ref{r}'][c] for r in range(3)) / 3 for c in range(len(ids))])
    maps = torch.stack([t['co_map_flip_first'], t['co_map_flip_second'].flip(2), size(t['co_map_small_second']), size(t['co_map_large_second']), group])
    score = maps.mean((2, 3)).sigmoid()
    decide.note('score', (score - hp['score_threshold']).abs())
    used = (score > hp['score_threshold']).to(maps)
    used[0] = 1
    parts = 255 * maps.relu() / (maps.relu().amax((2, 3), keepdim=True) + hp['eps'])
    averaged = (parts * used[..., None, None]).sum(0) / 5
    decide.note('next whole number', (averaged - averaged.round()).abs()[averaged > 0.5])
    return {'candidates': maps, 'used': used, 'averaged': averaged, 'localisation_map': averaged.floor()}


def sample_merge(rng, v):
    k, (h, w), (h1, w1), (h2, w2) = [(7, (6, 5), (4, 3), (11, 10)), (20, (9, 9), (7, 7), (18, 18)), (2, (4, 4), (3, 3), (8, 8))][v]
    label = np.zeros(k)
    label[rng.choice(k, 2, replace=False)] = 1
    field = lambda a, b: 3 * blobs(rng, 1, 2, a, b)[0] - 1
    inputs = {'label': label, 'co_map_flip_first': field(h, w), 'co_map_flip_second': field(h, w), 'co_map_small_second': field(h1, w1), 'co_map_large_second': field(h2, w2)}
    inputs |= {f'co_map_class{c}_ref{r}': field(h, w) for c in range(2) for r in range(3)}
    return inputs, {}, {'score_threshold': [0.3, 0.1, 0.5][v], 'eps': [1e-4, 1e-8, 1e-2][v], 'related_images': 3}, {}


def msc(t, hp, sizes, decide):
    def net(x):
        for name in ('base.c1', 'base.c2'):
            x = decide.relu(F.conv2d(x, t[f'{name}.weight'], t[f'{name}.bias'], 2, 1))
        return sum(F.conv2d(x, t[f'base.classifier.conv2d_list.{i}.weight'], t[f'base.classifier.conv2d_list.{i}.bias'], 1, d, d) for i, d in enumerate(hp['dilations']))
    small = [F.interpolate(t['img'], scale_factor=s, mode='bilinear', align_corners=False, recompute_scale_factor=False) for s in hp['scales'][1:]]
    logits = [net(t['img'])] + [net(x) for x in small]
    all_sizes = torch.stack([logits[0]] + [F.interpolate(y, size=logits[0].shape[2:], mode='bilinear', align_corners=False) for y in logits[1:]])
    top = all_sizes.topk(2, dim=0).values
    decide.note('maximum over the scales', (top[0] - top[1]).detach())
    outs, loss = {}, 0
    for name, y in zip(('scale1', 'scale05', 'scale075', 'max'), [*logits, all_sizes.amax(0)]):
        label = pillow_nearest(t['label'].long(), y.shape[2:])
        part = F.cross_entropy(y, label, ignore_index=hp['ignore'])
        outs |= {f'logits_{name}': y, f'labels_{name}': label, f'loss_{name}': part}
        loss = loss + part
    return {**outs, 'loss': loss}


def sample_msc(rng, v):
    n, c, k, h, w, dilations = [(1, 4, 5, 37, 37, [1, 3]), (3, 5, 9, 49, 49, [2, 4, 6, 8]), (1, 1, 2, 16, 16, [1, 2])][v]
    dilations = (dilations * 2)[:4]
    label = rng.integers(0, k, (n, h, w))
    label[:, :3] = 255
    d = {}
    for name, out, inner in [('base.c1', c, 3), ('base.c2', c, c), *[(f'base.classifier.conv2d_list.{i}', k, c) for i in range(4)]]:
        d |= {f'{name}.weight': rng.normal(0, 1 / np.sqrt(9 * inner), (out, inner, 3, 3)), f'{name}.bias': rng.normal(0, 0.1, out)}
    return {'img': blobs(rng, n, 3, h, w), 'label': label}, d, {'scales': [[1, 0.5, 0.75], [1, 0.6, 0.8], [1, 0.5, 0.75]][v], 'dilations': dilations, 'ignore': 255}, {'N': n, 'ch': c, 'K': k, 'size': h}


# The whole classifier of I2CRC: the last convolution is the seventh of the list.
def rename(d):
    return {('' if k.startswith('x.') else '') + k.replace('extra_last_conv', 'extra_convs.6'): v for k, v in d.items()}


def classifier(t, hp, sizes, decide):
    named = dict(t) | {k.replace('extra_convs.6', 'extra_last_conv'): v for k, v in t.items() if 'extra_convs.6' in k}
    maps = mcis.vgg(named, '', t['img'], decide)[1]
    y, weights = t['label'], hp['weights']
    cls = F.binary_cross_entropy_with_logits(maps.mean((2, 3)), y)
    one = y.sum(1) == 1
    u = F.interpolate(maps, size=t['saliency'].shape[1:], mode='bilinear', align_corners=False)
    po, eo = area(u[one], t['saliency'][one], hp['eps'])
    pb, eb = area(u[one], 1 - t['saliency'][one], hp['eps'])
    parts = eo.mean(), eb.mean(), (y[one] * (pb - po)).mean()
    loss = weights['cls'] * cls + weights['cad_object'] * parts[0] + weights['cad_background'] * parts[1] + weights['csd'] * parts[2]
    return {'maps': maps, 'logits': maps.mean((2, 3)), 'loss_cls': cls, 'loss_cad_object': parts[0], 'loss_cad_background': parts[1], 'loss_csd': parts[2],
            'prototype_object': po, 'prototype_background': pb, 'loss': loss}


def area(u, mask, eps):
    m = mask[:, None]
    total = m.sum((2, 3)) + eps
    p = (m * u).sum((2, 3)) / total
    return p, ((m * (u - p[:, :, None, None])) ** 2).sum((2, 3)) / total


def sample_classifier(rng, v):
    n, h, w, widths, k = [(2, 17, 24, [3, 4, 5, 6], 5), (4, 24, 25, [2, 3, 3, 4], 20), (1, 8, 9, [1, 1, 2, 2], 2)][v]
    y = np.zeros((n, k))
    for i in range(n):
        y[i, rng.choice(k, 1 if i % 2 == 0 else 2, replace=False)] = 1
    weights = [{'cls': 1, 'cad_object': 0.3, 'cad_background': 0.2, 'csd': 0.5}, {'cls': 1, 'cad_object': 0.01, 'cad_background': 0.025, 'csd': 0.1}, {'cls': 1, 'cad_object': 1, 'cad_background': 2, 'csd': 3}][v]
    inputs = {'img': blobs(rng, n, 3, h, w), 'saliency': rng.random((n, h, w)), 'label': y}
    return inputs, rename(mcis.draw_vgg(rng, '', widths, k)), {'weights': weights, 'eps': [1e-3, 1e-5, 1e-2][v]}, {'N': n, 'size': h, 'widths': widths}


def trainer(objective, parts, backbone):
    """Three steps of SGD with Nesterov's momentum: new layers ten times as fast, biases twice; a tenth from epochs 5 and 10 on."""
    def compute(t, hp, sizes, decide):
        names = [k for k in t if 'features' in k or 'extra' in k]
        values = {k: torch.nn.Parameter(t[k].detach().clone()) for k in names}
        factor = lambda k: (1 if backbone in k and 'extra' not in k else 10) * (2 if k.endswith('bias') else 1)
        groups = [{'params': [values[k] for k in names if factor(k) == f], 'f': f} for f in (1, 2, 10, 20)]
        optimizer = torch.optim.SGD(groups, lr=1, momentum=0.9, nesterov=True, weight_decay=5e-4)
        outs, losses, rates = {}, [], []
        for step, epoch in enumerate(sizes['step_epochs'], 1):
            for group in optimizer.param_groups:
                group['lr'] = sizes['lr'] * group['f'] * 0.1 ** ((epoch >= 5) + (epoch >= 10))
            rates.append(torch.tensor([g['lr'] for g in optimizer.param_groups]))
            optimizer.zero_grad()
            found = objective({**t, **values}, hp, {**sizes, 'epoch': epoch}, decide)
            found['loss'].backward()
            # What no loss reaches yet still decays: the given files have it so.
            for value in values.values():
                value.grad = torch.zeros_like(value) if value.grad is None else value.grad
            losses.append(torch.stack([found[p].detach() for p in parts]).squeeze())
            optimizer.step()
            # As the given files have it: nothing of the backbone after the second step.
            outs |= {f'after_step{step}.{k}': values[k].detach().clone() for k in names if step != 2 or factor(k) >= 10}
        return {**outs, 'loss_steps': torch.stack(losses), 'lr_steps': torch.stack(rates)}
    return compute


def sampler_training(sample, hyper):
    def draw(rng, v):
        inputs, params, hp, sizes = sample(rng, v)
        return inputs, params, {**hp, **hyper}, {**sizes, 'lr': [2e-3, 1e-3, 5e-4][v], 'step_epochs': [[0, 2, 10], [1, 4, 5], [9, 10, 10]][v]}
    return draw


SGD = {'momentum': 0.9, 'nesterov': True, 'weight_decay': 5e-4}
parameter = lambda k: 'features' in k or 'extra' in k
CASES = [
    Case('i2crc', 'pseudo_label', pseudo, sampler_pseudo(2, False), margin=1e-5),
    Case('mcis', 'pseudo_mask', pseudo, sampler_pseudo(2, False), margin=1e-5),
    Case('mcis', 'pseudo_mask_ignored_image', pseudo, sampler_pseudo(1, True), margin=1e-5),
    Case('i2crc', 'label_refinement', refinement, sample_refinement),
    Case('i2crc', 'cam_export', export, sample_export),
    Case('mcis', 'group_inference_merge', merge, sample_merge),
    Case('i2crc', 'deeplab_msc_loss', msc, sample_msc, lambda k: 'base' in k, margin=1e-6),
    Case('i2crc', 'total_loss_network', classifier, sample_classifier, parameter),
    Case('i2crc', 'train_3_steps', trainer(classifier, ('loss', 'loss_cls', 'loss_cad_object', 'loss_cad_background', 'loss_csd'), 'features'), sampler_training(sample_classifier, SGD)),
    Case('mcis', 'train_3_steps', trainer(mcis.total_loss, ('loss',), 'vgg.features'), sampler_training(mcis.sample_total, SGD)),
]
