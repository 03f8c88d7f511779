/**
 * Words of Python, NumPy and PyTorch, and how the same is said here. Whoever types one out of habit is told our way, and where one word simply
 * takes the place of another, the message carries the fix.
 */
import type { Suggestion } from './suggest.ts';

interface Habit {
  /** Our way, for the hint of a message. */
  readonly write: string;
  /** The word that takes its place as it stands, arguments and all. */
  readonly name?: string;
}

const say = (write: string): Habit => ({ write });
const rename = (name: string): Habit => ({ write: `write ${name}`, name });

const LOSS = 'a loss is a call: pixel_cross_entropy(maps, labels) for pixels, soft_margin(scores, tags) for tags (std/losses)';
const BINARY = 'write soft_margin(scores, tags), or binary_cross_entropy(scores, targets) (std/losses)';
const AXES = 'axes are moved by a pattern: rearrange(x, "n h w c -> n c h w")';
const SHAPES = 'write reshape(x, [N, h * w, C]), or a pattern: rearrange(x, "n h w c -> n (h w) c")';
const ONES =
  'an axis of length 1 is written in a pattern: rearrange(x, "n c -> n 1 1 c"), and taken away by rearrange(x, "n 1 1 c -> n c")';
const CONVOLUTION = 'a layer: conv(64, kernel: 3); the channels it takes are known from the call (std/layers)';
const RESIZING = 'write resize(x, like: other, mode: bilinear), or resize(x, size: [h, w])';
const JOINING = 'a new axis is a pattern\'s: concat([rearrange(a, "n c -> n 1 c"), rearrange(b, "n c -> n 1 c")], axis: 1)';

/** Functions, layers and losses. */
const CALLED: Readonly<Record<string, Habit>> = {
  Conv2d: say(CONVOLUTION),
  Conv1d: say(CONVOLUTION),
  ConvTranspose2d: say('write conv2d_transpose(x, filter, size: [h, w], stride: 2) with a weight, or resize(x, like: other) before a conv'),
  BatchNorm2d: say('a layer: batch_norm(); its channels are known from the call (std/layers)'),
  BatchNorm1d: say('a layer: batch_norm(); its channels are known from the call (std/layers)'),
  GroupNorm: say('a layer: group_norm(groups: 8) (std/layers)'),
  LayerNorm: say('a layer: layer_norm() (std/layers)'),
  Linear: say('a layer: linear(10); the features it takes are known from the call (std/layers)'),
  Dropout: say('a layer: dropout(0.5) (std/layers)'),
  Dropout2d: say('a layer: channel_dropout(0.5) (std/layers)'),
  Sequential: say('layers in a row are a list: layer head = [conv(64, kernel: 3), conv(K, kernel: 1)], then head(x)'),
  ModuleList: say('layers are kept in a list: layer heads = [conv(K, kernel: 1) for i in 0..3]'),
  Module: say('a reusable part is a module: module head(x: Features[N, h, w, C]) -> Features { … }'),
  Parameter: say('a learned tensor is declared: weight w: Tensor[K, C] init zeros'),
  Identity: rename('identity'),
  ReLU: say('activations are functions, not layers: relu(x)'),
  Sigmoid: say('activations are functions, not layers: sigmoid(x)'),
  Softmax: say('activations are functions, not layers: softmax(x, over: channel)'),
  GELU: say('activations are functions, not layers: gelu(x) (std/attention)'),
  MaxPool2d: say('pooling is a function, not a layer: max_pool(x, window: 2)'),
  AvgPool2d: say('pooling is a function, not a layer: avg_pool(x, window: 2)'),
  max_pool2d: rename('max_pool'),
  avg_pool2d: rename('avg_pool'),
  AdaptiveAvgPool2d: say('the mean over an image is mean(x, over: space)'),
  adaptive_avg_pool2d: say('the mean over an image is mean(x, over: space)'),
  CrossEntropyLoss: say(LOSS),
  cross_entropy: say(LOSS),
  NLLLoss: say(LOSS),
  nll_loss: say(LOSS),
  BCELoss: say(BINARY),
  BCEWithLogitsLoss: say(BINARY),
  binary_cross_entropy_with_logits: say(BINARY),
  MultiLabelSoftMarginLoss: rename('soft_margin'),
  multilabel_soft_margin_loss: rename('soft_margin'),
  MSELoss: say('write mean(square(a - b))'),
  mse_loss: say('write mean(square(a - b))'),
  L1Loss: say('write mean(abs(a - b))'),
  l1_loss: say('write mean(abs(a - b))'),
  interpolate: say(RESIZING),
  upsample: say(RESIZING),
  Upsample: say(RESIZING),
  cat: rename('concat'),
  concatenate: rename('concat'),
  stack: say(JOINING),
  view: say(SHAPES),
  flatten: say(SHAPES),
  permute: say(AXES),
  transpose: say(AXES),
  swapaxes: say(AXES),
  unsqueeze: say(ONES),
  expand_dims: say(ONES),
  squeeze: say(ONES),
  repeat: say('broadcasting repeats by itself; in a pattern: rearrange, or expand(x, …)'),
  norm: say('write sqrt(sum(square(x), over: channel)), or l2_normalize(x) (std/prototypes)'),
  bmm: rename('matmul'),
  mm: rename('matmul'),
  clip: rename('clamp'),
  amax: rename('max'),
  amin: rename('min'),
  topk: rename('top_k'),
  zeros_like: say('write x * 0, or zeros([n, c]) with the sizes in a list'),
  ones_like: say('write x * 0 + 1, or ones([n, c]) with the sizes in a list'),
  len: say('the length of an axis is size(x, height); of a list, items.length'),
  shape: say('the length of an axis is size(x, height), or a name in the signature of a module'),
  range: say('a range is written 0..3, its end left out: [f(i) for i in 0..3]'),
  arange: say('write iota(n)'),
  enumerate: say('go through the places: [f(i, items[i]) for i in 0..items.length]'),
  map: say('write a list: [f(x) for x in items]'),
  print: say('a value is followed with watch: watch size = mean(x)'),
  no_grad: say('gradients are stopped by detach(x), or in a block: no_grad { … }'),
  backward: say('gradients follow from the loss statements: loss cls = …'),
  forward: say('a layer is called by its name: head(x)'),
  clone: say('values never change: use the value itself'),
  contiguous: say('values have no memory layout: use the value itself'),
  cuda: say('where a program runs is chosen when it is started, with --backend'),
  to: say('where a program runs is chosen when it is started, with --backend'),
  item: say('values stay tensors: a scalar is used as it is'),
};

/** Names that stand for a library: `nn.Conv2d`. */
const LIBRARIES: ReadonlySet<string> = new Set(['nn', 'F', 'torch', 'np', 'tf', 'numpy', 'torchvision', 'keras', 'optim', 'functional']);

export const isLibrary = (name: string): boolean => LIBRARIES.has(name);

/** Named arguments, with ours that may be meant: the first that the callee has. */
const ARGUMENTS: Readonly<Record<string, { readonly names?: readonly string[]; readonly write?: string }>> = {
  kernel_size: { names: ['kernel', 'window'] },
  kernel: { names: ['window'] },
  size: { names: ['window'] },
  padding: { names: ['pad'] },
  keepdim: { names: ['keep'] },
  keepdims: { names: ['keep'] },
  p: { names: ['rate'] },
  min: { names: ['low'] },
  max: { names: ['high'] },
  ceil_mode: { names: ['ceil'] },
  count_include_pad: { names: ['count_pad'] },
  num_groups: { names: ['groups'] },
  out_channels: { names: ['out'] },
  out_features: { names: ['out'] },
  learning_rate: { names: ['lr'] },
  eps: { names: ['epsilon'] },
  epsilon: { names: ['eps'] },
  decay: { names: ['weight_decay'] },
  gamma: { names: ['factor', 'power'] },
  milestones: { names: ['at'] },
  eta_min: { names: ['final'] },
  dim: { write: 'axes have names: over: channel, over: space; maps are [N, H, W, C], channels last' },
  axis: { write: 'axes have names: over: channel, over: space; maps are [N, H, W, C], channels last' },
  in_channels: { write: 'leave it out: what comes in is known from the call' },
  in_features: { write: 'leave it out: what comes in is known from the call' },
  inplace: { write: 'leave it out: a value never changes in place' },
  betas: { write: 'write beta1: 0.9, beta2: 0.999' },
  T_max: { write: 'leave it out: a schedule runs over all epochs' },
  scale_factor: { names: ['factor'] },
  align_corners: { write: 'write convention: corners for true, convention: half_pixel for false' },
};

/** Statements of Python and JavaScript, by their first word. */
const STATEMENTS: Readonly<Record<string, Habit>> = {
  for: say('a list is made in brackets: [f(x) for x in items]; turns that carry a value: iterate m = start times 10 { m = f(m) }'),
  while: say('turns are counted: iterate m = start times 10 { m = f(m) }'),
  with: say('gradients are stopped by detach(x), or in a block: no_grad { … }'),
  from: say('write import { conv } from "std/layers", or import "std/layers" for all of it; operators need no import'),
  var: rename('let'),
  const: rename('let'),
  val: rename('let'),
  print: say('a value is followed with watch: watch size = mean(x)'),
  pass: say('a block may be empty: take the line away'),
  assert: say('a fact about sizes is required: require H divisible by 8'),
  try: say('what may be wrong is refused before the program runs: take the line away'),
  raise: say('a fact about sizes is required: require H divisible by 8'),
  function: say('a reusable part is a module: module twice(x: Tensor) -> Tensor { return x * 2 }'),
  fn: say('a reusable part is a module: module twice(x: Tensor) -> Tensor { return x * 2 }'),
};

/** How what is called by a foreign name is written here; `written` is the whole that stands there (`torch.cat`). */
export function calledHabit(name: string, written = name): Suggestion | undefined {
  return Object.hasOwn(CALLED, name) ? suggestion(CALLED[name], written) : undefined;
}

/** How a foreign statement is written here. */
export function statementHabit(word: string): Suggestion | undefined {
  return Object.hasOwn(STATEMENTS, word) ? suggestion(STATEMENTS[word], word) : undefined;
}

/** What a foreign name of an argument means, among those that a callee has. */
export function argumentHabit(name: string, parameters: readonly string[]): Suggestion | undefined {
  if (!Object.hasOwn(ARGUMENTS, name)) return undefined;
  const { names = [], write } = ARGUMENTS[name];
  const ours = names.find((n) => parameters.includes(n));
  if (ours !== undefined) return { text: `write ${ours}:`, wrong: name, right: ours };
  return write === undefined ? undefined : { text: `${write}; it takes ${parameters.join(', ')}`, wrong: name, right: undefined };
}

/** What is imported from a library of Python. */
export const IMPORTING = 'operators need no import; modules come from files by their path: import "std/layers"';

function suggestion({ write, name }: Habit, wrong: string): Suggestion {
  return { text: write, wrong, right: name };
}
