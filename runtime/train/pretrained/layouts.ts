/**
 * How files name and lay out the parameters of a backbone: by a naming that the spec declares beside its module, or as a checkpoint of this project.
 * Filters of others are [out, in, kh, kw], ours [kh, kw, in, out]; everything else lies alike.
 */
import type { Safetensor } from '../../data/safetensors.ts';
import type { Naming } from '../../program.ts';

export interface WeightLayout {
  readonly name: string;
  /** The name in the file of the parameter or statistic `key`, which stands below the backbone (`layer1.0.conv1.weight`). */
  readonly nameOf: (key: string) => string | undefined;
  /** Shape and place of values in the file for a tensor of ours. */
  readonly shapeOf: (shape: readonly number[]) => readonly number[];
  /** Values in our layout. `shape` is ours; the lengths agree. */
  readonly read: (stored: Safetensor, shape: readonly number[]) => ArrayLike<number>;
  /** Values as the file has them. `shape` is ours. */
  readonly write: (values: Float32Array, shape: readonly number[]) => Float32Array;
  /** Tensors that no backbone wants: `head` is left out and said, `silent` says nothing of the network. */
  readonly extra: (name: string) => 'head' | 'silent' | 'foreign';
}

/** Counters that PyTorch keeps beside its statistics. */
const COUNTER = /\.num_batches_tracked$/;

/** Files by a naming of the spec: `"layer2.block{i+1}.*" = "layer2.{i}.*"`. */
export function declaredLayout({ name, lines, others }: Naming): WeightLayout {
  const rules = lines.map(([theirs, ours]) => ({ theirs, ours: patternOf(ours) }));
  const heads = others.map(patternOf);
  return {
    name,
    nameOf: (key) => {
      for (const { theirs, ours } of rules) {
        const found = ours.exec(key);
        if (found) return filledIn(theirs, found.groups ?? {});
      }
      return undefined;
    },
    shapeOf: (shape) => (shape.length === 4 ? [shape[3], shape[2], shape[0], shape[1]] : shape),
    read: ({ data }, shape) => (shape.length === 4 ? filtersFromOihw(numbers(data), shape) : numbers(data)),
    write: (values, shape) => (shape.length === 4 ? filtersToOihw(values, shape) : values),
    extra: (theirs) => (COUNTER.test(theirs) ? 'silent' : heads.some((head) => head.test(theirs)) ? 'head' : 'foreign'),
  };
}

/** A checkpoint of this project that has a backbone of the same name: `net.stem.conv1.weight`. Other layers and the optimiser's slots are left. */
export function ownLayout(backbone: string): WeightLayout {
  return {
    name: 'wsss',
    nameOf: (key) => `${backbone}.${key}`,
    shapeOf: (shape) => shape,
    read: ({ data }) => numbers(data),
    write: (values) => values,
    extra: (name) => (!name.startsWith(`${backbone}.`) ? 'head' : isSlot(name) ? 'silent' : 'foreign'),
  };
}

/** `*` is any text, `{i}` a whole number; everything else stands for itself. */
function patternOf(text: string): RegExp {
  const parts = text.split(/(\*|\{[a-z]+\})/).map((part) => {
    if (part === '*') return '(?<rest>.*)';
    const number = /^\{([a-z]+)\}$/.exec(part);
    return number ? `(?<${number[1]}>\\d+)` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** What the right side found, put into the left one; `{i+1}` is the number after the one found. */
function filledIn(theirs: string, found: Readonly<Record<string, string | undefined>>): string {
  return theirs.replace(/\*|\{([a-z]+)([+-]\d+)?\}/g, (_, letter: string | undefined, shift: string | undefined) =>
    letter === undefined ? (found.rest ?? '') : String(Number(found[letter]) + Number(shift ?? 0)),
  );
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

/** The other way round; `shape` is [kh, kw, in, out]. */
function filtersToOihw(filters: Float32Array, [height, width, inputs, outputs]: readonly number[]): Float32Array {
  const area = height * width;
  const values = new Float32Array(filters.length);
  let from = 0;
  for (let place = 0; place < area; place++)
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) values[(o * inputs + i) * area + place] = filters[from++];
  return values;
}

function numbers(data: Safetensor['data']): ArrayLike<number> {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new RangeError('not floating-point values');
}
