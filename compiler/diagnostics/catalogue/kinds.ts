import { error, message, warning } from '../entry.ts';

/** What a tensor means: cam, logits, probabilities, mask and so on, its value range and its element type. */
export const kinds = {
  'kind-mismatch': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`, {
    why: 'Every tensor has a kind. A kind changes only through a conversion that means something (sigmoid, softmax, maxnorm, present) or a visible `as`.',
    frame: 'body',
    wrong: 'let y = gap(tags)\nwatch size = mean(y)',
    right: 'let y = gap(maps)\nwatch size = mean(y)',
  }),
  'probabilities-for-logits': error(message`${'callee'} applies the ${'squash'} itself: it needs logits, and got probabilities`, {
    why: 'A second sigmoid or softmax flattens the gradient by more than four times and the loss still falls, so nobody notices.',
    frame: 'body',
    wrong: 'loss more = soft_margin(sigmoid(gap(maps)), tags)',
    right: 'loss more = soft_margin(gap(maps), tags)',
  }),
  'logits-for-probabilities': error(message`${'callee'} needs probabilities, and got logits`, {
    why: 'A number that is read as a probability lies between 0 and 1; a logit does not.',
    frame: 'body',
    wrong: ['watch share = mean(sure(gap(maps)))', '}', 'module sure(p: Probabilities[N, K]) -> Tensor {', '  return p * (1 - p)'].join(
      '\n',
    ),
    right: [
      'watch share = mean(sure(sigmoid(gap(maps))))',
      '}',
      'module sure(p: Probabilities[N, K]) -> Tensor {',
      '  return p * (1 - p)',
    ].join('\n'),
  }),
  'silent-recast': error(message`'${'name'}' is declared as ${'wanted'}, but its value is known to be ${'found'}`, {
    why: 'The word before a declaration may name what a learned layer means; it never turns one known kind into another without saying so.',
    frame: 'body',
    wrong: 'cam act = sigmoid(gap(maps))\nwatch size = mean(act)',
    right: 'probabilities act = sigmoid(gap(maps))\nwatch size = mean(act)',
  }),
  'needless-as': warning(message`this is already ${'kind'}: 'as ${'kind'}' changes nothing`, {
    why: 'An `as` says that a kind changes; where none does, a reader looks for a change that is not there.',
    frame: 'body',
    wrong: 'let y = maps as cam\nwatch size = mean(y)',
    right: 'let y = maps as features\nwatch size = mean(y)',
  }),
  'unknown-kind': error(message`there is no kind '${'name'}'`, {
    why: 'Kinds are a short list, so that modules of different authors mean the same by them.',
    frame: 'body',
    wrong: 'let y = maps as heatmap\nwatch size = mean(y)',
    right: 'let y = maps as features\nwatch size = mean(y)',
  }),
  'dtype-mismatch': error(message`${'where'} needs ${'wanted'} elements, and got ${'found'}`, {
    why: 'Element types never change by themselves: comparisons give bool, argmax gives i32. A cast is written.',
    frame: 'body',
    wrong: 'let weighted = (maps > 0.3) * maps\nwatch size = mean(weighted)',
    right: 'let weighted = float(maps > 0.3) * maps\nwatch size = mean(weighted)',
  }),
  'type-mismatch': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`, {
    why: 'A parameter that wants a tensor, a word or a record takes nothing else.',
    frame: 'body',
    wrong: 'let y = relu("maps")',
    right: 'let y = relu(maps)\nwatch size = mean(y)',
  }),
  'numeric-trap': warning(message`${'what'}: ${'reason'}`, {
    why: 'A division by what may be zero, or the logarithm of it, is infinite for the first image without a response, and every later weight with it.',
    frame: 'body',
    wrong: 'let act = relu(maps)\nlet top = act / max(act, over: space, keep: true)\nwatch size = mean(top)',
    right: 'let act = relu(maps)\nlet top = act / (max(act, over: space, keep: true) + 1e-5)\nwatch size = mean(top)',
  }),
  'mask-to-convolution': error(message`${'kind'} goes into the convolution '${'callee'}': it says what is where, and holds no features`, {
    why: 'A convolution over labels treats their numbers as amounts; a mask in the place of an image is most often a wrong name.',
    frame: 'body',
    wrong: 'layer side = conv(8, kernel: 1)\nloss small = mean(square(side(float(maps > 0))))',
    right: 'layer side = conv(8, kernel: 1)\nloss small = mean(square(side(x.layer4)))',
  }),
} as const;
