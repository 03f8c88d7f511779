/**
 * The signs of values, where they decide whether an operator is defined: a root or logarithm below zero, a quotient whose divisor passes through zero,
 * an exponential without bound. A range of interval arithmetic that spans zero says little (a variance written as a difference has one too), so that
 * only values count that really take both signs: what a convolution or a product of matrices gives, and what is made of it in ways that keep the signs.
 */

import type { Node } from './graph.ts';
import type { Hazard } from './numerics.ts';

/** Whether a value takes both signs, and whether it may be as large as it likes, in an ordinary run. */
export interface Signs {
  readonly both: (node: Node) => boolean;
  readonly unbounded: (node: Node) => boolean;
}

type Rule = (node: Node, signs: Signs) => boolean;

const asInput: Rule = ({ inputs }, { both }) => both(inputs[0]);
const asAny: Rule = ({ inputs }, { both }) => inputs.some(both);
const asAll: Rule = ({ inputs }, { both }) => inputs.every(both);

/** Operators that only move elements, copy them or give them another name. */
const MOVES = [
  'reshape',
  'transpose',
  'broadcast_to',
  'slice',
  'reverse',
  'detach',
  'identity',
  'gather',
  'gather_along',
  'neighbours',
] as const;
const MOVED: ReadonlySet<string> = new Set(MOVES);
const LINEAR = ['neg', 'sum', 'mean', 'max', 'min', 'cumsum', 'pad', 'resize', 'avg_pool', 'max_pool', 'tanh', 'clamp'] as const;

/** What a value was before its elements were only moved. */
export function unmoved(node: Node): Node {
  return MOVED.has(node.op) ? unmoved(node.inputs[0]) : node;
}

/** x - min(x) and max(x) - x are of one sign, though interval arithmetic does not know. */
const isExtremum = (node: Node): boolean => ['max', 'min', 'maximum', 'minimum'].includes(unmoved(node).op);
/** The same, with a small number added. */
const isShiftedExtremum = (node: Node): boolean =>
  isExtremum(node) ||
  (unmoved(node).op === 'add' && unmoved(node).inputs.some((x) => x.op === 'const') && unmoved(node).inputs.some(isExtremum));
/** 1 - cosine is not negative either: products of matrices are often of vectors of length one. */
const isComplement = (a: Node, b: Node): boolean => a.op === 'const' && unmoved(b).op === 'matmul';

/** A difference of what takes both signs, or of a number and what has no bound. */
const ofDifference: Rule = ({ inputs: [a, b] }, { both, unbounded }) => {
  if (isExtremum(a) || isExtremum(b) || isComplement(a, b)) return false;
  return both(a) || both(b) || (a.op === 'const' && unbounded(b)) || (b.op === 'const' && unbounded(a));
};

/** Weights and filters have no range that excludes a sign. */
const hasNegative: Rule = ({ inputs }) => inputs.some((x) => x.range.low < 0);

const BOTH: Readonly<Record<string, Rule>> = {
  conv2d: hasNegative,
  depthwise_conv2d: hasNegative,
  matmul: hasNegative,
  add: asAny,
  mul: asAny,
  sub: ofDifference,
  div: asInput,
  maximum: asAll,
  minimum: asAny,
  // A guard chooses the other branch where this one is not defined.
  select: ({ inputs }, { both }) => inputs.slice(1).every(both),
  concat: asAny,
  ...Object.fromEntries([...MOVES, ...LINEAR].map((op) => [op, asInput])),
};

/** Of one sign, and as large as their input is. */
const RECTIFIED: ReadonlySet<string> = new Set(['relu', 'abs', 'square', 'softplus', 'leaky_relu', 'sum', 'mean', 'max', ...MOVES]);

/** Answers for all nodes of a graph; each is worked out once. */
export function signs(): Signs {
  const remembered = (rule: (node: Node) => boolean): ((node: Node) => boolean) => {
    const known = new Map<Node, boolean>();
    return (node) => {
      const answer = known.get(node) ?? rule(node);
      known.set(node, answer);
      return answer;
    };
  };
  const found: Signs = {
    both: remembered((node) => node.range.low < 0 && node.range.high > 0 && (BOTH[node.op]?.(node, found) ?? false)),
    unbounded: remembered(
      (node) =>
        node.range.high === Number.POSITIVE_INFINITY && (found.both(node) || (RECTIFIED.has(node.op) && found.unbounded(node.inputs[0]))),
    ),
  };
  return found;
}

/** What breaks the operator of a node whose input is not positive, or has no bound; undefined where nothing does. */
export function domainHazard(node: Node, { both, unbounded }: Signs): (Hazard & { readonly because: string }) | undefined {
  const found = (input: number, effect: string, instead: string): (Hazard & { readonly because: string }) | undefined =>
    both(node.inputs[input]) ? { input, breaks: 'value', because: 'takes both signs', effect, instead } : undefined;
  const root = 'rectify it or take its square before: relu(x), square(x), abs(x)';
  switch (node.op) {
    case 'sqrt':
    case 'rsqrt':
      return found(0, 'the root of what is negative is no number', root);
    case 'pow':
      if (Number(node.attrs.exponent) < 0)
        return found(0, 'the power is infinite where it passes zero', 'bound it away from zero before the power');
      return Number.isInteger(Number(node.attrs.exponent)) ? undefined : found(0, 'a power of what is negative is no number', root);
    case 'log':
      return found(
        0,
        'the logarithm of what is negative is no number',
        'of logits take log_softmax(x), or -softplus(-x); else relu(x) + 1e-5 before',
      );
    case 'div':
      // The largest of many values is hardly ever zero, and methods divide by it.
      return node.type.dtype !== 'f32' || isShiftedExtremum(node.inputs[1])
        ? undefined
        : found(
            1,
            'where it passes zero the quotient is infinite',
            'divide by a number of one sign: its absolute value, sum of squares or norm, plus 1e-5',
          );
    case 'reciprocal':
      return found(0, 'where it passes zero the quotient is infinite', 'divide by a number of one sign');
    case 'exp':
      return unbounded(node.inputs[0])
        ? {
            input: 0,
            breaks: 'value',
            because: 'has no upper bound',
            effect: 'above 88 its exponential is infinite',
            instead: 'take the largest value off before, or softmax(x), sigmoid(x), softplus(x)',
          }
        : undefined;
    default:
      return undefined;
  }
}
