"""What every case shares: named decisions with their margins, running a case in two precisions, reading and writing the files."""
import copy
import json
import pathlib
import re

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file


class Decisions:
    """Smallest distance of any arg-max, threshold or ReLU from its edge, by name. A reference must not hang on rounding."""

    def __init__(self):
        self.smallest = {}

    def note(self, name, distances):
        if distances.numel():
            value = float(distances.detach().min())
            self.smallest[name] = min(value, self.smallest.get(name, float('inf')))

    def relu(self, x, name='relu'):
        self.note(name, x.detach().abs())
        return torch.relu(x)

    def argmax(self, x, dim, name='argmax'):
        top = x.detach().topk(2, dim=dim).values if x.shape[dim] > 1 else None
        if top is not None:
            self.note(name, (top.select(dim, 0) - top.select(dim, 1)).abs())
        return x.argmax(dim)

    def spatial_max(self, x, name='max'):
        """Maximum over the last two axes, kept; the gradient goes to one element. A map that is zero everywhere decides nothing."""
        flat = x.detach().flatten(2)
        if flat.shape[2] > 1:
            top = flat.topk(2, dim=2).values
            gap = (top[..., 0] - top[..., 1])[top[..., 0] != 0]
            self.note(name, gap)
        n, c = x.shape[:2]
        return x.flatten(2).max(dim=2).values.reshape(n, c, 1, 1)

    def channel_max(self, x, name='max over channels'):
        if x.shape[1] > 1:
            top = x.detach().topk(2, dim=1).values
            gap = (top[:, 0] - top[:, 1])[top[:, 0] != 0]
            self.note(name, gap)
        return x.max(dim=1, keepdim=True).values


class Case:
    """One reference: how inputs are drawn and what is computed from them.

    compute(t, hp, sizes, decide) gets tensors by name without `in.`/`param.` (in one precision) and returns outputs by name without
    `out.`; `loss`, when there and `wanted` is given, is differentiated to every tensor whose name `wanted` accepts.
    sample(rng, variant) returns (inputs, params, hyperparameters, sizes); variants are numbers, each with sizes of its own.
    """

    def __init__(self, method, name, compute, sample, wanted=None, margin=1e-4, relu_margin=5e-6):
        self.method, self.name, self.compute, self.sample = method, name, compute, sample
        self.wanted = wanted
        self.margin, self.relu_margin = margin, relu_margin

    def run(self, inputs, params, hp, sizes, dtype):
        decide = Decisions()
        t = {k: torch.tensor(np.asarray(v), dtype=dtype) for k, v in {**inputs, **params}.items()}
        leaves = {k: v.requires_grad_() for k, v in t.items() if self.wanted and self.wanted(k)}
        outs = self.compute(t, hp, sizes, decide)
        grads = {}
        if leaves:
            found = torch.autograd.grad(outs['loss'].sum(), list(leaves.values()), allow_unused=True)
            grads = {k: torch.zeros_like(v) if g is None else g for (k, v), g in zip(leaves.items(), found)}
        plain = lambda d: {k: v.detach().numpy() if isinstance(v, torch.Tensor) else np.asarray(v) for k, v in d.items()}
        return plain(outs), plain(grads), decide.smallest


def load(folder, method, name):
    path = pathlib.Path(folder) / method / name
    with safe_open(f'{path}.safetensors', 'np') as f:
        tensors = {k: f.get_tensor(k) for k in f.keys()}
    return json.loads(path.with_suffix('.json').read_text()), tensors


def excess(value, reference, rule):
    """How far the worst element is over what the rule allows, as a share of what it allows."""
    value, reference = np.asarray(value, np.float64).ravel(), np.asarray(reference, np.float64).ravel()
    if value.shape != reference.shape:
        return float('inf')
    if value.size == 0:
        return 0.0
    allowed = rule['rtol'] * np.abs(reference) + rule['atol'] + rule['atol_of_max'] * np.abs(reference).max()
    over = np.abs(value - reference)
    if not np.isfinite(over).all():
        return float('inf')
    return float(np.max(np.where(over == 0, 0, over / np.maximum(allowed, 1e-300))))


def rule_of(description, key):
    tolerance = description['tolerance']
    if pattern(key) in map(pattern, tolerance.get('exact', [])):
        return {'rtol': 0, 'atol': 0, 'atol_of_max': 0}
    return tolerance.get('grad', tolerance['out']) if key.startswith('grad.') else tolerance['out']


def pattern(key):
    return re.sub(r'\d+', '#', key)


def write(folder, case, like, inputs, params, hp, sizes, outs, grads, margins):
    """Writes tensors and description in the format of `like` (description, tensors): same key style, dtypes and scalar shapes."""
    template, stored = like
    by_pattern = {pattern(k): k for k in reversed(list(template['tensors']))}
    arrays, described = {}, {}
    everything = {
        **{f'in.{k}': v for k, v in inputs.items()},
        **{f'param.{k}': v for k, v in params.items()},
        **{f'out.{k}': v for k, v in outs.items()},
        **{f'grad.{k}': v for k, v in grads.items()},
    }
    for key, value in everything.items():
        twin = key if key in stored else by_pattern.get(pattern(key))
        dtype = stored[twin].dtype if twin else np.float32
        array = np.ascontiguousarray(np.asarray(value), dtype=dtype)
        if array.size == 1 and twin and stored[twin].shape in ((), (1,)):
            array = array.reshape(stored[twin].shape)
        arrays[key] = array
        entry = copy.deepcopy(template['tensors'].get(twin, {})) if twin else {}
        entry['shape'] = list(array.shape)
        described[key] = entry
    description = {k: v for k, v in template.items() if k not in ('tensors', 'float32_rounding_observed')}
    description['source'] = 'test/reference/torch: the description beside this, in plain PyTorch'
    description['generated_with'] = f'PyTorch {torch.__version__.split("+")[0]}, CPU, float64, stored as float32'
    description['hyperparameters'] = hp
    if 'sizes' in template or sizes:
        description['sizes'] = sizes
    description['decision_margins'] = {k: float(f'{v:.3g}') for k, v in margins.items()}
    exact = {pattern(k) for k in template['tolerance'].get('exact', [])}
    description['tolerance'] = {**template['tolerance'], 'exact': sorted(k for k in arrays if pattern(k) in exact)}
    description['tensors'] = described
    target = pathlib.Path(folder) / case.method
    target.mkdir(parents=True, exist_ok=True)
    save_file(arrays, str(target / f'{case.name}.safetensors'))
    (target / f'{case.name}.json').write_text(json.dumps(description, indent=1) + '\n')
