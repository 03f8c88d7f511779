import { error, message, warning } from '../entry.ts';

/** Losses, and what their gradients reach. */
export const gradients = {
  'loss-not-scalar': error(message`the loss '${'name'}' has the shape ${'shape'}; a loss is one number`, {
    why: 'Whether pixels and images are averaged or summed changes the step size by orders of magnitude, so it is written.',
    frame: 'body',
    wrong: 'loss small = square(maps)',
    right: 'loss small = mean(square(maps))',
  }),
  'parameter-unreached': error(message`no loss reaches the parameters of '${'name'}': they would never train`, {
    why: 'A trainable layer without gradient stays at its initial values. Freeze it, or let a loss see what it gives.',
    frame: 'body',
    wrong: 'layer side = conv(8, kernel: 1)\nloss small = mean(square(detach(side(x.layer4)))) + mean(square(maps))',
    right: 'layer side = conv(8, kernel: 1)\nloss small = mean(square(side(x.layer4))) + mean(square(maps))',
  }),
  'part-unreached': warning(message`no loss reads what '${'part'}' gives: ${'tensors'} would keep their first values`, {
    why: 'A part of a network whose result goes into no loss is never trained, and inference that reads it reads noise.',
    frame: 'losses',
    wrong: [
      'loss cls = soft_margin(gap(maps), tags)',
      'layer head = two(8)',
      'loss small = mean(square(head(x.layer4).first))',
      '}',
      'module two(width: int)(x: Features[N, h, w, C]) -> { first: Features, second: Features } {',
      '  layer a = conv(width)',
      '  layer b = conv(width)',
      '  return { first: a(x), second: b(x) }',
    ].join('\n'),
    right: [
      'loss cls = soft_margin(gap(maps), tags)',
      'layer head = two(8)',
      'let h = head(x.layer4)',
      'loss small = mean(square(h.first)) + mean(square(h.second))',
      '}',
      'module two(width: int)(x: Features[N, h, w, C]) -> { first: Features, second: Features } {',
      '  layer a = conv(width)',
      '  layer b = conv(width)',
      '  return { first: a(x), second: b(x) }',
    ].join('\n'),
  }),
  'inference-only': warning(message`'${'name'}' is used only by infer ${'program'}: training never changes it`, {
    why: 'A layer that only inference calls keeps its first values: what inference reads from it is noise.',
    frame: 'body',
    wrong: [
      'layer side = conv(K, kernel: 1)',
      'infer seeds(photo: Image[1, h0, w0, 3]) -> Cam { return side(net(photo |> normalize(imagenet)).layer4) as cam }',
    ].join('\n'),
    right: ['infer seeds(photo: Image[1, h0, w0, 3]) -> Cam { return classify(net(photo |> normalize(imagenet)).layer4) as cam }'].join(
      '\n',
    ),
  }),
  'loss-reaches-nothing': error(message`the loss '${'name'}' reaches no trainable parameter: ${'reason'}`, {
    why: 'A loss that moves nothing is a mistake in what is frozen or detached, or it is a number to watch.',
    frame: 'body',
    wrong: 'loss size = mean(abs(image))',
    right: 'watch size = mean(abs(image))',
  }),
  'nothing-trains': error(message`every parameter of ${'method'} is frozen: training would change nothing`, {
    why: 'When all parameters are frozen, training only spends time.',
    frame: 'train',
    wrong: 'freeze net, classify',
    right: 'freeze net.stem',
  }),
  'gradient-blocked': error(message`${'operator'} has no gradient, and stands on the only way from ${'losses'} back to ${'parameters'}`, {
    why: 'Comparisons, argmax, rounding and sign are flat wherever they are not a jump: what stands behind them does not train.',
    frame: 'losses',
    wrong: 'loss far = mean(abs(float(gap(maps) > 0) - tags))',
    right: 'loss cls = soft_margin(gap(maps), tags)',
  }),
  'no-vjp': error(message`${'operator'} has no derivative rule, and the loss '${'loss'}' asks for its gradient`, {
    why: 'Gradients are made from a rule for each operator. An operator without one cannot stand between a loss and a parameter.',
    instead: 'Put detach around what the operator gives, or use another operator there.',
    outside: 'Every operator of this version that is not flat has its rule; the message is for operators that are added.',
  }),
  'not-differentiable': error(message`${'method'} cannot be trained: ${'reason'}`, {
    why: 'The derivative of the training step is made after the checks. What only shows there is told here, with its reason.',
    instead: 'Do what the reason says; the checks of losses and gradients find nearly all of it first, with more to say.',
    outside: 'The checker finds each known cause before differentiation does.',
  }),
} as const;
