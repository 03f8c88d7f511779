"""Scores (test/fixtures/metrics), in NumPy from the descriptions."""
import numpy as np
import torch

from reference import Case


def confusion_of(gt, pred, classes, ignore):
    keep = gt != ignore
    return np.bincount(gt[keep] * classes + pred[keep], minlength=classes * classes).reshape(classes, classes)


def scores(t, hp, sizes, decide):
    classes = hp['classes']
    gt, pred = (t[k].numpy().astype(np.int64) for k in ('gt', 'pred'))
    m = confusion_of(gt, pred, classes, hp['ignore'])
    g, r, tp = m.sum(1).astype(float), m.sum(0).astype(float), np.diag(m).astype(float)
    den = g + r - tp
    there, labelled = den > 0, g > 0
    safe = np.where(there, den, 1)
    or_absent = lambda x: np.where(there, x, -1)
    iou, fp, fn = tp / safe, 1 - g / safe, 1 - r / safe
    fg = there.copy()
    fg[0] = False
    cc = tp / (den + 1e-10)
    outs = {
        'confusion': m, 'iou': or_absent(iou), 'miou_nan_ignored': iou[there].mean(), 'fp_rate': or_absent(fp), 'fn_rate': or_absent(fn),
        'fp_rate_mean_fg': fp[fg].mean(), 'fn_rate_mean_fg': fn[fg].mean(), 'dl_pixel_accuracy': tp.sum() / m.sum(),
        'dl_mean_accuracy': (tp[labelled] / g[labelled]).mean(), 'dl_freq_weighted_iou': (g / m.sum() * iou)[labelled].sum(),
        'dl_mean_iou': iou[labelled].mean(), 'cc_iou_percent': 100 * cc, 'cc_miou_percent': 100 * cc.mean(),
        'cc_fp_all': ((r - tp) / (den + 1e-10))[1:].mean(), 'cc_fn_all': ((g - tp) / (den + 1e-10))[1:].mean(),
        'cc_miou_foreground': cc[1:].mean(), 'cc_t_over_tp_class': np.where(tp > 0, g / np.where(tp > 0, tp, 1), 0),
        'ws_precision_percent': 100 * tp / (r + 1e-20), 'ws_recall_percent': 100 * tp / (g + 1e-20),
        'ws_pixel_accuracy_percent': 100 * tp.sum() / g.sum(),
    }
    return {k: torch.tensor(v) for k, v in outs.items()}


def sample_scores(rng, v):
    classes, n, h, w, ignore = [(5, 1, 13, 17, 255), (30, 4, 9, 8, 254), (5, 1, 3, 2, 9)][v]
    gt = rng.integers(0, classes, (n, h // 2 + 1, w // 2 + 1)).repeat(2, 1).repeat(2, 2)[:, :h, :w]
    pred = np.where(rng.random(gt.shape) < 0.6, gt, rng.integers(0, classes, gt.shape))
    gt[gt == 2], pred[pred == 2] = 0, 0  # a class that is nowhere
    gt[gt == 3] = 1  # one that is only predicted
    gt[rng.random(gt.shape) < 0.1] = ignore
    return {'gt': gt, 'pred': pred}, {}, {'classes': classes, 'ignore': ignore, 'class_names': ['background'] + [f'class {i}' for i in range(1, classes)]}, {}


def sweep(t, hp, sizes, decide):
    classes = sizes.get('classes', 21)
    cams, keys, gt = t['cams'], t['keys'].long(), t['gt'].numpy().astype(np.int64)
    rows = {k: [] for k in ('iou', 'miou_percent', 'miou_present_classes', 'fp_all', 'fn_all')}
    for threshold in hp['thresholds']:
        m = np.zeros((classes, classes))
        for maps, ids, truth in zip(cams, keys, gt):
            with_bg = torch.cat([torch.full_like(maps[:1], threshold), maps])
            pred = torch.cat([torch.zeros(1, dtype=torch.long), ids])[decide.argmax(with_bg, 0)].numpy()
            m += confusion_of(truth, pred, classes, 255)
        g, r, tp = m.sum(1), m.sum(0), np.diag(m)
        den = g + r - tp
        iou = tp / (den + 1e-10)
        rows['iou'].append(iou)
        rows['miou_percent'].append(100 * iou.mean())
        rows['miou_present_classes'].append((tp[den > 0] / den[den > 0]).mean())
        rows['fp_all'].append(((r - tp) / (den + 1e-10))[1:].mean())
        rows['fn_all'].append(((g - tp) / (den + 1e-10))[1:].mean())
    fp = np.array(rows['fp_all'])
    best = int(np.argmax(rows['miou_percent']))
    top = np.sort(rows['miou_percent'])
    decide.note('gap of the best mIoU in percent', torch.tensor(top[-1:] - top[-2:-1]))
    nearest = lambda factor: int(np.argmin(np.abs(fp - factor * fp[best])))
    return {'thresholds': torch.tensor(hp['thresholds']), **{k: torch.tensor(np.array(v)) for k, v in rows.items()},
            'best_index': torch.tensor(best), 'over_index': torch.tensor(nearest(hp['over'])), 'under_index': torch.tensor(nearest(hp['under']))}


def sample_sweep(rng, v):
    n, slots, h, w, thresholds = [(1, 2, 11, 9, [0.1, 0.22, 0.31, 0.47, 0.6]), (3, 4, 10, 13, [round(0.03 + 0.06 * i, 2) for i in range(12)]), (2, 1, 5, 6, [0.2, 0.5, 0.9])][v]
    keys = np.stack([rng.choice(np.arange(1, 21), slots, replace=False) for _ in range(n)])
    cams = rng.random((n, slots, h, w))
    cams /= cams.max((2, 3), keepdims=True)
    best = np.concatenate([np.full((n, 1, h, w), 0.4), cams], 1).argmax(1)
    gt = np.stack([np.concatenate([[0], k])[b] for k, b in zip(keys, best)])
    gt[rng.random(gt.shape) < 0.1] = 255
    return {'cams': cams, 'keys': keys, 'gt': gt}, {}, {'thresholds': thresholds, 'over': [1.3, 2.0, 1.6][v], 'under': [0.5, 0.8, 0.6][v]}, {}


CASES = [
    Case('metrics', 'confusion_and_iou', scores, sample_scores),
    Case('metrics', 'cam_background_sweep', sweep, sample_sweep),
]
