"""Writes test/reference/localization.json: boxes, areas and scores of random heatmaps by OpenCV and the evaluator of clovaai/wsolevaluation
(its steps, from the docstrings of runtime/metrics/localization.ts).

    python3 -m venv venv && venv/bin/pip install numpy opencv-python-headless
    venv/bin/python test/reference/localization.py > test/reference/localization.json
"""
import json

import cv2
import numpy as np

rng = np.random.default_rng(5)
THRESHOLDS = np.arange(0, 1, 0.001)


def contours(binary):
    return cv2.findContours(binary, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]


def estimated(scores, threshold):
    image = (scores * 255).astype(np.uint8)
    _, binary = cv2.threshold(image, int(threshold * image.max()), 255, cv2.THRESH_BINARY)
    found = contours(binary)
    if not found:
        return [(0, 0, 0, 0)], [(0, 0, 0, 0)]
    h, w = scores.shape
    box = lambda x, y, bw, bh: (x, y, min(x + bw, w - 1), min(y + bh, h - 1))
    return [box(*cv2.boundingRect(max(found, key=cv2.contourArea)))], [box(*cv2.boundingRect(c)) for c in found]


def iou(a, b):
    area = lambda x0, y0, x1, y1: max(0, x1 - x0 + 1) * max(0, y1 - y0 + 1)
    common = area(max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
    return common / (area(*a) + area(*b) - common)


def best(boxes, truths):
    return max(iou(a, b) for a in boxes for b in truths)


def heatmap(h, w):
    """A few hills, one of them where the box is, and noise."""
    y, x = np.mgrid[:h, :w]
    cy, cx, s = rng.uniform(0.2, 0.8) * h, rng.uniform(0.2, 0.8) * w, rng.uniform(0.12, 0.3) * min(h, w)
    hill = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * s * s))
    other = rng.uniform(0, 0.8) * np.exp(-((y - rng.uniform(0, h)) ** 2 + (x - rng.uniform(0, w)) ** 2) / (2 * (s * 0.6) ** 2))
    boxes = [(cx - 1.3 * s, cy - 1.2 * s, cx + 1.1 * s, cy + 1.4 * s)]
    if rng.random() < 0.4:
        boxes.append((0.1 * w, 0.1 * h, 0.5 * w, 0.6 * h))
    clip = lambda b: [int(max(0, b[0])), int(max(0, b[1])), int(min(w - 1, b[2])), int(min(h - 1, b[3]))]
    return np.round(hill + other + 0.06 * rng.normal(size=(h, w)), 3), [clip(b) for b in boxes]


binary_maps = []
for _ in range(60):
    h, w = (int(v) for v in rng.integers(1, 13, 2))
    m = (rng.random((h, w)) < rng.uniform(0.2, 0.9)).astype(np.uint8)
    found = sorted([*cv2.boundingRect(c), float(cv2.contourArea(c))] for c in contours(m))
    binary_maps.append({'height': h, 'width': w, 'map': ''.join(map(str, m.ravel())), 'contours': found})

images, right, first, five, anywhere = [], 0, 0, 0, {0.3: 0, 0.5: 0, 0.7: 0}
for _ in range(24):
    h, w = (int(v) for v in rng.integers(12, 22, 2))
    raw, truths = heatmap(h, w)
    scores = (raw - raw.min()) / (raw.max() - raw.min())
    rank = int(rng.choice([0, 0, 1, 4, 7]))
    largest, every = zip(*(estimated(scores, t) for t in THRESHOLDS))
    hit = np.array([best(b, truths) >= 0.5 for b in largest])
    right, first, five = right + hit, first + hit * (rank < 1), five + hit * (rank < 5)
    for d in anywhere:
        anywhere[d] = anywhere[d] + np.array([best(b, truths) >= d for b in every])
    images.append({'height': h, 'width': w, 'map': raw.ravel().tolist(), 'boxes': truths, 'rank': rank})

at = int(np.argmax(right))
print(json.dumps({
    'generated_with': f'OpenCV {cv2.__version__}, NumPy {np.__version__}', 'binary': binary_maps, 'images': images,
    'right': right.tolist(), 'maxBoxAcc': right[at] / len(images), 'threshold': float(THRESHOLDS[at]),
    'maxBoxAccV2': float(np.mean([a.max() / len(images) for a in anywhere.values()])),
    'top1': first[at] / len(images), 'top5': five[at] / len(images),
}))
