import { error, message, warning } from '../entry.ts';

/** Sizes, axes and patterns. */
export const shapes = {
  'shape-mismatch': error(message`${'operation'}: the sizes ${'left'} and ${'right'} do not agree`, {
    why: 'Shapes are symbolic and are compared when the spec is checked, for every image size, not for one.',
    frame: 'body',
    wrong: 'let both = concat([maps, x.layer3], channel) * with_background(maps)\nwatch size = mean(both)',
    right: 'let both = maps * rearrange(tags, "n k -> n 1 1 k")\nwatch size = mean(both)',
  }),
  'dimension-mismatch': error(message`${'where'}: expected ${'expected'}, found ${'found'}`, {
    why: 'A signature says how sizes of arguments belong together; here two that should be one differ.',
    frame: 'body',
    wrong: 'loss more = soft_margin(gap(with_background(maps)), tags)',
    right: 'loss more = soft_margin(gap(maps), tags)',
  }),
  'rank-mismatch': error(message`${'operation'} needs ${'expected'} axes; ${'found'} has ${'rank'}`, {
    why: "An operator that works on maps needs maps: [N, h, w, C] has four axes, an image's scores have two.",
    frame: 'body',
    wrong: 'let y = resize(tags, size: [8, 8], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
    right: 'let y = resize(maps, size: [8, 8], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
  }),
  'shape-unproved': warning(message`${'left'} = ${'right'} cannot be proved; it is checked when the program runs`, {
    why: 'A size that rests on the data or on a division is compared at run time; a fact (require H divisible by 16) often makes it provable.',
    frame: 'body',
    wrong: [
      'let y = maps * resize(maps, size: [ceil(H / 4), ceil(W / 4)], mode: bilinear, convention: half_pixel)',
      'watch size = mean(y)',
    ].join('\n'),
    right: [
      'let y = maps * resize(x.layer4, like: maps, mode: bilinear, convention: half_pixel)[channel: 0..1]',
      'watch size = mean(y)',
    ].join('\n'),
  }),
  'shape-must-be-proved': error(message`${'left'} = ${'right'} cannot be proved`, {
    why: 'With --strict-shapes every size is proved when the spec is checked, for all images at once: nothing is left to be found out when the program runs.',
    frame: 'strict',
    wrong: [
      'let y = image * resize(image, size: [16 * floor(H / 16), 16 * floor(W / 16)], mode: bilinear, convention: half_pixel)',
      'watch size = mean(y)',
    ].join('\n'),
    right: 'let y = image * resize(image, size: [H, W], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
  }),
  'size-unproved': warning(message`${'left'} >= ${'right'} cannot be proved; it is checked when the program runs`, {
    why: 'A slice that ends outside its axis reads what is not there; where the sizes of the data decide, the program looks when it starts.',
    frame: 'body',
    wrong: 'let y = maps[h: 0..3]\nwatch size = mean(y)',
    right: 'let y = maps[h: 0..1]\nwatch size = mean(y)',
  }),
  'size-must-be-proved': error(message`${'left'} >= ${'right'} cannot be proved`, {
    why: 'With --strict-shapes also the ends of slices and single positions are proved when the spec is checked; a fact (require H >= 32) often does it.',
    frame: 'strict',
    wrong: 'let y = image[h: 0..3]\nwatch size = mean(y)',
    right: 'let y = image[h: 0..1]\nwatch size = mean(y)',
  }),
  'dimension-not-integer': error(message`the size ${'size'} is not a whole number`, {
    why: 'A size is a whole number for every image; half of an odd height is none.',
    frame: 'body',
    wrong: 'let y = resize(maps, size: [H / 2, W / 2], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
    right: ['let y = resize(maps, size: [ceil(H / 2), ceil(W / 2)], mode: bilinear, convention: half_pixel)', 'watch size = mean(y)'].join(
      '\n',
    ),
  }),
  'size-out-of-range': error(message`${'where'} makes a size that cannot be: ${'reason'}`, {
    why: 'Sizes are whole numbers that a machine can count exactly.',
    frame: 'body',
    wrong: [
      'let y = resize(maps, size: [H * 90000000 * 900000000, W], mode: bilinear, convention: half_pixel)',
      'watch size = mean(y)',
    ].join('\n'),
    right: 'let y = resize(maps, size: [H * 2, W * 2], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
  }),
  'dimension-not-positive': error(message`the size ${'size'} can be ${'value'}: sizes are at least 1`, {
    why: 'A tensor without elements has no mean and no maximum; every axis is at least 1 long.',
    frame: 'body',
    wrong: 'let y = resize(maps, size: [0, 8], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
    right: 'let y = resize(maps, size: [8, 8], mode: bilinear, convention: half_pixel)\nwatch size = mean(y)',
  }),
  'channels-first': error(message`${'what'} has its channels in front: ${'shape'}; a spec holds images as [N, H, W, C]`, {
    why: 'PyTorch stores NCHW, tfjs and this language NHWC. Silent mixing gives maps that are transposed and still train.',
    frame: 'body',
    wrong: 'input other: Image[N, 3, H, W]\nwatch size = mean(other)',
    right: 'watch size = mean(image)',
  }),
  'bad-pattern': error(message`the pattern "${'pattern'}" is wrong: ${'reason'}`, {
    why: 'Patterns follow einops: names separated by spaces, groups in parentheses, -> between the sides, each name once on each side.',
    frame: 'body',
    wrong: 'let y = rearrange(maps, "n h w c -> n (h w) d")\nwatch size = mean(y)',
    right: 'let y = rearrange(maps, "n h w c -> n (h w) c")\nwatch size = mean(y)',
  }),
  'bad-axis': error(message`${'what'} has no axis ${'axis'}`, {
    why: 'Axes are counted from 0.',
    frame: 'body',
    wrong: 'let y = sum(maps, over: 4)\nwatch size = mean(y)',
    right: 'let y = sum(maps, over: 3)\nwatch size = mean(y)',
  }),
  'unknown-axis-name': error(message`'${'axis'}' names no axis of ${'shape'}`, {
    why: 'Axes have names, so that a spec says what it reduces: batch, height, width, channel, and space for height and width.',
    frame: 'body',
    wrong: 'let y = sum(maps, over: depth)\nwatch size = mean(y)',
    right: 'let y = sum(maps, over: channel)\nwatch size = mean(y)',
  }),
  'axis-hidden': error(message`'${'name'}' is ${'what'} here, and no longer the name of an axis`, {
    why: 'A value of that name would silently stand for the axis of its number.',
    frame: 'body',
    wrong: 'hyper width = 3\nlet rows = mean(maps, over: width)\nwatch size = mean(rows) * width',
    right: 'hyper widest = 3\nlet rows = mean(maps, over: width)\nwatch size = mean(rows) * widest',
  }),
  'fact-contradiction': error(message`${'fact'} cannot hold: ${'reason'}`, {
    why: 'A fact that can never hold would make every proof that rests on it worthless.',
    frame: 'train',
    wrong: 'require H == H + 1',
    right: 'require H divisible by 16',
  }),
  'fact-unmet': error(message`${'callee'} requires ${'fact'}; here ${'reason'}`, {
    why: 'A module may require something of its sizes; here it does not hold.',
    frame: 'body',
    wrong: 'layer side = small_residual(widths: [10, 20, 30, 40], groups: 8)\nwatch size = mean(side(image).layer4)',
    right: 'watch size = mean(maps)',
  }),
} as const;
