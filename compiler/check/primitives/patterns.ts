/** rearrange, reduce and einsum: einops patterns as reshape, transpose, reduction and matmul. */
import type { Node } from '../../ops/graph.ts';
import { constant, constantOf, type Dim, multiply, show } from '../../shape/dim.ts';
import { namesOf, type Pattern, type PatternAxis, parsePattern } from '../../shape/pattern.ts';
import { tensor, type Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';

export function applyPattern(r: Reader, how: 'rearrange' | 'reduce' | 'einsum'): Value {
  const text = r.text('pattern');
  const nodes = how === 'einsum' ? [r.tensor('a'), r.tensor('b')] : [r.tensor('x')];
  const parsed = parsePattern(text, nodes.length);
  if ('problem' in parsed) throw wrong(r, text, parsed.problem);
  const sizes = new Map<string, Dim>();
  const plain = nodes.map((node, i) => named(r, text, parsed.pattern.inputs[i], node, sizes));
  switch (how) {
    case 'rearrange':
      return tensor(rearrange(r, text, parsed.pattern, plain[0], sizes));
    case 'reduce':
      return tensor(reduce(r, parsed.pattern, plain[0], sizes));
    case 'einsum':
      return tensor(einsum(r, text, parsed.pattern, plain, sizes));
  }
}

interface Named {
  readonly node: Node;
  readonly axes: readonly string[];
}

function wrong(r: Reader, pattern: string, reason: string): Refused {
  r.E.report('bad-pattern', r.span('pattern'), { pattern, reason });
  return new Refused();
}

function op(r: Reader, name: string, inputs: readonly Node[], attrs: Parameters<Reader['E']['node']>[2]): Node {
  const node = r.E.node(name, inputs, attrs, r.at);
  if (!node) throw new Refused();
  return node;
}

/** Binds the sizes that the left side names, and drops its axes of length one. */
function named(r: Reader, pattern: string, axes: readonly PatternAxis[], node: Node, sizes: Map<string, Dim>): Named {
  const { shape } = node.type;
  if (axes.length !== shape.length)
    throw wrong(r, pattern, `it describes ${axes.length} axes, and the tensor has ${shape.length}: [${shape.map(show).join(', ')}]`);
  const names: string[] = [];
  axes.forEach((axis, i) => {
    if (axis.kind === 'group') throw wrong(r, pattern, `the sizes inside (${axis.names.join(' ')}) on the left are not known: use reshape`);
    if (axis.kind === 'one') {
      if (constantOf(shape[i]) !== 1 && !r.E.same(shape[i], constant(1), `axis ${i} of the pattern is 1`, r.at))
        throw wrong(r, pattern, `axis ${i} is ${show(shape[i])}, not 1`);
      return;
    }
    const known = sizes.get(axis.name);
    if (known && !r.E.same(known, shape[i], `${axis.name} is one size`, r.at))
      throw wrong(r, pattern, `${axis.name} is both ${show(known)} and ${show(shape[i])}`);
    sizes.set(axis.name, known ?? shape[i]);
    names.push(axis.name);
  });
  const kept = axes.flatMap((axis, i) => (axis.kind === 'name' ? [shape[i]] : []));
  return { node: kept.length === shape.length ? node : op(r, 'reshape', [node], { shape: kept }), axes: names };
}

function arranged(r: Reader, x: Named, order: readonly string[]): Node {
  const perm = order.map((name) => x.axes.indexOf(name));
  return perm.every((p, i) => p === i) ? x.node : op(r, 'transpose', [x.node], { perm });
}

/** The sizes of the right side, groups merged. */
function shapeOf(axes: readonly PatternAxis[], sizes: ReadonlyMap<string, Dim>): Dim[] {
  return axes.map((axis) =>
    axis.kind === 'one'
      ? constant(1)
      : axis.kind === 'name'
        ? sizes.get(axis.name)!
        : multiply(constant(1), ...axis.names.map((n) => sizes.get(n)!)),
  );
}

function shaped(r: Reader, node: Node, axes: readonly PatternAxis[], sizes: ReadonlyMap<string, Dim>): Node {
  const plain = axes.every((axis) => axis.kind === 'name');
  return plain ? node : op(r, 'reshape', [node], { shape: shapeOf(axes, sizes) });
}

function rearrange(r: Reader, text: string, pattern: Pattern, x: Named, sizes: ReadonlyMap<string, Dim>): Node {
  const order = namesOf(pattern.output);
  const lost = x.axes.find((name) => !order.includes(name));
  if (lost !== undefined) throw wrong(r, text, `rearrange keeps every axis, and ${lost} is gone: use reduce`);
  return shaped(r, arranged(r, x, order), pattern.output, sizes);
}

function reduce(r: Reader, pattern: Pattern, x: Named, sizes: ReadonlyMap<string, Dim>): Node {
  const how = r.word('how', ['sum', 'mean', 'max', 'min']);
  const order = namesOf(pattern.output);
  const axes = x.axes.flatMap((name, i) => (order.includes(name) ? [] : [i]));
  const reduced = axes.length === 0 ? x.node : op(r, how, [x.node], { axes, keep: false });
  return shaped(r, arranged(r, { node: reduced, axes: x.axes.filter((n) => order.includes(n)) }, order), pattern.output, sizes);
}

/** Axes in both and in the result pair matrices; axes in both only are summed; the others are rows and columns. */
function einsum(r: Reader, text: string, pattern: Pattern, [a, b]: readonly Named[], sizes: ReadonlyMap<string, Dim>): Node {
  const out = namesOf(pattern.output);
  const shared = a.axes.filter((n) => b.axes.includes(n));
  const batch = shared.filter((n) => out.includes(n));
  const summed = shared.filter((n) => !out.includes(n));
  const rows = a.axes.filter((n) => !shared.includes(n));
  const columns = b.axes.filter((n) => !shared.includes(n));
  const lost = [...rows, ...columns].find((n) => !out.includes(n));
  if (lost !== undefined) throw wrong(r, text, `${lost} occurs in one input only and not in the result: reduce it first`);
  const merge = (names: readonly string[]): Dim => multiply(constant(1), ...names.map((n) => sizes.get(n)!));
  const lead = batch.length > 0 ? [merge(batch)] : [];
  const left = flat(r, arranged(r, a, [...batch, ...rows, ...summed]), [...lead, merge(rows), merge(summed)]);
  // The second operand keeps its own order where that only means a transposed product.
  const direct = [...batch, ...summed, ...columns].every((n, i) => b.axes[i] === n);
  const right = direct
    ? flat(r, b.node, [...lead, merge(summed), merge(columns)])
    : flat(r, arranged(r, b, [...batch, ...columns, ...summed]), [...lead, merge(columns), merge(summed)]);
  const product = op(r, 'matmul', [left, right], { ta: false, tb: !direct });
  const order = [...batch, ...rows, ...columns];
  const full = flat(
    r,
    product,
    order.map((n) => sizes.get(n)!),
  );
  return shaped(r, arranged(r, { node: full, axes: order }, out), pattern.output, sizes);
}

function flat(r: Reader, node: Node, shape: readonly Dim[]): Node {
  const same = node.type.shape.length === shape.length && node.type.shape.every((d, i) => d === shape[i]);
  return same ? node : op(r, 'reshape', [node], { shape });
}
