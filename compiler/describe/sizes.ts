/** Numbers for the sizes that a method leaves open. */
import type { CheckedMethod } from '../check/check.ts';
import { CLASS_DIM } from '../check/method.ts';
import { BATCH_DIM } from '../compile.ts';
import { inputName, isInput } from '../ir/paths.ts';
import type { DimAssertion, Graph, Kind } from '../ops/graph.ts';
import { DimError, evaluate, nameOf, show, variable, variablesOf } from '../shape/dim.ts';
import { showPlace } from '../source/source.ts';

export interface SizeWishes {
  /** Height and width of every image; what the data block crops to where nothing is said. */
  readonly size?: readonly [number, number];
  /** Images of a batch; that of the train block where nothing is said. */
  readonly batch?: number;
  readonly classes?: number;
  /** Names of sizes that the others do not give. */
  readonly named?: Readonly<Record<string, number>>;
}

/** Sizes where neither the wish nor the spec says any. */
const FALLBACK = { batch: 1, classes: 20 };

/** Height and width where neither the wish nor the spec says any. */
export const FALLBACK_SIDES = [512, 512] as const;

/** Kinds of inputs whose second and third axes are those of an image. */
const PIXELS: ReadonlySet<Kind> = new Set<Kind>([
  'image',
  'region',
  'labels',
  'mask',
  'saliency',
  'boundary',
  'probabilities',
  'seeds',
  'cam',
]);

export type Sizes = Readonly<Record<string, number>>;

export type SizesFound =
  | { readonly ok: true; readonly sizes: Sizes }
  /** Names that stay open beside those that are known, or a fact of the spec that does not hold. */
  | { readonly ok: false; readonly open: readonly string[]; readonly sizes: Sizes }
  | { readonly ok: false; readonly broken: string; readonly sizes: Sizes };

/** A number for every name in the graphs: images have the wished height and width, also the photo of an inference program. */
export function sizesOf(method: CheckedMethod, wishes: SizeWishes): SizesFound {
  const graphs = [method.forward.graph, ...method.infer.map((program) => program.graph)];
  const [height, width] = wishes.size ?? sidesOf(method) ?? FALLBACK_SIDES;
  const sizes: Record<string, number> = {
    [BATCH_DIM]: wishes.batch ?? method.train?.batch ?? FALLBACK.batch,
    [CLASS_DIM]: wishes.classes ?? FALLBACK.classes,
    ...Object.fromEntries(method.infer.flatMap(({ photo }) => [[photo.height, height] as const, [photo.width, width] as const])),
    ...wishes.named,
  };
  const wanted = new Set<string>();
  for (const graph of graphs)
    for (const node of graph.nodes) {
      if (!isInput(node) || inputName(node).role === 'gradient') continue;
      const { shape } = node.type;
      for (const d of shape) for (const name of variablesOf(d)) wanted.add(name);
      if (inputName(node).role !== 'batch' || shape.length < 3 || !PIXELS.has(node.kind)) continue;
      for (const [axis, side] of [
        [1, height],
        [2, width],
      ] as const) {
        const name = nameOf(shape[axis]);
        if (name !== undefined && !Object.hasOwn(sizes, name)) sizes[name] = side;
      }
    }
  // An equality may give a name in terms of others.
  const { facts } = method.forward.E;
  const open: string[] = [];
  for (const name of wanted) {
    if (Object.hasOwn(sizes, name)) continue;
    const known = facts.normalize(variable(name));
    if (known !== variable(name) && variablesOf(known).every((n) => Object.hasOwn(sizes, n))) sizes[name] = evaluate(known, sizes);
    else open.push(name);
  }
  if (open.length > 0) return { ok: false, open, sizes };
  const broken = brokenFact(method.forward.graph, sizes);
  return broken === undefined ? { ok: true, sizes } : { ok: false, broken, sizes };
}

/** Height and width to which the view of an image is cut; undefined where no step says one. */
export function sidesOf(method: CheckedMethod): readonly [number, number] | undefined {
  for (const view of method.train?.views ?? [])
    for (const step of [...view.steps].reverse()) {
      const { size } = step.args;
      if (typeof size === 'number') return [size, size];
      if (Array.isArray(size) && size.length === 2) return [Number(size[0]), Number(size[1])];
    }
  return undefined;
}

function brokenFact(graph: Graph, sizes: Sizes): string | undefined {
  for (const assertion of graph.assertions) {
    if (holds(assertion, sizes)) continue;
    const { left, relation, right, span } = assertion;
    return `${show(left)} ${relation} ${show(right)}${span ? ` (${showPlace(span)})` : ''}`;
  }
  return undefined;
}

function holds({ left, relation, right }: DimAssertion, sizes: Sizes): boolean {
  try {
    const [a, b] = [evaluate(left, sizes), evaluate(right, sizes)];
    return relation === '==' ? a === b : relation === '>=' ? a >= b : a % b === 0;
  } catch (error) {
    if (error instanceof DimError) return false;
    throw error;
  }
}
