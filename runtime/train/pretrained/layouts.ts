/** How files name and lay out the parameters of a backbone. The one place that knows names of other libraries. */
import type { Safetensor } from '../../data/safetensors.ts';

export interface WeightLayout {
  readonly name: string;
  /** The name in the file of the parameter or statistic `key`, which stands below the backbone (`layer1.0.conv1.weight`). */
  readonly nameOf: (key: string) => string;
  /** Shape and place of values in the file for a tensor of ours. */
  readonly shapeOf: (shape: readonly number[]) => readonly number[];
  /** Values in our layout. `shape` is ours; the lengths agree. */
  readonly read: (stored: Safetensor, shape: readonly number[]) => ArrayLike<number>;
  /** Tensors that no backbone wants: `head` is left out and said, `silent` says nothing of the network. */
  readonly extra: (name: string) => 'head' | 'silent' | 'foreign';
}

/**
 * State dictionaries of torchvision's ResNets: `conv1.weight`, `bn1.running_mean`, `layer1.0.downsample.0.weight`, `fc.weight`. Ours differ in that
 * the first convolution and normalisation stand in `stem`, and in that filters are [kh, kw, in, out], not [out, in, kh, kw].
 */
export const TORCHVISION: WeightLayout = {
  name: 'torchvision',
  nameOf: (key) => key.replace(/^stem\./, ''),
  shapeOf: (shape) => (shape.length === 4 ? [shape[3], shape[2], shape[0], shape[1]] : shape),
  read: ({ data }, shape) => (shape.length === 4 ? filtersFromOihw(numbers(data), shape) : numbers(data)),
  extra: (name) => (name.startsWith('fc.') ? 'head' : name.endsWith('.num_batches_tracked') ? 'silent' : 'foreign'),
};

/** A checkpoint of this project that has a backbone of the same name: `net.stem.conv1.weight`. Other layers and the optimiser's slots are left. */
export function ownLayout(backbone: string): WeightLayout {
  return {
    name: 'wsss',
    nameOf: (key) => `${backbone}.${key}`,
    shapeOf: (shape) => shape,
    read: ({ data }) => numbers(data),
    extra: (name) => (!name.startsWith(`${backbone}.`) ? 'head' : isSlot(name) ? 'silent' : 'foreign'),
  };
}

/** Slots stand below the parameter that they belong to. */
function isSlot(name: string): boolean {
  return /\.(weight|bias)\.[a-z_0-9]+$/.test(name);
}

/** [out, in, kh, kw] to [kh, kw, in, out]; `shape` is the latter. */
function filtersFromOihw(values: ArrayLike<number>, [height, width, inputs, outputs]: readonly number[]): Float32Array {
  const area = height * width;
  const filters = new Float32Array(values.length);
  let to = 0;
  for (let place = 0; place < area; place++)
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) filters[to++] = values[(o * inputs + i) * area + place];
  return filters;
}

function numbers(data: Safetensor['data']): ArrayLike<number> {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new RangeError('not floating-point values');
}
