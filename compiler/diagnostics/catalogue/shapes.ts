import { error, message, warning } from '../entry.ts';

/** Sizes, axes and patterns. */
export const shapes = {
  'shape-mismatch': error(message`${'operation'}: the sizes ${'left'} and ${'right'} do not agree`, {
    why: 'Shapes are symbolic and are compared when the spec is checked, for every image size, not for one.',
    wrong: 'let act = cam * tags            // [N, h, w, K] and [N, K]',
    right: 'let act = cam * rearrange(tags, "n k -> n 1 1 k")',
  }),
  'dimension-mismatch': error(message`${'where'}: expected ${'expected'}, found ${'found'}`),
  'rank-mismatch': error(message`${'operation'} needs ${'expected'} axes; ${'found'} has ${'rank'}`),
  'broadcast-mismatch': error(
    message`${'operation'}: ${'left'} and ${'right'} do not broadcast: axis ${'axis'} is ${'leftSize'} on the left and ${'rightSize'} on the right`,
  ),
  'shape-unproved': warning(message`${'left'} = ${'right'} cannot be proved; it is checked when the program runs`, {
    why: 'A size that rests on the data or on a division is compared at run time; a fact (require H divisible by 16) often makes it provable.',
    wrong: 'let y = x + resize_to(z, H / 8, W / 8)',
    right: 'require H divisible by 8\nlet y = x + resize_to(z, H / 8, W / 8)',
  }),
  'shape-must-be-proved': error(message`${'left'} = ${'right'} cannot be proved`, {
    why: 'With --strict-shapes every size is proved when the spec is checked, for all images at once: nothing is left to be found out when the program runs.',
    wrong: 'let y = x + resize(z, size: [16 * (H div 16), 16 * (W div 16)], mode: bilinear, convention: half_pixel)',
    right:
      'require H divisible by 16\nrequire W divisible by 16\nlet y = x + resize(z, size: [16 * (H div 16), 16 * (W div 16)], mode: bilinear, convention: half_pixel)',
  }),
  'size-unproved': warning(message`${'left'} >= ${'right'} cannot be proved; it is checked when the program runs`, {
    why: 'A slice that ends outside its axis reads what is not there; where the sizes of the data decide, the program looks when it starts.',
    wrong: 'let y = maps[h: 0..3]',
    right: 'let y = maps[h: 0..1]',
  }),
  'dimension-not-integer': error(message`the size ${'size'} is not a whole number`),
  'size-out-of-range': error(message`${'where'} makes a size that cannot be: ${'reason'}`),
  'dimension-not-positive': error(message`the size ${'size'} can be ${'value'}: sizes are at least 1`),
  'unbound-dimension': error(message`nothing says how large '${'name'}' is`),
  'channels-first': error(message`${'what'} has its channels in front: ${'shape'}; a spec holds images as [N, H, W, C]`, {
    why: 'PyTorch stores NCHW, tfjs and this language NHWC. Silent mixing gives maps that are transposed and still train.',
    wrong: 'input image: Image[N, 3, H, W]',
    right: 'input image: Image[N, H, W, 3]',
  }),
  'bad-pattern': error(message`the pattern "${'pattern'}" is wrong: ${'reason'}`, {
    why: 'Patterns follow einops: names separated by spaces, groups in parentheses, -> between the sides, each name once on each side.',
    wrong: 'rearrange(x, "n h w c -> n (h w) d")',
    right: 'rearrange(x, "n h w c -> n (h w) c")',
  }),
  'bad-axis': error(message`${'what'} has no axis ${'axis'}`),
  'unknown-axis-name': error(message`'${'axis'}' names no axis of ${'shape'}`),
  'axis-hidden': error(message`'${'name'}' is ${'what'} here, and no longer the name of an axis`, {
    why: 'A value of that name would silently stand for the axis of its number.',
    wrong: 'let width = 3\nlet rows = mean(maps, over: width)',
    right: 'let widest = 3\nlet rows = mean(maps, over: width)',
  }),
  'fact-contradiction': error(message`${'fact'} cannot hold: ${'reason'}`),
  'fact-unmet': error(message`${'callee'} requires ${'fact'}; here ${'reason'}`),
  'fact-in-inference': error(message`${'fact'} is a fact of training; inference must hold for every H, W of at least 1`),
  'strided-size': error(
    message`${'left'} and ${'right'} differ when ${'size'} is not divisible by ${'by'}: say 'require ${'name'} divisible by ${'factor'}' or resize`,
  ),
} as const;
