"""ResNet of bottlenecks with stored batch norm statistics, from parameters by their torchvision names."""
import numpy as np
import torch.nn.functional as F


def batch_norm(t, name, x, eps):
    return F.batch_norm(x, t[f'{name}.running_mean'], t[f'{name}.running_var'], t[f'{name}.weight'], t[f'{name}.bias'], False, 0.0, eps)


def bottleneck(t, name, x, stride, dilation, eps, decide):
    y = decide.relu(batch_norm(t, f'{name}bn1', F.conv2d(x, t[f'{name}conv1.weight']), eps))
    y = F.conv2d(y, t[f'{name}conv2.weight'], stride=stride, padding=dilation, dilation=dilation)
    y = decide.relu(batch_norm(t, f'{name}bn2', y, eps))
    y = batch_norm(t, f'{name}bn3', F.conv2d(y, t[f'{name}conv3.weight']), eps)
    if f'{name}downsample.0.weight' in t:
        x = batch_norm(t, f'{name}downsample.1', F.conv2d(x, t[f'{name}downsample.0.weight'], stride=stride), eps)
    return decide.relu(y + x)


def stage(t, prefix, x, blocks, stride, dilation, eps, decide):
    """The first block carries the stride and keeps dilation 1."""
    for i in range(blocks):
        x = bottleneck(t, f'{prefix}{i}.', x, stride if i == 0 else 1, 1 if i == 0 else dilation, eps, decide)
    return x


def stem(t, prefix, x, eps, decide, stride=2):
    conv = F.conv2d(x, t[f'{prefix}conv1.weight'], stride=stride, padding=3)
    return conv, F.max_pool2d(decide.relu(batch_norm(t, f'{prefix}bn1', conv, eps), 'stem relu'), 3, 2, 1)


def features(t, prefix, x, strides, eps, decide, stop_after_2=True, stem_stride=2):
    """Outputs of the four stages; the gradient is stopped after stage 2."""
    y = stem(t, prefix, x, eps, decide, stem_stride)[1]
    result = []
    for i, stride in enumerate(strides, 1):
        y = stage(t, f'{prefix}layer{i}.', y, count(t, f'{prefix}layer{i}.'), stride, 1, eps, decide)
        if i == 2 and stop_after_2:
            y = y.detach()
        result.append(y)
    return result


def count(t, prefix):
    return len({k[len(prefix):].split('.')[0] for k in t if k.startswith(prefix)})


def draw_norm(rng, name, channels):
    return {
        f'{name}.weight': rng.uniform(0.6, 1.4, channels),
        f'{name}.bias': rng.normal(0, 0.2, channels),
        f'{name}.running_mean': rng.normal(0, 0.2, channels),
        f'{name}.running_var': rng.uniform(0.5, 1.5, channels),
    }


def draw_conv(rng, name, o, i, k):
    return {f'{name}.weight': rng.normal(0, np.sqrt(2 / (i * k * k)), (o, i, k, k))}


def draw_stage(rng, prefix, channels, planes, blocks, stride):
    """As torchvision's: no convolution on the shortcut where neither size nor channels change."""
    p = {}
    for b in range(blocks):
        name = f'{prefix}{b}.'
        for j, (o, i, k) in enumerate([(planes, channels, 1), (planes, planes, 3), (4 * planes, planes, 1)], 1):
            p |= draw_conv(rng, f'{name}conv{j}', o, i, k) | draw_norm(rng, f'{name}bn{j}', o)
        if b == 0 and (stride != 1 or channels != 4 * planes):
            p |= draw_conv(rng, f'{name}downsample.0', 4 * planes, channels, 1) | draw_norm(rng, f'{name}downsample.1', 4 * planes)
        channels = 4 * planes
    return p


def draw_resnet(rng, prefix, width, planes, blocks, strides=(1, 2, 2, 1)):
    p = draw_conv(rng, f'{prefix}conv1', width, 3, 7) | draw_norm(rng, f'{prefix}bn1', width)
    channels = width
    for i, (m, b, s) in enumerate(zip(planes, blocks, strides), 1):
        p |= draw_stage(rng, f'{prefix}layer{i}.', channels, m, b, s)
        channels = 4 * m
    return p
