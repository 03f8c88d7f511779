/** Words with a fixed meaning that stand for themselves where no declaration has taken the name. */
export const WORDS: ReadonlySet<string> = new Set([
  // axes
  'batch',
  'height',
  'width',
  'channel',
  'space',
  'all',
  // reductions in patterns
  'sum',
  'mean',
  'max',
  'min',
  // resize modes and conventions
  'bilinear',
  'nearest',
  'half_pixel',
  'corners',
  'factor',
  'pillow_nearest',
  // normalisation presets, padding and placing
  'imagenet',
  'signed',
  'caffe',
  'zero',
  'zeros',
  'ones',
  'reflect',
  'replicate',
  'random',
  'top_left',
  'centre',
  // normalisation layers
  'stored',
  'batch_statistics',
  'unit',
  'train',
  'fixed',
  // dtypes
  'f32',
  'i32',
  'bool',
  // artefact treatments
  'exclude',
  'background',
  'foreground',
  'last',
  'present',
  'none',
]);
