/** Element-wise operators. Derivatives follow PyTorch where conventions differ: relu'(0) = 0, abs'(0) = 0, ties of max and min share. */
import { roundHalfEven } from '../shape/dim.ts';
import type { Builder } from './builder.ts';
import { type KindAndRange, type OperatorDefinition, OperatorError, type VjpContext } from './definition.ts';
import type { DType, Node, Range } from './graph.ts';
import { ANY, always, broadcast, join, keepKind, meaning, number, rangeOf, UNIT } from './rules.ts';
import { castWorkspace } from './workspace.ts';

type Derivative = (b: Builder, x: Node, y: Node, dy: Node) => Node;

function unary(name: string, doc: string, kind: OperatorDefinition['kind'], derivative: Derivative | 'cut'): OperatorDefinition {
  return {
    name,
    doc,
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: {},
    result: ([x]) => x,
    kind,
    differentiability: derivative === 'cut' ? 'cut' : 'smooth',
    ...(derivative === 'cut' ? {} : { vjp: ({ b, node, dy }: VjpContext) => [derivative(b, node.inputs[0], node, dy)] }),
    batch: 'elementwise',
  };
}

const positive: Range = { low: 0, high: Number.POSITIVE_INFINITY };
/** Rounding is monotone: it maps bounds to bounds. */
const whole =
  (rounded: (x: number) => number) =>
  (r: Range): Range => ({ low: Number.isFinite(r.low) ? rounded(r.low) : r.low, high: Number.isFinite(r.high) ? rounded(r.high) : r.high });

/** An even power, the square among them. */
const evenRange = (r: Range): Range => {
  const { low, high } = rangeOf.abs(r);
  return { low: low * low, high: high * high };
};

/** Arithmetic that gives the values another meaning. */
const reset = (range: Range = ANY) => always('tensor', range);

/** Bounds of a / b: what is not negative lies in [0, 1] as a share of its own sum or largest value; else from a divisor of one sign. */
function quotientRange(a: Node, b: Node): Range {
  if (a.range.low >= 0 && isWholeOf(a, b)) return UNIT;
  const { low, high } = b.range;
  return low > 0 || high < 0 ? rangeOf.mul(a.range, { low: 1 / high, high: 1 / low }) : ANY;
}

/** Whether `b` is the sum or the largest of values of `a`, with something added that is not negative, or bounded below. */
function isWholeOf(a: Node, b: Node): boolean {
  if ((b.op === 'sum' || b.op === 'max') && b.inputs[0] === a) return b.attrs.keep === true || b.type.shape.length === 0;
  if (b.op === 'maximum') return b.inputs.some((part) => isWholeOf(a, part));
  if (b.op !== 'add') return false;
  const [one, other] = b.inputs;
  return (isWholeOf(a, one) && other.range.low >= 0) || (isWholeOf(a, other) && one.range.low >= 0);
}

function binary(name: string, doc: string, range: (a: Range, b: Range) => Range, vjp: OperatorDefinition['vjp']): OperatorDefinition {
  return {
    name,
    doc,
    inputs: [
      { name: 'a', dtype: 'number' },
      { name: 'b', dtype: 'same' },
    ],
    attrs: {},
    result: (inputs, _, context) => ({ dtype: inputs[0].dtype, shape: broadcast(inputs, context) }),
    kind: ([a, b]): KindAndRange => meaning(join(a.kind, b.kind), range(a.range, b.range)),
    differentiability: 'smooth',
    vjp,
    batch: 'elementwise',
  };
}

/** Gradients of both sides, each summed over the axes along which it was stretched. */
function sides(context: VjpContext, left: () => Node, right: () => Node): readonly (Node | undefined)[] {
  const { b, node, needs } = context;
  const [a, c] = node.inputs;
  return [needs[0] ? b.sumTo(left(), a.type.shape) : undefined, needs[1] ? b.sumTo(right(), c.type.shape) : undefined];
}

/** Gradient of max and min: to the chosen side, half to each where they tie. */
function extremum(greater: 'greater' | 'less'): OperatorDefinition['vjp'] {
  return (context) => {
    const { b, node, dy } = context;
    const [x, y] = node.inputs;
    const share = (one: Node, other: Node): Node => {
      const wins = b.cast(b.add(greater, [one, other], {}), 'f32');
      const ties = b.cast(b.add('equal', [one, other], {}), 'f32');
      return b.mul(dy, b.addition(wins, b.mul(ties, b.scalar(0.5))));
    };
    return sides(
      context,
      () => share(x, y),
      () => share(y, x),
    );
  };
}

function comparison(name: string, doc: string): OperatorDefinition {
  return {
    name,
    doc,
    inputs: [
      { name: 'a', dtype: 'any' },
      { name: 'b', dtype: 'same' },
    ],
    attrs: {},
    result: (inputs, _, context) => ({ dtype: 'bool', shape: broadcast(inputs, context) }),
    kind: always('mask', UNIT),
    differentiability: 'cut',
    batch: 'elementwise',
  };
}

function logical(name: string, doc: string, arity: 1 | 2): OperatorDefinition {
  return {
    name,
    doc,
    inputs: ['a', 'b'].slice(0, arity).map((n) => ({ name: n, dtype: 'bool' as const })),
    attrs: {},
    result: (inputs, _, context) => ({ dtype: 'bool', shape: broadcast(inputs, context) }),
    kind: always('mask', UNIT),
    differentiability: 'cut',
    batch: 'elementwise',
  };
}

export const ELEMENTWISE: readonly OperatorDefinition[] = [
  unary(
    'neg',
    'Minus x.',
    keepKind((r) => ({ low: 0 - r.high, high: 0 - r.low })),
    (b, _x, _y, dy) => b.neg(dy),
  ),
  unary(
    'abs',
    'Absolute value.',
    keepKind(() => positive),
    (b, x, _y, dy) => b.mul(dy, b.unary('sign', x)),
  ),
  unary('sign', 'Sign.', reset({ low: -1, high: 1 }), 'cut'),
  unary('exp', 'Exponential.', reset(positive), (b, _x, y, dy) => b.mul(dy, y)),
  unary('log', 'Natural logarithm.', reset(), (b, x, _y, dy) => b.div(dy, x)),
  unary('log1p', 'log(1 + x).', reset(), (b, x, _y, dy) => b.div(dy, b.addition(x, b.scalar(1)))),
  unary('sqrt', 'Square root.', reset(positive), (b, _x, y, dy) => b.div(b.mul(dy, b.scalar(0.5)), y)),
  unary('rsqrt', '1 / sqrt(x).', reset(positive), (b, _x, y, dy) => b.mul(b.mul(dy, b.scalar(-0.5)), b.mul(y, b.unary('square', y)))),
  unary('square', 'x squared.', reset(positive), (b, x, _y, dy) => b.mul(b.mul(dy, b.scalar(2)), x)),
  unary('reciprocal', '1 / x.', reset(), (b, _x, y, dy) => b.neg(b.mul(dy, b.unary('square', y)))),
  unary(
    'relu',
    'max(x, 0).',
    keepKind((r) => ({ low: Math.max(0, r.low), high: Math.max(0, r.high) })),
    (b, x, _y, dy) => b.mul(dy, b.cast(b.add('greater', [x, b.scalar(0)], {}), 'f32')),
  ),
  unary('sigmoid', 'Logistic function.', always('probabilities', UNIT), (b, _x, y, dy) => b.mul(dy, b.mul(y, b.sub(b.scalar(1), y)))),
  unary('tanh', 'Hyperbolic tangent.', reset({ low: -1, high: 1 }), (b, _x, y, dy) => b.mul(dy, b.sub(b.scalar(1), b.unary('square', y)))),
  unary('softplus', 'log(1 + exp(x)).', reset(positive), (b, x, _y, dy) => b.mul(dy, b.unary('sigmoid', x))),
  unary(
    'erf',
    'Error function: the share of a normal distribution within x sqrt(2) standard deviations.',
    reset({ low: -1, high: 1 }),
    (b, x, _y, dy) => b.mul(b.mul(dy, b.scalar(2 / Math.sqrt(Math.PI))), b.unary('exp', b.neg(b.unary('square', x)))),
  ),
  unary('floor', 'Largest whole number not above x.', keepKind(whole(Math.floor)), 'cut'),
  unary('ceil', 'Smallest whole number not below x.', keepKind(whole(Math.ceil)), 'cut'),
  unary('round', 'Nearest whole number, halves to even.', keepKind(whole(roundHalfEven)), 'cut'),
  {
    ...unary('pow', 'x to a fixed power.', reset(), (_b, _x, _y, dy) => dy),
    attrs: { exponent: 'float' },
    kind: ([x], attrs) => ({ kind: 'tensor', range: number(attrs, 'exponent') % 2 === 0 || x.range.low >= 0 ? positive : ANY }),
    viewOfEqual: ({ attrs }) => attrs.exponent === 1,
    vjp: ({ b, node, dy }) => {
      const exponent = number(node.attrs, 'exponent');
      return [b.mul(b.mul(dy, b.scalar(exponent)), b.add('pow', [node.inputs[0]], { exponent: exponent - 1 }))];
    },
  },
  {
    ...unary('clamp', 'x limited to [min, max].', reset(), (_b, _x, _y, dy) => dy),
    attrs: { min: 'float', max: 'float' },
    kind: ([x], attrs) => {
      const [min, max] = [number(attrs, 'min'), number(attrs, 'max')];
      if (!(min <= max)) throw new OperatorError('bad-attribute', `min of clamp: at most max, which is ${max}`);
      const limit = (v: number): number => Math.min(Math.max(v, min), max);
      return meaning(x.kind, { low: limit(x.range.low), high: limit(x.range.high) });
    },
    vjp: ({ b, node, dy }) => {
      const [x] = node.inputs;
      const inside = b.add(
        'logical_and',
        [
          b.add('greater_equal', [x, b.scalar(number(node.attrs, 'min'))], {}),
          b.add('less_equal', [x, b.scalar(number(node.attrs, 'max'))], {}),
        ],
        {},
      );
      return [b.mul(dy, b.cast(inside, 'f32'))];
    },
  },
  binary('add', 'Sum.', rangeOf.add, (c) =>
    sides(
      c,
      () => c.dy,
      () => c.dy,
    ),
  ),
  binary('sub', 'Difference.', rangeOf.sub, (c) =>
    sides(
      c,
      () => c.dy,
      () => c.b.neg(c.dy),
    ),
  ),
  {
    ...binary('mul', 'Product.', rangeOf.mul, (c) =>
      sides(
        c,
        () => c.b.mul(c.dy, c.node.inputs[1]),
        () => c.b.mul(c.dy, c.node.inputs[0]),
      ),
    ),
    // x * x is a square, whatever the sign of x.
    kind: ([a, b]) => meaning(join(a.kind, b.kind), a === b ? evenRange(a.range) : rangeOf.mul(a.range, b.range)),
  },
  {
    ...binary('div', 'Quotient.', rangeOf.any, (c) =>
      sides(
        c,
        () => c.b.div(c.dy, c.node.inputs[1]),
        () => c.b.neg(c.b.div(c.b.mul(c.dy, c.node), c.node.inputs[1])),
      ),
    ),
    // What a mask is a part of is no mask: the kind is that of a quotient that may be anything.
    kind: ([a, b]) => ({ kind: meaning(join(a.kind, b.kind), ANY).kind, range: quotientRange(a, b) }),
  },
  binary('maximum', 'The larger of two.', (a, b) => ({ low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) }), extremum('greater')),
  binary('minimum', 'The smaller of two.', (a, b) => ({ low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) }), extremum('less')),
  comparison('greater', 'a > b.'),
  comparison('greater_equal', 'a >= b.'),
  comparison('less', 'a < b.'),
  comparison('less_equal', 'a <= b.'),
  comparison('equal', 'a = b.'),
  comparison('not_equal', 'a is not b.'),
  logical('logical_and', 'Both.', 2),
  logical('logical_or', 'Either.', 2),
  logical('logical_not', 'Not.', 1),
  {
    name: 'select',
    doc: 'a where the condition holds, b elsewhere.',
    inputs: [
      { name: 'condition', dtype: 'bool' },
      { name: 'a', dtype: 'number' },
      { name: 'b', dtype: 'number' },
    ],
    attrs: {},
    result: (inputs, _, context) => {
      const [, x, y] = inputs;
      if (x.dtype !== y.dtype) throw new OperatorError('dtype-mismatch', x.dtype, { input: 2, hint: 'float(x) or int(x) converts' });
      return { dtype: x.dtype, shape: broadcast(inputs, context) };
    },
    kind: ([, a, b]) =>
      meaning(join(a.kind, b.kind), { low: Math.min(a.range.low, b.range.low), high: Math.max(a.range.high, b.range.high) }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy, needs }) => {
      const [condition, x, y] = node.inputs;
      const zero = b.scalar(0);
      return [
        undefined,
        needs[1] ? b.sumTo(b.add('select', [condition, dy, zero], {}), x.type.shape) : undefined,
        needs[2] ? b.sumTo(b.add('select', [condition, zero, dy], {}), y.type.shape) : undefined,
      ];
    },
    batch: 'elementwise',
  },
  {
    name: 'cast',
    doc: 'The same values in another dtype; carries a gradient only from f32 to f32.',
    inputs: [{ name: 'x', dtype: 'any' }],
    attrs: { dtype: 'dtype' },
    result: ([x], attrs) => ({ dtype: attrs.dtype as DType, shape: x.shape }),
    kind: ([x], attrs) => ({
      kind: x.kind,
      range: attrs.dtype === 'bool' ? UNIT : attrs.dtype === 'i32' ? whole(Math.trunc)(x.range) : x.range,
    }),
    differentiability: 'cut',
    workspace: castWorkspace,
    viewOfEqual: ({ inputs, type }) => inputs[0].type.dtype === type.dtype,
    batch: 'elementwise',
  },
];
