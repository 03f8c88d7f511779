/** What the table refuses, and what it says a result means. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../compiler/ops/builder.ts';
import { OperatorError } from '../../../compiler/ops/definition.ts';
import type { Attrs, DType, Kind, Node, Range } from '../../../compiler/ops/graph.ts';
import { operator, operatorNames } from '../../../compiler/ops/table.ts';
import { add, constant, type Dim, show, showShape, variable } from '../../../compiler/shape/dim.ts';

const [N, H, W, K] = ['N', 'H', 'W', 'K'].map(variable);
const n = constant;
const REAL: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
const UNIT: Range = { low: 0, high: 1 };

const builder = (): Builder => new Builder({ same: (left, right) => left === right });

function give(b: Builder, shape: readonly Dim[], kind: Kind = 'tensor', range: Range = REAL, dtype: DType = 'f32'): Node {
  return b.input('batch', `x${b.nodes.length}`, { dtype, shape }, { kind, range });
}

function refusal(run: () => unknown): OperatorError {
  try {
    run();
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const plain = { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] };

describe('shapes', () => {
  it('keep their names through a convolution', () => {
    const b = builder();
    const y = b.add('conv2d', [give(b, [N, H, W, n(3)]), give(b, [n(7), n(7), n(3), K])], { ...plain, stride: [2, 2], pad: [3, 3, 3, 3] });
    expect(showShape(y.type.shape)).toBe('[N, ceil(H/2), ceil(W/2), K]');
  });

  it('of pooling rounded up, and of joining', () => {
    const b = builder();
    const x = give(b, [N, H, W, K]);
    const attrs = { window: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1] };
    expect(showShape(b.add('max_pool', [x], { ...attrs, ceil: true }).type.shape)).toBe('[N, floor(H/2) + 1, floor(W/2) + 1, K]');
    expect(showShape(b.add('max_pool', [x], { ...attrs, ceil: false }).type.shape)).toBe('[N, ceil(H/2), ceil(W/2), K]');
    expect(showShape(b.add('concat', [x, give(b, [N, H, W, n(1)])], { axis: 3 }).type.shape)).toBe('[N, H, W, K + 1]');
  });

  it('that disagree name both sides', () => {
    const b = builder();
    const error = refusal(() => b.add('add', [give(b, [N, K]), give(b, [N, add(K, n(1))])], {}));
    expect(error.code).toBe('shape-mismatch');
    expect(error.sides && [show(error.sides.left), show(error.sides.right)]).toEqual(['K', 'K + 1']);
  });

  it('with channels first are recognised', () => {
    const b = builder();
    const error = refusal(() => b.add('conv2d', [give(b, [N, n(3), H, W]), give(b, [n(3), n(3), n(3), n(8)])], plain));
    expect(error.code).toBe('channels-first');
    expect(error.hint).toContain('n c h w -> n h w c');
  });
});

describe('refused', () => {
  const cases: readonly (readonly [string, OperatorError['code'], (b: Builder) => unknown])[] = [
    ['a convolution of a vector', 'rank-mismatch', (b) => b.add('conv2d', [give(b, [N, K]), give(b, [n(1), n(1), K, K])], plain)],
    [
      'a convolution of labels',
      'kind-mismatch',
      (b) => b.add('conv2d', [give(b, [N, H, W, n(1)], 'labels'), give(b, [n(1), n(1), n(1), K])], plain),
    ],
    [
      'a convolution of a mask',
      'kind-mismatch',
      (b) => b.add('conv2d', [give(b, [N, H, W, n(1)], 'mask', UNIT), give(b, [n(1), n(1), n(1), K])], plain),
    ],
    [
      'a stride of zero',
      'bad-attribute',
      (b) => b.add('conv2d', [give(b, [N, H, W, K]), give(b, [n(1), n(1), K, K])], { ...plain, stride: [0, 1] }),
    ],
    [
      'a padding for two edges',
      'bad-attribute',
      (b) => b.add('conv2d', [give(b, [N, H, W, K]), give(b, [n(1), n(1), K, K])], { ...plain, pad: [1, 1] }),
    ],
    ['an attribute that is missing', 'bad-attribute', (b) => b.add('sum', [give(b, [N])], { axes: [0] })],
    ['an attribute of another form', 'bad-attribute', (b) => b.add('sum', [give(b, [N])], { axes: 0, keep: false })],
    ['an attribute that is not known', 'bad-attribute', (b) => b.add('relu', [give(b, [N])], { slope: 0.1 })],
    ['an axis outside', 'bad-axis', (b) => b.add('sum', [give(b, [N])], { axes: [1], keep: false })],
    ['an axis twice', 'bad-axis', (b) => b.add('sum', [give(b, [N, K])], { axes: [0, 0], keep: false })],
    ['an order that is none', 'bad-axis', (b) => b.add('transpose', [give(b, [N, K])], { perm: [0, 0] })],
    ['mixed dtypes', 'dtype-mismatch', (b) => b.add('add', [give(b, [N]), give(b, [N], 'tensor', REAL, 'i32')], {})],
    [
      'a choice between dtypes',
      'dtype-mismatch',
      (b) => b.add('select', [give(b, [N], 'mask', UNIT, 'bool'), give(b, [N]), give(b, [N], 'tensor', REAL, 'i32')], {}),
    ],
    ['a condition that is a number', 'dtype-mismatch', (b) => b.add('select', [give(b, [N]), give(b, [N]), give(b, [N])], {})],
    ['a limit below the other', 'bad-attribute', (b) => b.add('clamp', [give(b, [N])], { min: 1, max: 0 })],
    ['a reshape to another number of elements', 'shape-mismatch', (b) => b.add('reshape', [give(b, [N, K])], { shape: [N, N] })],
    ['one input too few', 'bad-attribute', (b) => b.add('add', [give(b, [N])], {})],
  ];
  it.each(cases)('%s', (_, code, run) => {
    expect(refusal(() => run(builder())).code).toBe(code);
  });

  it('an operator that the table does not have', () => {
    expect(() => builder().add('constructor', [], {})).toThrow(/constructor/);
  });
});

describe('kinds and ranges', () => {
  const result = (op: string, kinds: readonly (readonly [Kind, Range])[], attrs: Attrs = {}): readonly [Kind, number, number] => {
    const b = builder();
    const node = b.add(
      op,
      kinds.map(([kind, range]) => give(b, [N, H, W, K], kind, range)),
      attrs,
    );
    return [node.kind, node.range.low, node.range.high];
  };
  const INF = Number.POSITIVE_INFINITY;

  it('a cam stays a cam through relu, and is no longer negative', () => {
    expect(result('relu', [['cam', REAL]])).toEqual(['cam', 0, INF]);
  });

  it('sigmoid makes probabilities, comparison a mask', () => {
    expect(result('sigmoid', [['logits', REAL]])).toEqual(['probabilities', 0, 1]);
    expect(
      result('greater', [
        ['cam', REAL],
        ['cam', REAL],
      ]),
    ).toEqual(['mask', 0, 1]);
  });

  it('a mask on a map leaves a map', () => {
    expect(
      result('mul', [
        ['cam', { low: 0, high: 1 }],
        ['mask', UNIT],
      ]),
    ).toEqual(['cam', 0, 1]);
  });

  it('what leaves [0, 1] is no mask and no probability any more', () => {
    expect(result('neg', [['probabilities', UNIT]])).toEqual(['tensor', -1, 0]);
    expect(
      result('add', [
        ['mask', UNIT],
        ['mask', UNIT],
      ]),
    ).toEqual(['tensor', 0, 2]);
    expect(result('clamp', [['mask', UNIT]], { min: 0.25, max: 3 })).toEqual(['mask', 0.25, 1]);
    expect(result('mean', [['probabilities', UNIT]], { axes: [1, 2], keep: true })).toEqual(['probabilities', 0, 1]);
    expect(result('sum', [['mask', UNIT]], { axes: [1, 2], keep: true })).toEqual(['tensor', 0, INF]);
  });

  it('learned layers give features', () => {
    const b = builder();
    const node = b.add('conv2d', [give(b, [N, H, W, n(3)], 'image', UNIT), give(b, [n(1), n(1), n(3), K])], plain);
    expect(node.kind).toBe('features');
  });
});

describe('the table', () => {
  it('documents every operator', () => {
    for (const name of operatorNames) expect(operator(name).doc, name).toMatch(/\w.*\.$/s);
  });

  it('counts multiply-adds of a convolution and its gradients alike', () => {
    const b = builder();
    const [x, filter] = [give(b, [N, H, W, n(3)]), give(b, [n(3), n(3), n(3), K])];
    const attrs = { ...plain, pad: [1, 1, 1, 1] };
    const y = b.add('conv2d', [x, filter], attrs);
    const [dx, df] = operator('conv2d').vjp?.({ b, node: y, dy: y, needs: [true, true] }) ?? [];
    const macs = [y, dx, df].map((node) => node && operator(node.op).macs?.(node));
    expect(macs.map((m) => m && show(m))).toEqual(['27*H*K*N*W', '27*H*K*N*W', '27*H*K*N*W']);
  });
});

describe('a builder', () => {
  it('gives nodes the path, phase and place that hold while they are made', () => {
    const b = builder();
    const x = give(b, [N]);
    const y = b.with({ path: 'net.layer1', phase: 'backward' }, () => b.add('relu', [x], {}));
    expect([y.path, y.phase]).toEqual(['net.layer1', 'backward']);
    expect(b.add('relu', [y], {}).path).toBe('');
    expect(b.nodes.map((node) => node.id)).toEqual([0, 1, 2]);
  });
});
