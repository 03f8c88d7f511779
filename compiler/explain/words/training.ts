/** Words of the train block. */
import { type WordGroup, words } from './word.ts';

export const SUPERVISION: WordGroup = {
  name: 'supervision-levels',
  title: 'Supervision levels',
  intro:
    '`supervision tags + saliency` promises what training looks at. An input or a pair that needs more is an error; so is an inference program that reads tags on a split whose scores they would give away.',
  words: words([
    ['none', 'supervision none', 'Images alone.'],
    ['tags', 'supervision tags', 'Which classes an image holds.'],
    ['saliency', 'supervision saliency', 'A foreground map of each image from another model.'],
    ['boxes', 'supervision boxes', 'Bounding boxes.'],
    ['points', 'supervision points', 'Points on objects.'],
    ['pseudo_masks', 'supervision pseudo_masks', 'Masks that an earlier stage made: `train(this, masks: labels)`.'],
    ['masks', 'supervision masks', 'Masks drawn by people: full supervision.'],
    ['single_label_images', 'supervision tags + single_label_images', 'Further images that show one class each.'],
    ['web_images', 'supervision tags + web_images', 'Further images found by the name of a class, with what is wrong among them.'],
  ]),
};

export const SETTINGS: WordGroup = {
  name: 'train-settings',
  title: 'Settings of the train block',
  intro: 'One a line, or several with commas between: `epochs 20, batch 16`.',
  words: words([
    ['epochs', 'epochs 20', 'Times that every image is seen; or `steps`.'],
    ['steps', 'steps 20000', 'Steps of the optimiser in place of epochs.'],
    ['batch', 'batch 16', 'Images of a batch: the size N.'],
    ['accumulate', 'accumulate 4', 'Batches whose gradients are averaged into one step.'],
    ['optimizer', 'optimizer sgd(lr: 0.1, momentum: 0.9)', 'The rule by which parameters move.'],
    ['schedule', 'schedule poly(0.9)', 'How the rate falls; constant where nothing is said.'],
    [
      'warmup',
      'warmup 0.05',
      'The share of all steps (above 1: their number) in which the rate grows from 0; the schedule runs over the rest.',
    ],
    ['clip', 'clip 1.0', 'The most that the norm of all gradients together may be.'],
  ]),
};

export const OPTIMISERS: WordGroup = {
  name: 'optimisers',
  title: 'Optimisers',
  intro: 'After `optimizer`. `lr` has to be given; the other arguments are shown with what they are otherwise.',
  words: words([
    [
      'sgd',
      'sgd(lr: …, momentum: 0, weight_decay: 0, nesterov: false)',
      "Stochastic gradient descent, PyTorch's: the decay is added to the gradient before the momentum.",
    ],
    ['adam', 'adam(lr: …, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0)', 'Adam; the decay is added to the gradient.'],
    [
      'adamw',
      'adamw(lr: …, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0)',
      'Adam with the decay apart: parameters shrink by lr times weight_decay.',
    ],
    [
      'muon',
      'muon(lr: …, momentum: 0.95, weight_decay: 0, nesterov: true, iterations: 5)',
      'Momentum made orthogonal by Newton-Schulz turns; for matrices and kernels, with another rule for the rest by groups.',
    ],
  ]),
};

export const SCHEDULES: WordGroup = {
  name: 'schedules',
  title: 'Schedules',
  intro: 'After `schedule`: the factor of every rate, with t the share of all steps that is done.',
  words: words([
    ['constant', 'constant()', 'The factor is 1.'],
    ['poly', 'poly(power: 0.9, every: 1)', '(1 - t) to the power; renewed every so many steps.'],
    ['cosine', 'cosine(final: 0)', 'Half a cosine from 1 to final.'],
    [
      'step_down',
      'step_down(at: [0.5, 0.75], factor: 0.1)',
      'Times the factor at each of these: up to 1 a share of all steps, above it a step.',
    ],
  ]),
};

export const ROLES: WordGroup = {
  name: 'parameter-roles',
  title: 'Roles of parameters',
  intro: 'Members of `group` and `freeze`, also of a layer: `head.biases`.',
  words: words([
    ['kernels', 'group kernels: …', 'Weights of convolutions and of fully connected layers.'],
    ['biases', 'group biases: lr x2, weight_decay x0', 'What is added after them.'],
    ['norms', 'group norms: weight_decay x0', 'Scales and offsets of normalisations.'],
    ['weights', 'group weights: …', 'Everything that is not a bias.'],
    ['pretrained', 'group pretrained: …', 'All of a backbone with `init`.'],
    ['new', 'group new: lr x10', 'Everything else: what starts from nothing.'],
  ]),
};
