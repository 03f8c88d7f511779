"""IRN (test/fixtures/irn): the CAM classifier's step and export, index tables, labels, random walk, Pillow rescaling."""
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import crf
import resnet
from reference import Case
from sipe import blobs, draw_labels
from walk import enlarge, random_walk


def cam_train_step(t, hp, sizes, decide):
    stem, *rest = hp['strides']
    x4 = resnet.features(t, 'resnet50.', t['x'], [1, *rest], hp['bn_eps'], decide, stem_stride=stem)[3]
    logits = F.conv2d(x4.mean((2, 3), keepdim=True), t['classifier.weight']).flatten(1)
    return {'logits': logits, 'loss': F.multilabel_soft_margin_loss(logits, t['labels'])}


def draw_net(rng, width, planes, blocks, k, strides=(1, 2, 2, 1)):
    return resnet.draw_resnet(rng, 'resnet50.', width, planes, blocks, strides) | resnet.draw_conv(rng, 'classifier', k, 4 * planes[3], 1)


def sample_step(rng, v):
    n, k, h, w, width, planes, blocks, strides = [
        (1, 3, 37, 53, 3, [1, 2, 3, 2], [1, 2, 1, 1], [2, 2, 2, 1]),
        (4, 9, 32, 41, 8, [2, 1, 1, 3], [1, 1, 1, 2], [2, 2, 1, 2]),
        (2, 1, 20, 17, 1, [1, 1, 1, 1], [1, 1, 1, 1], [1, 2, 2, 2]),
    ][v]
    return ({'x': blobs(rng, n, 3, h, w), 'labels': draw_labels(rng, n, k)}, draw_net(rng, width, planes, blocks, k, [1, *strides[1:]]),
            {'strides': strides, 'bn_eps': [1e-3, 1e-5, 0.1][v]}, {})


def make_cam(t, hp, sizes, decide):
    h, w = hp['image_size']
    outs, maps = {}, []
    for s in SCALES:
        image = t[f'x_scale_{s}'][None]
        x4 = resnet.features(t, 'resnet50.', torch.cat([image, image.flip(3)]), [1, 2, 2, 1], 1e-5, decide)[3]
        m = decide.relu(F.conv2d(x4, t['classifier.weight']))
        maps.append(m[:1] + m[1:].flip(3))
        outs[f'map_scale_{s}'] = maps[-1][0]
    keys = t['labels'].nonzero()[:, 0]
    def merged(size):
        return sum(F.interpolate(m, size=size, mode='bilinear', align_corners=False) for m in maps)[:, keys]
    low = merged(((h - 1) // 4 + 1, (w - 1) // 4 + 1))
    high = merged((16 * ((h - 1) // 16 + 1), 16 * ((w - 1) // 16 + 1)))[:, :, :h, :w]
    outs['keys'] = keys
    outs['cam'] = (low / (decide.spatial_max(low) + 1e-5))[0]
    high = (high / (decide.spatial_max(high) + 1e-5))[0]
    outs['high_res'] = high
    with_bg = torch.cat([torch.full_like(high[:1], hp['background']), high])
    outs['label_bg_0.15'] = torch.cat([torch.zeros(1, dtype=torch.long), keys + 1])[decide.argmax(with_bg, 0, 'label')]
    return outs


SCALES = ['1.0', '0.5', '1.5', '2.0']


def sample_make(rng, v):
    k, h, w, width, planes, blocks = [(3, 25, 38, 3, [1, 2, 2, 3], [1, 1, 2, 1]), (8, 48, 27, 8, [2, 1, 3, 3], [2, 1, 1, 1]), (1, 32, 16, 2, [1, 1, 2, 2], [1, 1, 1, 1])][v]
    base = torch.tensor(blobs(rng, 1, 3, h, w))
    images = {}
    for s in SCALES:
        size = [int(np.rint(n * float(s))) for n in (h, w)]
        images[f'x_scale_{s}'] = F.interpolate(base, size=size, mode='bicubic', align_corners=False)[0].numpy()
    return ({**images, 'labels': draw_labels(rng, 1, k)[0]}, draw_net(rng, width, planes, blocks, k),
            {'scales': [float(s) for s in SCALES], 'background': [0.15, 0.3, 0.5][v], 'image_size': [h, w]}, {})


def walk(t, hp, sizes, decide):
    affinity, transition, walked = random_walk(t['cam'], t['edge'][0], hp['radius'], hp['beta'], hp['exp_times'])
    up = enlarge(walked, hp['image_size'])
    with_bg = torch.cat([torch.full_like(up[:1], hp['background']), up])
    keys = torch.cat([torch.zeros(1, dtype=torch.long), t['keys'].long()])
    return {'affinity': affinity, 'transition': transition, 'rw': walked[:, None], 'rw_up': up, 'label': keys[decide.argmax(with_bg, 0)]}


def sample_walk(rng, v):
    keys, h, w, size = [([3], 8, 7, [29, 26]), ([1, 7, 20], 6, 9, [24, 33]), ([2, 9], 3, 4, [12, 13])][v]
    m = np.abs(blobs(rng, 1, len(keys), h, w))[0]
    return ({'cam': m / m.max((1, 2), keepdims=True), 'edge': rng.random((1, h, w)) ** 2, 'keys': np.array(keys)}, {},
            {'beta': [7, 10, 1][v], 'exp_times': [4, 8, 0][v], 'radius': [4, 5, 6][v], 'background': [0.3, 0.2, 0.6][v], 'image_size': size}, {})


def paths(t, hp, sizes, decide):
    h, w = (int(n) for n in t['size'])
    radius, floor = hp['radius'], hp['radius'] - 1
    groups = {}
    directions = [(0, x) for x in range(1, radius)]
    directions += [(y, x) for y in range(1, radius) for x in range(-floor, radius) if x * x + y * y < radius * radius]
    for dy, dx in directions:
        line = [(y, x) for y in range(dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
                if (dy * x - dx * y) ** 2 / (dy * dy + dx * dx) < 1]
        line.sort(key=lambda p: -(abs(p[0]) + abs(p[1])))
        groups.setdefault(len(line), []).append(((dy, dx), line))
    ordered = [entry for length in sorted(groups) for entry in groups[length]]
    sources = [y * w + x for y in range(h - floor) for x in range(floor, w - floor)]
    outs = {
        'search_dst': [d for d, _ in ordered], 'path_length': [len(p) for _, p in ordered],
        'path_offsets': [q for _, p in ordered for q in p], 'src_indices': sources,
        'dst_indices': [[s + dy * w + dx for s in sources] for (dy, dx), _ in ordered],
    }
    if radius < 10:
        outs['path_indices'] = [[s + y * w + x for s in sources] for _, p in ordered for y, x in p]
    return {k: torch.tensor(v) for k, v in outs.items()}


def sampler_paths(radius):
    def sample(rng, v):
        # The case's name says which radius it was made with; the description is what counts.
        r = radius - [0, 1, 2][v]
        return {'size': np.array([[r + 3, 2 * r + 4], [r + 6, 2 * r + 1], [r, 2 * r - 1]][v])}, {}, {'radius': r}, {}
    return sample


def pil_rescale(t, hp, sizes, decide):
    image = Image.fromarray(t['image'].numpy().astype(np.uint8))
    label = Image.fromarray(t['label'].numpy().astype(np.uint8))
    outs = {}
    for how, source, scales in (('bicubic', image, PIL_BICUBIC), ('nearest', label, PIL_NEAREST)):
        for s in scales:
            size = tuple(int(np.rint(n * float(s))) for n in source.size)
            outs[f'{how}_{s}'] = np.asarray(source.resize(size, Image.BICUBIC if how == 'bicubic' else Image.NEAREST))
    return {k: torch.tensor(v.astype(np.int64)) for k, v in outs.items()}


PIL_BICUBIC = ['0.5', '0.73', '1.5', '2.0']
PIL_NEAREST = ['0.25', '0.5', '0.73', '1.5', '2.0']


def sample_pil(rng, v):
    h, w = [(15, 22), (42, 25), (4, 7)][v]
    return {'image': rng.integers(0, 256, (h, w, 3)), 'label': rng.choice([0, 1, 7, 20, 255], (h, w))}, {}, {}, {}


def ir_label(t, hp, sizes, decide):
    image, high = t['image'], t['high_res']
    ids = torch.cat([torch.zeros(1, dtype=torch.long), t['keys'].long() + 1])
    outs, found = {}, {}
    for side in ('fg', 'bg'):
        maps = torch.cat([torch.full_like(high[:1], hp[f'{side}_threshold']), high])
        labels = decide.argmax(maps, 0, f'argmax_{side}')
        unary = crf.unary_from_labels(labels.numpy(), len(ids), hp['gt_prob'])
        q = torch.tensor(crf.infer(unary, image.numpy(), IR_KERNELS, [hp['iterations']])[0])
        found[side] = decide.argmax(q, 0, f'crf_{side}')
        outs |= {f'{side}_argmax': labels, f'{side}_q': q, f'{side}_crf': found[side]}
    fg, bg = ids[found['fg']], found['bg']
    outs['ir_label'] = torch.where(fg != 0, fg, torch.where(bg == 0, torch.zeros_like(fg), torch.full_like(fg, 255)))
    return outs


IR_KERNELS = [{'kind': 'gaussian', 'weight': 3, 'sxy': 3}, {'kind': 'bilateral', 'weight': 10, 'sxy': 50, 'srgb': 5}]


def sample_ir(rng, v):
    keys, h, w = [([4], 17, 23), ([0, 8, 19], 21, 14), ([3], 5, 9)][v]
    m = np.clip(blobs(rng, 1, len(keys), h, w)[0], 0, None)
    return ({'image': crf.draw_image(rng, h, w), 'high_res': m / m.max((1, 2), keepdims=True), 'keys': np.array(keys)}, {},
            {'fg_threshold': [0.4, 0.25, 0.6][v], 'bg_threshold': [0.1, 0.05, 0.3][v], 'gt_prob': [0.6, 0.8, 0.55][v], 'iterations': [4, 10, 1][v]}, {})


def trained(k):
    return ('layer3' in k or 'layer4' in k or k.startswith('classifier')) and 'running' not in k


CASES = [
    Case('irn', 'cam_train_step', cam_train_step, sample_step, trained),
    Case('irn', 'make_cam', make_cam, sample_make),
    Case('irn', 'random_walk', walk, sample_walk),
    Case('irn', 'path_indices_radius5', paths, sampler_paths(5)),
    Case('irn', 'path_indices_radius10', paths, sampler_paths(10)),
    Case('irn', 'pil_rescale', pil_rescale, sample_pil),
    Case('irn', 'ir_label', ir_label, sample_ir),
]
