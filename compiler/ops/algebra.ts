/** Matrix products. */
import { multiply } from '../shape/dim.ts';
import { type OperatorDefinition, OperatorError } from './definition.ts';
import type { Node } from './graph.ts';
import { ANY, f32, flag, product, requireSame } from './rules.ts';
import { matmulWorkspace } from './workspace.ts';

export const ALGEBRA: readonly OperatorDefinition[] = [
  {
    name: 'matmul',
    doc: 'Matrix product of rank 2 or 3 tensors; with rank 3 the first axis pairs matrices. ta and tb transpose.',
    inputs: [
      { name: 'a', dtype: 'f32' },
      { name: 'b', dtype: 'f32' },
    ],
    attrs: { ta: 'bool', tb: 'bool' },
    result: ([a, b], attrs, context) => {
      const rank = a.shape.length;
      if (rank !== 2 && rank !== 3) throw new OperatorError('rank-mismatch', '2 or 3', { input: 0 });
      if (b.shape.length !== rank) throw new OperatorError('rank-mismatch', String(rank), { input: 1 });
      const ta = flag(attrs, 'ta');
      const tb = flag(attrs, 'tb');
      if (rank === 3) requireSame(a.shape[0], b.shape[0], 'matrices are paired along the first axis', context, 1);
      requireSame(a.shape[rank - (ta ? 2 : 1)], b.shape[rank - (tb ? 1 : 2)], 'the axes that are summed', context, 1);
      return f32([...a.shape.slice(0, rank - 2), a.shape[rank - (ta ? 1 : 2)], b.shape[rank - (tb ? 2 : 1)]]);
    },
    kind: ([a, b]) => ({ kind: 'tensor', range: a.range.low >= 0 && b.range.low >= 0 ? { low: 0, high: ANY.high } : ANY }),
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [x, y] = node.inputs;
      const ta = flag(node.attrs, 'ta');
      const tb = flag(node.attrs, 'tb');
      const times = (l: Node, r: Node, tl: boolean, tr: boolean): Node => b.add('matmul', [l, r], { ta: tl, tb: tr });
      return [
        needs[0] ? (ta ? times(y, dy, tb, true) : times(dy, y, false, !tb)) : undefined,
        needs[1] ? (tb ? times(dy, x, true, ta) : times(x, dy, !ta, false)) : undefined,
      ];
    },
    macs: (node) => {
      const [x] = node.inputs;
      const rank = x.type.shape.length;
      return multiply(product(node.type.shape), x.type.shape[rank - (flag(node.attrs, 'ta') ? 2 : 1)]);
    },
    workspace: matmulWorkspace,
    batch: (node, [a, b]) => {
      const rank = node.type.shape.length;
      if (a === undefined && b === undefined) return undefined;
      if (rank === 3 && (a === 0 || a === undefined) && (b === 0 || b === undefined)) return 0;
      // The batch among the rows of a, or among the columns of b.
      if (rank === 2 && b === undefined && a === (flag(node.attrs, 'ta') ? 1 : 0)) return 0;
      if (rank === 2 && a === undefined && b === (flag(node.attrs, 'tb') ? 0 : 1)) return 1;
      return 'coupled';
    },
  },
];
