"""1-stage-wseg and WS-FCN from the backbone's maps to the loss (their cases head_end_to_end)."""
import torch
import torch.nn.functional as F

import resnet
from backbones import trained
from reference import Case
from refinement import align, draw_align, neighbours, spread
from sipe import blobs
from wide_deeplab import conv
from wseg import aspp_maps, balanced, cross_fusion, draw_aspp, draw_cross, draw_fca, draw_gci, draw_tags, fca_maps, gci_maps, live_norm, pseudo_labels, scores

EPS, IGNORE = 1e-5, 255


def up(x, size):
    return F.interpolate(x, size=size, mode='bilinear', align_corners=True)


def block(t, p, i, j, x, decide):
    w = t[f'{p}{i}.weight']
    return decide.relu(live_norm(t, f'{p}{j}', F.conv2d(x, w, padding=w.shape[2] // 2), EPS))


def after_fusion(t, deep, shallow, hp, decide):
    r, psi, y = t['gate_mask'], hp['psi'], t['labels']
    gated = r * (deep - psi * shallow) / (1 - psi) + (1 - r) * shallow
    x = block(t, 'last_conv.', 4, 5, block(t, 'last_conv.', 0, 1, gated, decide), decide)
    logits, m, _, _, score = scores(F.conv2d(x, t['last_conv.8.weight'], t['last_conv.8.bias']), hp['focal_p'], hp['focal_lambda'])
    full, d = t['image_raw'].shape[2:], hp['pamr_dilations']
    image = up(t['image_raw'], m.shape[2:])
    std = neighbours(image, d, True).std(2, keepdim=True)
    a = (-((neighbours(image, d) - image[:, :, None]).abs() / (1e-8 + 0.1 * std))).mean(1).softmax(1)
    refined = spread(m.detach(), a, d, hp['pamr_iter'])
    tagged = torch.cat([torch.ones_like(y[:, :1]), y], 1)[:, :, None, None]
    refined_up = up(refined, full) * tagged
    _, _, pseudo, index = pseudo_labels(refined_up, y, 0.7, 0.6, 0.2, IGNORE, decide)
    _, each = balanced(logits, pseudo, index, y, IGNORE)
    cls = F.multilabel_soft_margin_loss(score, y)
    return {'gated': gated, 'logits': logits, 'score': score, 'fg_fraction': (y * m.mean((2, 3))[:, 1:]).sum(1) / y.sum(1), 'pamr': refined,
            'mask_up': up(m, full) * tagged, 'refined_up': refined_up, 'pseudo_index': index, 'loss_mask_per_image': each, 'loss_cls': cls, 'loss_mask': each.mean(),
            'loss': cls + hp['mask_loss_weight'] * each.mean()}


def one_stage(t, hp, sizes, decide):
    context = aspp_maps(t, 'aspp.', t['conv6'], [1, 12, 24, 36], EPS, decide)
    s = block(t, 'fc8_skip.', 0, 1, t['conv3'], decide)
    deep = block(t, 'fc8_x.', 0, 1, torch.cat([up(context, s.shape[2:]), s], 1), decide)
    _, shallow = gci_maps(t, 'shallow_mask.', t['conv3'], deep, live_norm, EPS, decide)
    return {**after_fusion(t, deep, shallow, hp, decide), 'aspp': context, 'fc8_x': deep, 'shallow_mask': shallow}


def ws_fcn(t, hp, sizes, decide):
    context = fca_maps(t, 'fca.', t['conv6'], [1, 3, 5, 7], [1, 12, 24, 36], EPS, decide)[2]
    aligned = align(t, 'align1.', t['conv3'], context, decide)[1]
    f = cross_fusion({k[4:]: v for k, v in t.items() if k.startswith('sf2.')} | {'low': t['conv3'], 'up': aligned}, {'bn_eps': EPS}, {}, decide)
    return {**after_fusion(t, f['deep'], f['shallow'], hp, decide), 'fca': context, 'align1': aligned, 'sf2_shallow': f['shallow'], 'sf2_deep': f['deep']}


def draw_block(rng, p, i, j, o, c, k):
    return resnet.draw_conv(rng, f'{p}{i}', o, c, k) | resnet.draw_norm(rng, f'{p}{j}', o)


def sampler(second):
    def sample(rng, v):
        n, k, c3, c6, width, narrow, (h, w), (h6, w6), full = [
            (2, 3, 4, 3, 4 if second else 5, 2, (6, 7), (3, 4), (13, 16)),
            (3, 2, 3, 4, 3 if second else 4, 3, (7, 6), (4, 3), (15, 12)),
            (2, 1, 1, 1, 1 if second else 2, 1, (3, 4), (2, 2), (5, 8)),
        ][v]
        hp = {'psi': [0.4, 0.3, 0.8][v], 'focal_p': [2, 3, 4][v], 'focal_lambda': [0.05, 0.01, 0.1][v], 'pamr_iter': [3, 10, 1][v],
              'pamr_dilations': [[1, 3], [1, 2, 4, 8, 12, 24], [2]][v], 'mask_loss_weight': [0.5, 1.0, 2.0][v], 'dropout': 'off'}
        p = draw_block(rng, 'last_conv.', 0, 1, width, width, 3) | draw_block(rng, 'last_conv.', 4, 5, width, width, 3)
        p |= resnet.draw_conv(rng, 'last_conv.8', k, width, 1) | {'last_conv.8.bias': rng.normal(0, 0.2, k)}
        if second:
            # Deep features have the shallow ones' width here, as in the published network.
            p |= draw_fca(rng, 'fca.', c6, c3, c3, [1, 3, 5, 7]) | draw_align(rng, 'align1.', c3, c3, narrow) | draw_cross(rng, 'sf2.', c3, c3, width)
            for i in range(1, 5):
                p |= resnet.draw_norm(rng, f'fca.fca{i}.bn', c3)
        else:
            p |= draw_aspp(rng, 'aspp.', c6, width, [1, 12, 24, 36]) | draw_block(rng, 'fc8_skip.', 0, 1, narrow, c3, 1)
            p |= draw_block(rng, 'fc8_x.', 0, 1, width, width + narrow, 3) | draw_gci(rng, 'shallow_mask.', c3, width, width)
        inputs = {'conv3': blobs(rng, n, c3, h, w), 'conv6': blobs(rng, n, c6, h6, w6), 'image_raw': rng.random((n, 3, *full)), 'labels': draw_tags(rng, n, k),
                  'gate_mask': (rng.random((n, width, h, w)) < 1 - hp['psi']) * 1.0}
        return inputs, p, hp, {}
    return sample


def wanted(k):
    """A bias before a norm has no gradient but rounding, and the idle norms have none: the given files leave both out."""
    return trained(k) and k not in ('image_raw', 'labels', 'gate_mask') and not (k.startswith('sf2.conv') and k.endswith('bias')) and not ('fca.fca' in k and '.bn.' in k)


CASES = [
    Case('1-stage-wseg', 'head_end_to_end', one_stage, sampler(False), wanted, margin=2e-6, relu_margin=1e-6),
    Case('ws-fcn', 'head_end_to_end', ws_fcn, sampler(True), wanted, margin=2e-6, relu_margin=1e-6),
]
