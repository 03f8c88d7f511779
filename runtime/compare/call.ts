/** Runs one graph of a program on a reference file, and compares what comes out. */
import { memory } from '@tensorflow/tfjs-core';
import { checkArguments } from '../host/arguments.ts';
import { constantCache } from '../ops/cache.ts';
import type { Tensor } from '../ops/tensor.ts';
import type { Dimensions, GraphEntry, Program, TensorMap } from '../program.ts';
import { SizeError } from '../size-arithmetic.ts';
import { bindDimensions } from '../sizes.ts';
import { disposeAll, portsOf, toDevice } from '../train/device.ts';
import { type Ordered, toFile, toProgram } from './axes.ts';
import { CompareError } from './errors.ts';
import type { CallPlan, ComparedResult, Feed } from './plan.ts';
import type { Reference } from './reference.ts';
import { compareTensor, missing, type Row, ruleOf } from './rows.ts';

export interface Compared {
  readonly rows: readonly Row[];
  /** Bytes that the program still held after the step, its results disposed; 0 is right. */
  readonly held: number;
}

/** A tensor of the file as an input of the program. */
export interface Fed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/**
 * Compares every key of the plan; `also` gives the rows of what is made of the program's outputs. Throws CompareError where a tensor of the file has not the shape that the program wants, and whatever the
 * backend throws.
 */
export async function compareCall(
  program: Program,
  plan: CallPlan,
  reference: Reference,
  also: (outputs: TensorMap) => Promise<readonly Row[]> = async () => [],
): Promise<Compared> {
  const entry = program.meta.graphs[plan.graph];
  const fed = new Map(plan.feeds.map((feed) => [feed, feedTensor(reference, feed, entry)] as const));
  const dims = dimensions(plan, fed, entry, reference);
  const state: Record<string, Tensor> = {};
  const batch: Record<string, Tensor> = {};
  try {
    for (const [feed, tensor] of fed) (feed.role === 'state' ? state : batch)[feed.name] = toDevice(tensor);
    const args = { state, batch, draws: {}, scalars: {}, gradients: {}, dims };
    checkArguments(plan.graph, entry, args);
    const before = heldBytes();
    const result = program.graphs[plan.graph](args);
    const rows: Row[] = [];
    try {
      for (const compared of plan.results) rows.push(await compareResult(result[compared.from], compared, reference));
      rows.push(...(await also(result.outputs)));
    } finally {
      disposeAll(result.gradients, result.losses, result.outputs, result.state);
    }
    return { rows, held: heldBytes() - before };
  } finally {
    disposeAll(state, batch);
  }
}

/** Bytes of all tensors, without the tables that the runtime keeps on purpose. */
export function heldBytes(): number {
  return memory().numBytes - constantCache.tensorBytes;
}

export function feedTensor(reference: Reference, feed: Feed, entry: GraphEntry): Fed {
  const stored = reference.tensors.get(feed.key);
  if (!stored)
    throw new CompareError('case-unbound', `the reference has no '${feed.key}'`, 'Bind another key, or add the tensor to the reference.');
  const { shape, data } = toProgram(stored, feed.axes, feed.key);
  const port = portsOf(entry.inputs, feed.role).find((p) => p.name === feed.name);
  return { shape, data: port?.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data) };
}

/** The free dimensions from the shapes of the file; every shape is held against them. */
function dimensions(plan: CallPlan, fed: ReadonlyMap<Feed, Fed>, entry: GraphEntry, reference: Reference): Dimensions {
  const known: Record<string, number> = { ...plan.sizes };
  for (const { dimension, feed, axis } of plan.dimensions)
    known[dimension] ??= (fed.get(feed) ?? feedTensor(reference, feed, entry)).shape[axis];
  return fitting(() => {
    for (const role of ['batch', 'state'] as const) {
      const given = [...fed].filter(([feed]) => feed.role === role).map(([feed, { shape }]) => ({ name: feed.name, shape }));
      Object.assign(known, bindDimensions(entry.inputs, role, given, known));
    }
    return known;
  });
}

/** Does something with sizes of the file; where they contradict the program's, says so as CompareError. */
export function fitting<R>(use: () => R): R {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof SizeError)) throw error;
    throw new CompareError(
      'case-shape',
      `the sizes of the reference and of the program contradict each other: ${error.message}`,
      'Shapes are shown in the order of the program; look at the layout of this tensor in the case, and at the sizes in the reference.',
    );
  }
}

export async function compareResult(
  results: TensorMap,
  { name, plus = [], key, axes, present }: Omit<ComparedResult, 'from'>,
  reference: Reference,
): Promise<Row> {
  const stored = reference.tensors.get(key);
  if (!stored) throw new CompareError('case-unbound', `the reference has no '${key}'`, 'Compare another key.');
  const parts: Ordered[] = [];
  for (const part of [name, ...plus]) {
    if (!Object.hasOwn(results, part)) return missing(key, stored, `the program has no result '${part}'`);
    parts.push({ shape: results[part].shape, data: await results[part].data() });
  }
  const values = toFile(presentOnly(total(parts), present, reference), axes, key);
  return compareTensor(key, values, stored, ruleOf(reference, key), reference.description.zeroGradients.includes(key));
}

function total(parts: readonly Ordered[]): Ordered {
  const [first, ...rest] = parts;
  if (rest.length === 0) return first;
  return { shape: first.shape, data: Float64Array.from(first.data, (v, i) => rest.reduce((sum, part) => sum + part.data[i], v)) };
}

/** The channels of classes whose tag in the file is set. */
function presentOnly(value: Ordered, tags: string | undefined, reference: Reference): Ordered {
  if (tags === undefined) return value;
  const classes = value.shape[value.shape.length - 1];
  const given = reference.tensors.get(tags)?.data;
  if (given?.length !== classes)
    throw new CompareError('case-shape', `'${tags}' has ${given?.length ?? 0} tags for ${classes} channels`, 'Name the tags of the image.');
  const kept = Array.from({ length: classes }, (_, k) => k).filter((k) => given[k] > 0);
  const rows = value.data.length / classes;
  const data = new Float64Array(rows * kept.length);
  for (let row = 0, at = 0; row < rows; row++) for (const k of kept) data[at++] = value.data[row * classes + k];
  return { shape: [...value.shape.slice(0, -1), kept.length], data };
}
