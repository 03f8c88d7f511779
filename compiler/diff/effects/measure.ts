/** Parameters and multiply-adds of operators, for one image of the size that training sees. */
import type { CheckedMethod } from '../../check/check.ts';
import { type Sizes, sidesOf, sizesOf } from '../../describe/sizes.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { Node } from '../../ops/graph.ts';
import { operator } from '../../ops/table.ts';
import { type Dim, evaluate, variablesOf } from '../../shape/dim.ts';
import type { Effect } from '../classes.ts';

/** One size of image for both sides, so that an image that is read larger does not look like a larger network: the larger of the two. */
export function commonSizes(a: CheckedMethod, b: CheckedMethod): { readonly a: Sizes; readonly b: Sizes } {
  const [x, y] = [sidesOf(a), sidesOf(b)];
  const area = (sides: readonly [number, number] | undefined): number => (sides ? sides[0] * sides[1] : 0);
  const size = area(x) >= area(y) ? x : y;
  const of = (method: CheckedMethod): Sizes => {
    const found = sizesOf(method, { batch: 1, ...(size ? { size } : {}) });
    return found.ok ? found.sizes : {};
  };
  return { a: of(a), b: of(b) };
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

/** Of all that the losses of a method need. */
export function stepAmount(method: CheckedMethod, sizes: Sizes): Amount {
  const { nodes, outputs } = method.forward.graph;
  const live = new Set<Node>(outputs.flatMap(({ role, node }) => (role === 'loss' ? [node] : [])));
  let [parameters, multiplyAdds] = [0, 0];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!live.has(node)) continue;
    for (const input of node.inputs) live.add(input);
    const own = amountOf(node, method, sizes);
    parameters += own.parameters;
    multiplyAdds += own.multiplyAdds;
  }
  return { parameters, multiplyAdds };
}

/** The difference of two amounts, where there is one. */
export function amountEffects(from: Amount, to: Amount): readonly Effect[] {
  const found: Effect[] = [];
  if (from.parameters !== to.parameters) found.push({ kind: 'parameters', from: from.parameters, to: to.parameters });
  if (from.multiplyAdds !== to.multiplyAdds) found.push({ kind: 'multiply-adds', from: from.multiplyAdds, to: to.multiplyAdds });
  return found;
}
