"""Fully connected CRF (test/fixtures/dense-crf): unary energies, the lattice by itself, mean field with the constants of each paper."""
import numpy as np
import torch

import crf
from reference import Case
from sipe import blobs

KERNEL_NAMES = {
    'gaussian3': {'kind': 'gaussian', 'sxy': 3},
    'bilateral50_5': {'kind': 'bilateral', 'sxy': 50, 'srgb': 5},
    'bilateral80_13': {'kind': 'bilateral', 'sxy': 80, 'srgb': 13},
}


def tensors(d):
    return {k: torch.tensor(np.asarray(v)) for k, v in d.items()}


def unary_of(prob, clip=1e-5):
    return -np.log(np.clip(prob, clip, 1)).reshape(len(prob), -1)


def mean_field(unary, image, hp, decide, exact_at=None):
    outs = {}
    for step, q in zip(hp['iterations'], crf.infer(unary, image, hp['kernels'], hp['iterations'])):
        outs |= {f'q_{step}': q, f'label_{step}': decide.argmax(torch.tensor(q), 0, f'argmax_{step}')}
    last = hp['iterations'][-1]
    q = crf.infer(unary, image, hp['kernels'], [last], exact=True)[0]
    return outs | {f'q_exact_{last}': q, f'label_exact_{last}': decide.argmax(torch.tensor(q), 0, f'argmax_exact_{last}')}


def from_probabilities(t, hp, sizes, decide):
    prob, image = t['prob'].numpy(), t['image'].numpy()
    unary = unary_of(prob, hp['clip'])
    outs = mean_field(unary, image, hp, decide)
    return tensors({'unary': unary.reshape(prob.shape), **outs})


def from_labels(t, hp, sizes, decide):
    labels, image = t['labels'].numpy().astype(int), t['image'].numpy()
    count, g = int(labels.max()) + 1, hp['gt_prob']
    unary = crf.unary_from_labels(labels, count, g)
    outs = mean_field(unary, image, hp, decide)
    outs.pop('unary', None)
    return tensors({'unary': unary.reshape(count, *labels.shape), 'unary_unsure': unsure(labels, count - 1, g).reshape(-1, *labels.shape), **outs})


def unsure(labels, channels, g):
    energy = crf.unary_from_labels(np.maximum(labels - 1, 0), channels, g)
    energy[:, labels.ravel() == 0] = -np.log(1 / channels)
    return energy


def cam_alpha(t, hp, sizes, decide):
    cams, image = t['cams'].numpy(), t['image'].numpy()
    outs = {}
    def add(name, alpha, sxy):
        scores = np.concatenate([(1 - cams.max(0, keepdims=True)) ** alpha, cams])
        kernels = [{'kind': 'gaussian', 'weight': 3, 'sxy': 3}, {'kind': 'bilateral', 'weight': 10, 'sxy': sxy, 'srgb': 13}]
        q = crf.infer(unary_of(scores), image, kernels, [hp['iterations']])[0]
        outs.update({f'q_{name}': q, f'label_{name}': decide.argmax(torch.tensor(q), 0, f'argmax_{name}')})
        return scores
    for alpha in hp['alphas']:
        outs[f'score_{alpha}'] = add(alpha, alpha, 80)
    add('wsfcn_5', 5, 30)
    return tensors(outs)


def saliency(t, hp, sizes, decide):
    s, image = t['saliency'].numpy(), t['image'].numpy()
    both = np.stack([1 - s, s])
    unary = -np.log(both + 1e-8) / (1.05 / (1 + np.exp(-both)))
    steps = [hp['iterations']]
    flat = unary.reshape(2, -1)
    return tensors({'unary': unary, 'refined': crf.infer(flat, image, hp['kernels'], steps)[0][1],
                    'refined_exact': crf.infer(flat, image, hp['kernels'], steps, exact=True)[0][1]})


def lattice_filter(t, hp, sizes, decide):
    image, values = t['image'].numpy(), t['values'].numpy()
    outs = {}
    for name, kernel in KERNEL_NAMES.items():
        features = crf.features_of(kernel, image)
        lattice = crf.Lattice(features)
        ones = np.ones((1, features.shape[1]))
        norm = 1 / np.sqrt(lattice.filter(ones) + 1e-20)
        outs |= {f'{name}_features': features, f'{name}_vertices': lattice.count, f'{name}_filter_of_ones': lattice.filter(ones)[0],
                 f'{name}_filter_of_values': lattice.filter(values), f'{name}_normalised': norm * lattice.filter(norm * values),
                 f'{name}_exact_sum_of_ones': crf.exact_sums(features)(ones)[0]}
    return tensors(outs)


def unaries(t, hp, sizes, decide):
    p, labels = t['prob'].numpy(), t['labels'].numpy().astype(int)
    m = len(p)
    outs = {'softmax': unary_of(p), 'softmax_scale_0.7': unary_of(0.7 * np.clip(p, 0, 1) + 0.3 / m), 'softmax_noclip': -np.log(np.maximum(p, 1e-12)).reshape(m, -1)}
    outs |= {f'labels_{g}': crf.unary_from_labels(labels, m, float(g)) for g in ('0.5', '0.7', '0.9')}
    return tensors({**outs, 'labels_unsure_0.7': unsure(labels, m - 1, 0.7)})


def draw_prob(rng, m, h, w, normalised=True):
    e = np.exp(1.5 * blobs(rng, 1, m, h, w)[0])
    return e / e.sum(0) if normalised else e / e.max()


SIZES = [(4, 13, 19), (3, 20, 11), (2, 5, 7)]


def sampler(kernels, normalised=True):
    """Other deviations and weights than the case is named for: what counts is written in its hyper-parameters."""
    def sample(rng, v):
        m, h, w = SIZES[v]
        changed = [{k: (x if k == 'kind' else x * [1.5, 0.75, 1][v]) for k, x in kernel.items()} for kernel in kernels]
        hp = {'kernels': changed, 'iterations': [[1, 4], [2, 7], [3]][v], 'clip': [1e-5, 1e-3, 1e-4][v]}
        return {'image': crf.draw_image(rng, h, w), 'prob': draw_prob(rng, m, h, w, normalised)}, {}, hp, {}
    return sample


def g(weight, sxy):
    return {'kind': 'gaussian', 'weight': weight, 'sxy': sxy}


def b(weight, sxy, srgb):
    return {'kind': 'bilateral', 'weight': weight, 'sxy': sxy, 'srgb': srgb}


def sample_labels(rng, v):
    m, h, w = [(4, 13, 19), (5, 20, 11), (3, 5, 7)][v]
    labels = blobs(rng, 1, m, h, w)[0].argmax(0)
    labels[0, :m] = np.arange(m)
    return ({'image': crf.draw_image(rng, h, w), 'labels': labels}, {},
            {'gt_prob': [0.6, 0.9, 0.5][v], 'kernels': [g(3, [2, 3, 4][v]), b(10, [50, 30, 20][v], [5, 8, 11][v])], 'iterations': [[1, 4], [2, 7], [3]][v]}, {})


def sample_alpha(rng, v):
    k, h, w = [(2, 13, 19), (4, 20, 11), (1, 5, 7)][v]
    m = np.clip(blobs(rng, 1, k, h, w)[0], 0, None)
    return {'image': crf.draw_image(rng, h, w), 'cams': 0.9 * m / m.max((1, 2), keepdims=True)}, {}, {'alphas': [4, 5, 16, 24], 'iterations': [4, 7, 1][v]}, {}


def sample_saliency(rng, v):
    h, w = [(13, 19), (20, 11), (5, 7)][v]
    return ({'image': crf.draw_image(rng, h, w), 'saliency': 1 / (1 + np.exp(-2 * blobs(rng, 1, 1, h, w)[0, 0]))}, {},
            {'kernels': [g([3, 2, 1][v], 3), b(5, [60, 30, 20][v], 5)], 'iterations': [2, 1, 3][v]}, {})


def sample_lattice(rng, v):
    h, w, c = [(7, 8, 2), (12, 5, 4), (2, 2, 1)][v]
    return {'image': crf.draw_image(rng, max(h, 4), max(w, 4))[:h, :w], 'values': rng.random((c, h * w))}, {}, {}, {}


def sample_unaries(rng, v):
    m, h, w = [(5, 3, 7), (3, 6, 2), (3, 1, 2)][v]
    p = rng.random((m, h, w)) * 1.2
    p[0, 0, 0] = 0
    return {'prob': p, 'labels': rng.integers(0, m, (h, w))}, {}, {'labels': m}, {}


PROBABILITIES = {
    'kernel_gaussian': [g(3, 3)], 'kernel_bilateral': [b(10, 50, 5)], 'kernel_bilateral_wide': [b(10, 80, 13)],
    'crf_inference': [g(3, 3), b(10, 80, 13)], 'crf_inference_wsfcn': [g(3, 3), b(10, 30, 13)], 'crf_unnormalised_scores': [g(3, 3), b(10, 80, 13)],
    'crf_deeplabv2': [g(3, 1), b(4, 67, 3)], 'crf_seam': [g(3, 3), b(10, 32, 13)], 'crf_mcis': [g(1, 3), b(3, 80, 4)], 'crf_auxsegnet': [g(3, 4), b(3, 83, 5)],
}

CASES = [
    *[Case('dense-crf', name, from_probabilities, sampler(kernels, name != 'crf_unnormalised_scores'), margin=1e-3) for name, kernels in PROBABILITIES.items()],
    Case('dense-crf', 'crf_inference_label', from_labels, sample_labels, margin=1e-3),
    Case('dense-crf', 'crf_cam_alpha', cam_alpha, sample_alpha, margin=1e-3),
    Case('dense-crf', 'crf_saliency', saliency, sample_saliency),
    Case('dense-crf', 'lattice_filter', lattice_filter, sample_lattice),
    Case('dense-crf', 'unary_energies', unaries, sample_unaries),
]
