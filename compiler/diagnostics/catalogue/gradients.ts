import { error, message, warning } from '../entry.ts';

/** Losses, and what their gradients reach. */
export const gradients = {
  'loss-not-scalar': error(message`the loss '${'name'}' has the shape ${'shape'}; a loss is one number`, {
    why: 'Whether pixels and images are averaged or summed changes the step size by orders of magnitude, so it is written.',
    wrong: 'loss gsc = abs(act - is_cam)',
    right: 'loss gsc = mean(abs(act - is_cam))',
  }),
  'parameter-unreached': error(message`no loss reaches the parameters of '${'name'}'`, {
    why: 'A trainable layer without gradient stays at its initial values. Freeze it, exclude it, or let a loss see what it gives.',
    wrong: 'layer side = conv(64, kernel: 1)\nlet s = detach(side(x))\nloss l = mean(abs(s - t))',
    right: 'layer side = conv(64, kernel: 1)\nlet s = side(x)\nloss l = mean(abs(s - t))',
  }),
  'loss-reaches-nothing': error(message`the loss '${'name'}' reaches no trainable parameter`),
  'gradient-blocked': error(message`${'operator'} stops the gradient on the only path from the loss '${'loss'}' to '${'parameter'}'`, {
    why: 'Comparisons, argmax, top-k indices and thresholds have no useful derivative: what stands behind them does not train.',
    wrong: 'loss l = mean(abs(cast(act > 0.3, f32) - target))',
    right: 'loss l = mean(abs(act - target))',
  }),
  'gradient-detached': error(message`detach cuts the only path from the loss '${'loss'}' to '${'parameter'}'`),
  'no-vjp': error(message`${'operator'} has no derivative rule, and the loss '${'loss'}' asks for its gradient`),
  'loss-not-differentiable': error(message`the loss '${'name'}' is made by ${'operator'}, which has no gradient`),
  'frozen-reached': warning(message`the loss '${'loss'}' reaches '${'parameter'}' only in frozen parts`),
} as const;
