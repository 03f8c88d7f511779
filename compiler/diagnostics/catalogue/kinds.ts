import { error, message, warning } from '../entry.ts';

/** What a tensor means: cam, logits, probabilities, mask and so on, its value range and its element type. */
export const kinds = {
  'kind-mismatch': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`, {
    why: 'Every tensor has a kind. A kind changes only through a conversion that means something (sigmoid, softmax, maxnorm, present) or a visible `as`.',
    wrong: 'let y = classify(mask)',
    right: 'let y = classify(net(image).layer4)',
  }),
  'probabilities-for-logits': error(message`${'callee'} applies the ${'squash'} itself: it needs logits, and got probabilities`, {
    why: 'A second sigmoid or softmax flattens the gradient by more than four times and the loss still falls, so nobody notices.',
    wrong: 'loss cls = soft_margin(sigmoid(gap(raw)), tags)',
    right: 'loss cls = soft_margin(gap(raw), tags)',
  }),
  'logits-for-probabilities': error(message`${'callee'} needs probabilities, and got logits`),
  'background-channel': error(message`${'where'} needs ${'wanted'} channels (${'wantedText'}), and got ${'found'} (${'foundText'})`),
  'silent-recast': error(message`'${'name'}' is declared as ${'wanted'}, but its value is known to be ${'found'}`, {
    why: 'The word before a declaration may name what a learned layer means; it never turns one known kind into another without saying so.',
    wrong: 'cam act = softmax(raw)',
    right: 'cam act = softmax(raw) as cam',
  }),
  'needless-as': warning(message`this is already ${'kind'}: 'as ${'kind'}' changes nothing`),
  'unknown-kind': error(message`there is no kind '${'name'}'`),
  'dtype-mismatch': error(message`${'where'} needs ${'wanted'} elements, and got ${'found'}`, {
    why: 'Element types never change by themselves: comparisons give bool, argmax gives i32. A cast is written.',
    wrong: 'let weighted = (act > 0.3) * act',
    right: 'let weighted = where(act > 0.3, act, 0)',
  }),
  'type-mismatch': error(message`${'where'} needs ${'wanted'}, and got ${'found'}`),
  'range-violation': error(message`${'where'} needs values in ${'wanted'}; these lie in ${'found'}`),
  'numeric-trap': warning(message`${'what'}: ${'reason'}`, {
    why: 'A map that a rectifier leaves empty has the maximum 0, an image without a labelled pixel the count 0: dividing by it makes the loss no number, and with it every parameter.',
    wrong: 'let share = relu(maps) / max(relu(maps), over: space, keep: true)',
    right: 'let share = relu(maps) / (max(relu(maps), over: space, keep: true) + 1e-5)',
  }),
  'mask-to-convolution': error(message`${'kind'} goes into the convolution '${'callee'}': it says what is where, and holds no features`, {
    why: 'A convolution over labels treats their numbers as amounts; a mask in the place of an image is most often a wrong name.',
    wrong: 'cam maps = classify(mask)',
    right: 'cam maps = classify(net(image).layer4)',
  }),
} as const;
