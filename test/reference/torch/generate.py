"""python generate.py validate FIXTURES [CASE]            the files' inputs through these modules, against the files' outputs
python generate.py write FIXTURES OUT VARIANT [CASE]   another set in OUT, with the sizes and hyper-parameters of VARIANT (0, 1, 2)"""
import sys

import numpy as np
import torch

import backbones
import cross_task
import dense_crf
import foreground
import inter_pixel
import irn
import mcis
import metrics
import one_stage
import optimizers
import refinement
import rtc
import rtc_steps
import saliency_labels
import sipe
import wide_deeplab
import wseg
from reference import excess, load, pattern, rule_of, write

CASES = [*sipe.CASES, *irn.CASES, *inter_pixel.CASES, *foreground.CASES, *cross_task.CASES, *backbones.CASES, *wide_deeplab.CASES, *wseg.CASES, *one_stage.CASES, *mcis.CASES, *rtc.CASES, *rtc_steps.CASES, *refinement.CASES, *optimizers.CASES, *metrics.CASES, *dense_crf.CASES, *saliency_labels.CASES]


def validate(folder, only):
    failed = 0
    for case in CASES:
        if only and only not in f'{case.method}/{case.name}':
            continue
        description, stored = load(folder, case.method, case.name)
        inputs = {k[3:]: v for k, v in stored.items() if k.startswith('in.')}
        params = {k[6:]: v for k, v in stored.items() if k.startswith('param.')}
        outs, grads, _ = case.run(inputs, params, description['hyperparameters'], description.get('sizes', {}), torch.float32)
        found = {f'out.{k}': v for k, v in outs.items()} | {f'grad.{k}': v for k, v in grads.items()}
        wanted = [k for k in stored if k.startswith(('out.', 'grad.'))]
        bad = {k: f'{excess(found[k], stored[k], rule_of(description, k)):.3g}' if k in found else 'missing' for k in wanted
               if k not in found or excess(found[k], stored[k], rule_of(description, k)) > 1}
        extra = [k for k in found if k not in stored and not (k == 'out.loss')]
        failed += bool(bad or extra)
        print(f'{case.method}/{case.name}: {len(wanted)} keys', 'ok' if not (bad or extra) else f'BAD {bad} extra {extra}')
    return failed


def one(folder, out, case, variant, tries=400):
    """Draws until every decision is clear and single precision agrees with double precision."""
    template = load(folder, case.method, case.name)
    for attempt in range(tries):
        rng = np.random.default_rng([variant, attempt, *case.name.encode()])
        inputs, params, hp, sizes = case.sample(rng, variant)
        inputs, params = ({k: np.asarray(v, np.float32) for k, v in d.items()} for d in (inputs, params))
        outs, grads, margins = case.run(inputs, params, hp, sizes, torch.float64)
        if any(v < (case.relu_margin if 'relu' in k or 'sign of the difference' in k else case.margin) for k, v in margins.items()):
            continue
        single = case.run(inputs, params, hp, sizes, torch.float32)
        both = [('out.', outs, single[0]), ('grad.', grads, single[1])]
        if any(excess(b[k], a[k], rule_of(template[0], p + k)) > 0.25 for p, a, b in both for k in a):
            continue
        if any(not np.isfinite(v).all() for v in [*outs.values(), *grads.values()]):
            continue
        if not template[1].keys() & {'out.loss'}:
            outs.pop('loss', None)
        write(out, case, template, inputs, params, hp, sizes, outs, grads, margins)
        have = {pattern(k) for p, d in [('in.', inputs), ('param.', params), ('out.', outs), ('grad.', grads)] for k in (p + n for n in d)}
        lost = {pattern(k) for k in template[1]} - have
        return f'ok after {attempt + 1}' + (f'; keys without a twin: {sorted(lost)}' if lost else '')
    return f'NOT FOUND; last margins {margins}'


if __name__ == '__main__':
    torch.set_num_threads(1)
    if sys.argv[1] == 'validate':
        sys.exit(1 if validate(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else '') else 0)
    if sys.argv[1] != 'write':
        sys.exit(__doc__)
    for case in CASES:
        if len(sys.argv) < 6 or sys.argv[5] in f'{case.method}/{case.name}':
            print(f'{case.method}/{case.name}:', one(sys.argv[2], sys.argv[3], case, int(sys.argv[4])), flush=True)
