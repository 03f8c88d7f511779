/** Random graphs of smooth operators under random call paths, with gradients of all their inputs. */
import { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { add, constant, type Dim, variable } from '../../../compiler/shape/dim.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { numbers } from './running.ts';

const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Steps that keep [N, H, W, C], so that any two values fit together. */
function step(b: Builder, pick: () => Node, choice: number, weight: Node, shape: readonly Dim[]): Node {
  const x = pick();
  const [n, h, w, c] = shape;
  switch (choice) {
    case 0:
      return b.unary('tanh', x);
    case 1:
      return b.unary('sigmoid', x);
    case 2:
      return b.mul(x, pick());
    case 3:
      return b.addition(x, pick());
    case 4:
      return b.sub(x, b.mul(pick(), b.scalar(0.5)));
    case 5:
      return b.add('conv2d', [x, weight], { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] });
    case 6:
      return b.sub(x, b.add('mean', [x], { axes: [1, 2], keep: true }));
    case 7: {
      const flat = b.reshape(b.add('transpose', [x], { perm: [0, 3, 1, 2] }), [n, c, h, w]);
      return b.add('transpose', [b.unary('softplus', flat)], { perm: [0, 2, 3, 1] });
    }
    case 8: {
      const large = b.add('resize', [x], {
        size: [add(h, constant(1)), add(w, w)],
        mode: 'bilinear',
        convention: 'half_pixel',
        factor_h: 0,
        factor_w: 0,
      });
      return b.add('resize', [b.unary('tanh', large)], { size: [h, w], mode: 'bilinear', convention: 'corners', factor_h: 0, factor_w: 0 });
    }
    default:
      return b.add('slice', [b.add('concat', [x, pick()], { axis: 3 })], {
        starts: [constant(0), constant(0), constant(0), constant(1)],
        sizes: shape,
      });
  }
}

export function randomGraph(seed: number): { readonly graph: Graph; readonly dims: Readonly<Record<string, number>> } {
  const random = numbers(seed, 400);
  let at = 0;
  const below = (n: number): number => Math.min(n - 1, Math.floor(((random[at++ % random.length] + 1) / 2) * n));
  const b = new Builder({ same: (left, right) => left === right });
  const channels = 1 + below(3);
  const shape = [variable('N'), variable('H'), variable('W'), constant(channels)];
  const input = (role: 'state' | 'batch', name: string, dims: readonly Dim[]): Node =>
    b.input(role, name, { dtype: 'f32', shape: dims }, { kind: 'tensor', range: ANY });
  const wanted: Node[] = [];
  const values: Node[] = [input('batch', 'x', shape)];
  const modules = 2 + below(3);
  for (let m = 0; m < modules; m++) {
    // The same recipe twice in a row makes calls of equal structure.
    const recipe = Array.from({ length: 3 + below(5) }, () => below(10));
    for (let copy = 0; copy < 1 + below(2); copy++) {
      const path = `net.part${m}.${copy}`;
      const weight = input('state', `${path}.weight`, [3, 3, channels, channels].map(constant));
      wanted.push(weight);
      const own = [values[below(values.length)]];
      recipe.forEach((choice, i) => {
        const made = b.with({ path: i % 3 === 2 ? `${path}.inner` : path }, () =>
          step(b, () => own[below(own.length)], choice, weight, shape),
        );
        own.push(made);
      });
      values.push(own[own.length - 1]);
    }
  }
  const last = values.slice(1).reduce((x, y) => b.addition(x, y));
  const loss = b.add('mean', [b.unary('square', last)], { axes: [0, 1, 2, 3], keep: false });
  const result = differentiate(
    {
      name: 'forward',
      nodes: b.nodes,
      outputs: [
        { role: 'loss', name: 'square', node: loss },
        { role: 'output', name: 'last', node: last },
        { role: 'output', name: 'again', node: last },
        { role: 'output', name: 'given', node: values[0] },
      ],
      assertions: [],
    },
    {
      losses: [{ name: 'square', weight: 1 }],
      wanted: [...wanted.map((node) => ({ role: 'state' as const, name: String(node.attrs.name) })), { role: 'batch', name: 'x' }],
      unreached: 'zero',
      name: 'gradients',
    },
  );
  if (!result.ok) throw new Error(`random graph ${seed} has no gradients`);
  return { graph: simplify(result.graph, { final: true }), dims: { N: 1 + below(2), H: 2 + below(4), W: 2 + below(4) } };
}
