/** Edits of `wide.wsss`: what one writes there, and what the edited file says instead. */
import type { DiffClass } from '../../../compiler/diff/classes.ts';
import type { Edit } from './edits.ts';

/** One of the replacements, drawn. */
function written(name: string, kind: DiffClass, from: string, ...to: readonly string[]): Edit {
  return { name, class: kind, make: ({ text }, draw) => (text.includes(from) ? text.replace(from, to[draw(to.length)]) : undefined) };
}

const GUARDED = `  no_grad {
    let followed = relu(teacher(image))
    let blurred = avg_pool(followed, window: 3, stride: 1, pad: [1, 1, 1, 1])
  }`;

export const WIDE_EDITS: readonly Edit[] = [
  written('a loss that ends otherwise', 'schedule', ' until epoch 4', ' until epoch 3', ''),
  written('a ramp at other times', 'schedule', 'from: 1, to: 3)', 'from: 2, to: 4)', 'from: 0, to: 3)'),
  written('a ramp to another weight', 'loss', 'ramp(0, 0.1,', 'ramp(0, 0.2,'),
  written('a ramp less', 'loss', 'ramp(0, 0.1, from: 1, to: 3)', '0.1', '0.3'),
  written('another condition of a loss', 'loss', ' when any(common > 0)', ' when any(tags > 0)', ' when any(common > 0.5)', ''),
  written('a loss that leaves nothing untouched', 'loss', ' off untouched', '', ' off zero'),
  written('other accumulation', 'hyper-parameter', 'accumulate 2', 'accumulate 4', ''),
  written('another momentum of a shadow', 'hyper-parameter', '0.99)', '0.9)', '0.5)'),
  written('gradients that are not cut any more', 'gradient flow', GUARDED, GUARDED.replace('no_grad {', '').replace(/}$/, '')),
  written('another formula in no_grad', 'architecture', 'avg_pool(followed, window', 'avg_pool(followed * 0.5, window'),
  written('another number of turns', 'hyper-parameter', 'turns = 2', 'turns = 1', 'turns = 3'),
  written('turns that a number counts', 'architecture', 'times turns', 'times 3', 'times 1'),
  written('another formula of a turn', 'hyper-parameter', 'm = 0.5 * m + 0.5 * w', 'm = 0.25 * m + 0.5 * w'),
  written('another branch', 'architecture', 'if deep {', 'if not deep {'),
  written('a switch', 'hyper-parameter', 'deep = true', 'deep = false'),
  written(
    'another formula in a local module',
    'architecture',
    'relu(norm(stem(x)))',
    'relu(relu(norm(stem(x))) - 0.1)',
    'abs(norm(stem(x)))',
  ),
  written('a detach in a local module', 'gradient flow', 'norm(stem(x))', 'norm(stem(detach(x)))'),
  written('partners that may be the image itself', 'data', 'self: forbidden', 'self: allowed'),
  written('partners from elsewhere', 'data', ', from: shop.train)', ')', ', from: shop.val)', ', from: union(shop.train, extra.train))'),
  written('another view of partners', 'data', 'square(6)', 'square(5)', 'crop(6, pad: zero)'),
  written('another time of validation', 'protocol', 'every 3 steps', 'every 1 epochs', 'every 4 steps'),
  written('validation elsewhere', 'protocol', 'on shop.val with predict', 'on shop.test with predict'),
  written('no best weights', 'protocol', 'keep best(miou), last', 'keep last', ''),
  written('no validation', 'protocol', 'validate every 3 steps on shop.val with predict keep best(miou), last', ''),
  written('other data beside', 'data', 'union(shop.train, extra.train)', 'shop.train', 'union(shop.train, extra.train_aug)'),
  written('another folder of a data set', 'data', 'saliency "saliency"', 'saliency "sal"', 'saliency "more"'),
  written('other tags of a data set', 'data', 'tags_from_masks true', 'tags_from_masks false'),
  written('another group by role', 'hyper-parameter', 'group norms, biases:', 'group norms:', 'group kernels:', 'group biases:'),
  written('a group by role that is gone', 'hyper-parameter', 'group norms, biases: decay x0, lr x2', ''),
  written('another map of a record', 'protocol', 'boundary: edge }', 'boundary: edge * 0.5 }'),
  written('another formula of one map of a record', 'protocol', 'sigmoid(raw)', 'relu(raw)'),
  written('other rounds', 'protocol', 'labels = start times 2', 'labels = start times 3', 'labels = start times 1'),
  written('rounds that hand on something else', 'protocol', 'labels = next', 'labels = start'),
  written('rounds that learn from nothing', 'supervision', 'shop.train, masks: labels)\n      stage next', 'shop.train)\n      stage next'),
  written('a stage of rounds elsewhere', 'protocol', 'predict, on: shop.train, save', 'predict, on: shop.train_aug, save'),
  written(
    'one more stage in rounds',
    'protocol',
    '      labels = next',
    '      stage seen = evaluate(next, on: shop.train)\n      labels = next',
  ),
  written('given from elsewhere', 'protocol', '"seeds/"', '"other/"'),
  written('another walk', 'protocol', 'beta: 8', 'beta: 10', 'beta: 8, radius: 4'),
  written('labels by other thresholds', 'protocol', 'foreground: 0.4', 'foreground: 0.3', 'foreground: 0.4, kernels: []'),
  written('the best weights', 'protocol', 'predict, on: shop.val, save: labels)', 'predict, on: shop.val, save: labels, checkpoint: best)'),
  written(
    'another value of a grid',
    'hyper-parameter',
    'factor in [0.25, 0.5]',
    'factor in [0.25, 0.75]',
    'factor in [0.25, 0.5, 1]',
    'factor in [0.5]',
  ),
  written('an axis less', 'hyper-parameter', ', turns in [1, 2] }', ' }'),
  written('an axis more', 'hyper-parameter', 'turns in [1, 2] }', 'turns in [1, 2], deep in [true, false] }'),
  written('no grid', 'hyper-parameter', 'grid factors of wide { factor in [0.25, 0.5], turns in [1, 2] }', ''),
  written('one more grid', 'hyper-parameter', 'grid factors', 'grid depths of wide { deep in [true, false] }\n\ngrid factors'),
  written(
    'steps of a view in another order',
    'data',
    'plain |> crop(8, pad: zero) |> normalize(signed)',
    'plain |> normalize(signed) |> crop(8, pad: zero)',
  ),
  written(
    'another normalisation of a view',
    'data',
    'crop(8, pad: zero) |> normalize(signed)',
    'crop(8, pad: zero) |> normalize(imagenet)',
  ),
  written('another chance to be mirrored', 'data', 'flip(0.5)', 'flip(0.25)', 'flip(1)'),
  written('another way of resizing a view', 'data', 'filter: bilinear, convention: half_pixel', 'filter: bicubic, convention: half_pixel'),
  written('other strengths of a jitter', 'data', 'jitter(0.1, 0.1, 0.1, 0.05)', 'jitter(0.2, 0.1, 0.1, 0.05)', 'jitter(0.1, 0.1, 0.1, 0)'),
  written('a view that starts elsewhere', 'data', 'small = plain |> square(4', 'small = source |> square(4'),
  written('less supervision', 'supervision', 'tags + saliency + web_images + masks', 'tags + saliency + web_images + masks + boxes'),
  written(
    'something frozen',
    'gradient flow',
    '    group norms',
    '    freeze stem\n    group norms',
    '    freeze classify\n    group norms',
  ),
  written('weight that a loss has at once', 'loss', ' weight 0.5 from epoch 1', ' weight 0.25 from epoch 1', ' from epoch 1'),
  written(
    'a loss less',
    'loss',
    '  loss salient = mean(abs(mean(sigmoid(maps[c: 1..] as logits), over: channel) - sal * inside)) + mean(square(s))\n',
    '',
  ),
  written('another sum of losses', 'loss', '+ mean(square(s))', '+ 2 * mean(square(s))'),
  written(
    'other channels in a module',
    'architecture',
    'reduce(maps[c: 1..], "n h w k -> n k", mean)',
    'reduce(maps[c: 1..], "n h w k -> n k", max)',
  ),
  written('another epsilon at inference', 'protocol', '1e-5) * rearrange', '1e-4) * rearrange'),
  written('fewer photos of a stage', 'protocol', 'limit: 20', 'limit: 10', 'limit: 30'),
  written('a nesterov momentum', 'hyper-parameter', 'momentum: 0.9,', 'momentum: 0.9, nesterov: true,'),
  written('another rate', 'hyper-parameter', 'lr: 0.5,', 'lr: 0.25,'),
  written('another length', 'schedule', 'epochs 5, batch 4', 'epochs 6, batch 4'),
  written('another schedule', 'schedule', '    group norms', '    schedule poly(0.9)\n    group norms'),
  written('a warm-up', 'schedule', '    group norms', '    warmup 1\n    group norms'),
  written('clipping', 'hyper-parameter', '    group norms', '    clip 5\n    group norms'),
];

export const WIDE_COSMETIC: readonly Edit[] = [
  written('another name of a grid', 'cosmetic', 'grid factors of', 'grid rates of'),
  written(
    'axes of a grid in another order',
    'cosmetic',
    'factor in [0.25, 0.5], turns in [1, 2]',
    'turns in [1, 2], factor in [0.25, 0.5]',
  ),
  written('another panel of the report', 'cosmetic', 'panels: { walk: walked, label: labelled }', 'panels: { walk: walked }'),
  written('another label of scores', 'cosmetic', 'label: "best"', 'label: "last"'),
];
