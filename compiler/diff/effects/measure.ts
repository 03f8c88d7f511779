/** Parameters and multiply-adds of operators, for one image of the size that training sees. */
import type { CheckedMethod } from '../../check/check.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { Node } from '../../ops/graph.ts';
import { operator } from '../../ops/table.ts';
import { type Dim, evaluate, nameOf, variablesOf } from '../../shape/dim.ts';

/** Classes of PASCAL VOC: what counts are told for, because a spec leaves the number of classes open. */
const CLASSES_COUNTED = 20;
const SIDE = 512;

export type Sizes = Readonly<Record<string, number>>;

/** Sizes of one image as the views of the method make it; 512 × 512 where they leave it open. */
function sizesOf({ forward, train }: CheckedMethod): Sizes {
  const sizes: Record<string, number> = { N: 1, K: CLASSES_COUNTED };
  for (const node of forward.graph.nodes) {
    if (!isInput(node) || inputName(node).role !== 'batch') continue;
    const [height, width] = sideOf(train, inputName(node).name);
    for (const [axis, d] of node.type.shape.entries()) {
      const name = nameOf(d);
      if (name !== undefined && !(name in sizes) && axis > 0) sizes[name] = axis === 1 ? height : width;
    }
  }
  return sizes;
}

/** One size for both sides, so that an image that is read larger does not look like a larger network: the larger of the two. */
export function commonSizes(a: CheckedMethod, b: CheckedMethod): { readonly a: Sizes; readonly b: Sizes } {
  const [x, y] = [sizesOf(a), sizesOf(b)];
  const largest = (names: Sizes): number =>
    Math.max(...Object.entries(names).map(([name, value]) => (name === 'N' || name === 'K' ? 0 : value)));
  return largest(x) >= largest(y) ? { a: x, b: { ...y, ...shared(x, y) } } : { a: { ...x, ...shared(y, x) }, b: y };
}

function shared(of: Sizes, names: Sizes): Sizes {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name in names));
}

/** Height and width of what fills an input: the last step of its view that says a size. */
function sideOf(train: CheckedMethod['train'], input: string): readonly [number, number] {
  let name = train?.bindings.find((binding) => binding.input === input)?.view;
  while (name !== undefined) {
    const view = train?.views.find((v) => v.name === name);
    for (const { args } of [...(view?.steps ?? [])].reverse()) {
      if (typeof args.size === 'number') return [args.size, args.size];
      if (typeof args.height === 'number' && typeof args.width === 'number') return [args.height, args.width];
    }
    name = view?.from;
  }
  return [SIDE, SIDE];
}

/** A size as a number; undefined where it depends on what is not known here. */
export function numberOf(d: Dim, sizes: Sizes): number | undefined {
  if (!variablesOf(d).every((name) => name in sizes)) return undefined;
  try {
    return evaluate(d, sizes);
  } catch {
    // A size that only exists for other images.
    return undefined;
  }
}

export interface Amount {
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export function amountOf(node: Node, method: CheckedMethod, sizes: Sizes): Amount {
  if (isInput(node)) {
    const { role, name } = inputName(node);
    const parameter = role === 'state' && method.states.get(name)?.role === 'parameter';
    const count = node.type.shape.reduce((product, d) => product * (numberOf(d, sizes) ?? 0), 1);
    return { parameters: parameter ? count : 0, multiplyAdds: 0 };
  }
  const count = operator(node.op).macs?.(node);
  return { parameters: 0, multiplyAdds: count === undefined ? 0 : (numberOf(count, sizes) ?? 0) };
}

export function shapeText(node: Node, sizes: Sizes): string {
  return node.type.shape.map((d) => numberOf(d, sizes) ?? '?').join('×');
}
