import { error, message, warning } from '../entry.ts';

/** Losses, and what their gradients reach. */
export const gradients = {
  'loss-not-scalar': error(message`the loss '${'name'}' has the shape ${'shape'}; a loss is one number`, {
    why: 'Whether pixels and images are averaged or summed changes the step size by orders of magnitude, so it is written.',
    wrong: 'loss gsc = abs(act - is_cam)',
    right: 'loss gsc = mean(abs(act - is_cam))',
  }),
  'parameter-unreached': error(message`no loss reaches the parameters of '${'name'}': they would never train`, {
    why: 'A trainable layer without gradient stays at its initial values. Freeze it, or let a loss see what it gives.',
    wrong: 'layer side = conv(64, kernel: 1)\nlet s = detach(side(x))\nloss l = mean(abs(s - t))',
    right: 'layer side = conv(64, kernel: 1)\nlet s = side(x)\nloss l = mean(abs(s - t))',
  }),
  'part-unreached': warning(message`no loss reads what '${'part'}' gives: ${'tensors'} would keep their first values`, {
    why: 'A part of a network whose result goes into no loss is never trained, and inference that reads it reads noise.',
    wrong: 'variant no_gsc of sipe { remove loss gsc }              // nothing else reads head.hierarchy',
    right: 'variant no_gsc of sipe { remove loss gsc  train { freeze head.hierarchy } }',
  }),
  'inference-only': warning(message`'${'name'}' is used only by infer ${'program'}: training never changes it`),
  'loss-reaches-nothing': error(message`the loss '${'name'}' reaches no trainable parameter: ${'reason'}`, {
    why: 'A loss that moves nothing is a mistake in what is frozen or detached, or it is a number to watch.',
    wrong: 'loss size = mean(abs(detach(maps)))',
    right: 'watch size = mean(abs(maps))',
  }),
  'nothing-trains': error(message`every parameter of ${'method'} is frozen: training would change nothing`),
  'gradient-blocked': error(message`${'operator'} has no gradient, and stands on the only way from ${'losses'} back to ${'parameters'}`, {
    why: 'Comparisons, argmax, rounding and sign are flat wherever they are not a jump: what stands behind them does not train.',
    wrong: 'loss l = mean(abs(float(act > 0.3) - target))',
    right: 'loss l = mean(abs(act - target))',
  }),
  'no-vjp': error(message`${'operator'} has no derivative rule, and the loss '${'loss'}' asks for its gradient`),
  'not-differentiable': error(message`${'method'} cannot be trained: ${'reason'}`),
} as const;
