/** Parameters and multiply-adds of operators, for one image of the size that training sees. */
import type { CheckedMethod } from '../../check/check.ts';
import { type Count, countOf, countValue, NONE, numberOf, plus, sameOpen } from '../../cost/count.ts';
import { FALLBACK_SIDES, type Sizes, sidesOf, sizesOf } from '../../describe/sizes.ts';
import { stepCounts } from '../../describe/step.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { Node } from '../../ops/graph.ts';
import { operator } from '../../ops/table.ts';
import { multiply, show } from '../../shape/dim.ts';
import type { Effect } from '../classes.ts';

/** The sizes that both sides are weighed for. */
export interface CommonSizes {
  readonly a: Sizes;
  readonly b: Sizes;
  /** Height and width of every image. */
  readonly image: readonly [number, number];
}

/**
 * One size of image for both sides, so that an image that is read larger does not look like a larger network: the larger of the two that they are
 * trained on, the smaller one where a fact of either does not hold for it.
 */
export function commonSizes(a: CheckedMethod, b: CheckedMethod): CommonSizes {
  const area = ([height, width]: readonly [number, number]): number => height * width;
  const own = [a, b].flatMap((method) => {
    const sides = sidesOf(method);
    return sides ? [sides] : [];
  });
  const wishes = own.length === 0 ? [FALLBACK_SIDES] : [...own].sort((x, y) => area(y) - area(x));
  const found = wishes.map((image) => ({ image, a: sizesOf(a, { batch: 1, size: image }), b: sizesOf(b, { batch: 1, size: image }) }));
  const best = found.find((of) => !('broken' in of.a) && !('broken' in of.b)) ?? found[0];
  return { image: best.image, a: best.a.sizes, b: best.b.sizes };
}

export interface Amount {
  readonly parameters: Count;
  readonly multiplyAdds: Count;
}

export const NOTHING: Amount = { parameters: NONE, multiplyAdds: NONE };

export function addAmounts(x: Amount, y: Amount): Amount {
  return { parameters: plus(x.parameters, y.parameters), multiplyAdds: plus(x.multiplyAdds, y.multiplyAdds) };
}

export function amountOf(node: Node, method: CheckedMethod, sizes: Sizes): Amount {
  if (isInput(node)) {
    const { role, name } = inputName(node);
    const parameter = role === 'state' && method.states.get(name)?.role === 'parameter';
    return parameter ? { parameters: countOf(multiply(...node.type.shape), sizes), multiplyAdds: NONE } : NOTHING;
  }
  const count = operator(node.op).macs?.(node);
  return count === undefined ? NOTHING : { parameters: NONE, multiplyAdds: countOf(count, sizes) };
}

export function shapeText(node: Node, sizes: Sizes): string {
  return node.type.shape.map((d) => numberOf(d, sizes) ?? show(d)).join('×');
}

/** The difference of two amounts, where there is one. */
export function amountEffects(from: Amount, to: Amount): readonly Effect[] {
  return [
    ...countEffects('parameters', from.parameters, to.parameters),
    ...countEffects('multiply-adds', from.multiplyAdds, to.multiplyAdds),
  ];
}

/** What both have in sizes that are not known changes nothing. */
function countEffects(kind: 'parameters' | 'multiply-adds', from: Count, to: Count): readonly Effect[] {
  if (!sameOpen(from, to)) return [{ kind, from: countValue(from), to: countValue(to) }];
  return from.known === to.known ? [] : [{ kind, from: from.known, to: to.known }];
}

/** Of the whole forward pass with all losses, one image: as `wsss cost` has it. */
export function totalEffects(a: CheckedMethod, b: CheckedMethod): readonly Effect[] {
  const sizes = commonSizes(a, b);
  const [x, y] = [stepCounts(a, sizes.a), stepCounts(b, sizes.b)];
  const value = (count: Count | undefined): number | string => (count ? countValue(count) : 'no step');
  const effect = (kind: 'parameters' | 'multiply-adds', from: number | string, to: number | string): readonly Effect[] =>
    from === to ? [] : [{ kind, from, to }];
  return [
    ...effect('parameters', countValue(x.parameters), countValue(y.parameters)),
    ...effect('multiply-adds', value(x.forward), value(y.forward)),
  ];
}
