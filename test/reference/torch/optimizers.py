"""SGD trajectories (test/fixtures/optimizers) with the real torch.optim.SGD, rates set before each step."""
import numpy as np
import torch

from reference import Case


def each(value, groups):
    return value if isinstance(value, list) else [value] * groups


def trajectory(t, hp, sizes, decide):
    groups = len(hp['lr'])
    parameters = [torch.nn.Parameter(t[f'p_g{i}'].clone()) for i in range(groups)]
    decay, momentum = each(hp['weight_decay'], groups), each(hp['momentum'], groups)
    optimizer = torch.optim.SGD([{'params': [p], 'lr': r, 'weight_decay': d, 'momentum': m}
                                 for p, r, d, m in zip(parameters, hp['lr'], decay, momentum)], lr=1)
    total = hp.get('max_step', hp.get('iter_max'))
    outs = {f'{k}_g{i}': [] for i in range(groups) for k in ('params', 'momentum')} | {'lr': []}
    factor = 1.0
    for step in range(hp['steps']):
        # Beyond the end the last rate stays; DeepLab's is only renewed every step_size steps.
        if total and step < total and step % hp.get('step_size', 1) == 0:
            factor = (1 - step / total) ** hp['power']
        rates = [r * factor for r in hp['lr']]
        for group, p, rate, i in zip(optimizer.param_groups, parameters, rates, range(groups)):
            group['lr'] = rate
            p.grad = t[f'grads_g{i}'][step].clone()
        optimizer.step()
        outs['lr'].append(torch.tensor(rates))
        for i, p in enumerate(parameters):
            outs[f'params_g{i}'].append(p.detach().clone())
            buffer = optimizer.state[p].get('momentum_buffer')
            outs[f'momentum_g{i}'].append(torch.zeros_like(p.detach()) if buffer is None else buffer.clone())
    return {k: torch.stack(v) for k, v in outs.items()}


def sampler(variants):
    def sample(rng, v):
        hp = variants[v] if v < len(variants) else {**variants[0], 'steps': 1, 'momentum': 0}
        size = [3, 8, 1][v]
        inputs = {}
        for i in range(len(hp['lr'])):
            inputs[f'p_g{i}'] = rng.normal(size=size)
            inputs[f'grads_g{i}'] = rng.normal(size=(hp['steps'], size))
        return inputs, {}, hp, {}
    return sample


def poly(lr, decay, momentum, power, total, steps, **more):
    return {'lr': lr, 'weight_decay': decay, 'momentum': momentum, 'power': power, 'max_step': total, 'steps': steps, **more}


def deeplab(lr, decay, momentum, power, total, every, steps):
    return {'lr': lr, 'weight_decay': decay, 'momentum': momentum, 'power': power, 'iter_max': total, 'step_size': every, 'steps': steps}


def constant(lr, decay, momentum, steps):
    return {'lr': lr, 'weight_decay': decay, 'momentum': momentum, 'steps': steps}


VARIANTS = {
    'poly_auxsegnet': [poly([0.05, 0.2], 0, 1e-3, 0.5, 9, 7), poly([0.003, 0.03], 1e-3, 0.9, 2.0, 6, 6)],
    'poly_ccam_4_groups': [poly([0.02, 0.04, 0.2, 0.4], [1e-2, 0, 1e-2, 0], 1e-2, 0.7, 6, 4), poly([1e-3, 2e-3, 1e-2, 2e-2], [0, 1e-3, 0, 1e-3], 0.9, 0.9, 40, 8)],
    'poly_deeplabv2_groups': [deeplab([0.01, 0.1, 0.2], [1e-2, 0, 1e-3], 0.5, 0.8, 11, 3, 8), deeplab([2e-3, 2e-2, 4e-2], [5e-4, 5e-4, 0], 0.9, 0.9, 20, 5, 7)],
    'poly_irn_cam': [poly([0.3, 2.0], 1e-2, 0.2, 0.7, 9, 7), poly([0.1, 1.0], 1e-4, 1e-4, 0.9, 30, 3)],
    'poly_irn_past_end': [poly([0.2, 1.5], 1e-3, 1e-3, 0.6, 4, 7), poly([0.1, 1.0], 1e-4, 0.5, 0.9, 2, 6)],
    'sgd_1stage_wseg_groups': [constant([0.1, 0.2, 1, 2], [1e-2, 0, 1e-2, 0], 0.7, 6), constant([1e-3, 2e-3, 1e-2, 2e-2], [5e-4, 0, 0, 5e-4], 0, 4)],
    'sgd_wsfcn_groups': [constant([0.1, 0.2, 2, 4], [1e-2, 0, 1e-2, 0], 0.5, 6), constant([1e-3, 2e-3, 2e-2, 4e-2], 1e-3, 0.99, 8)],
}

CASES = [Case('optimizers', name, trajectory, sampler(variants)) for name, variants in VARIANTS.items()]
