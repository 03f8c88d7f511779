/** Reductions over axes, softmax, and what is largest. Every one of them takes `where:`, and says what nothing at all gives. */
import type { Node } from '../../ops/graph.ts';
import { number, tensor, type Value } from '../values.ts';
import type { Reader } from './arguments.ts';
import { constantNode, node, op, type Primitive, scores } from './primitive.ts';
import { HIGHEST, orElse, selected, someOf, truth } from './selected.ts';

type ReductionName = 'sum' | 'mean' | 'max' | 'min';

function reduction(name: ReductionName, doc: string): Primitive {
  return {
    params: ['x: Tensor', 'over: word = all', 'keep: bool = false', 'where: Mask = all'],
    returns: 'Tensor',
    doc: `${doc} Of no element at all (\`where\` holds nowhere): 0.`,
    run: (r) => {
      const value = r.value('x')!;
      if ((value.kind === 'list' || value.kind === 'tuple') && name !== 'mean') return overList(r, name, value.items);
      const x = r.tensor('x');
      return tensor(reduced(r, name, x, r.axes('over', x), r.boolean('keep', false), selected(r, x)));
    },
  };
}

function reduced(r: Reader, name: ReductionName, x: Node, axes: readonly number[], keep: boolean, where: Node | undefined): Node {
  if (!where) return node(r, name, [x], { axes, keep });
  switch (name) {
    case 'sum':
      return node(r, 'sum', [orElse(r, where, x, 0)], { axes, keep });
    case 'mean': {
      const total = node(r, 'sum', [orElse(r, where, x, 0)], { axes, keep });
      const count = node(r, 'sum', [node(r, 'cast', [where], { dtype: 'f32' })], { axes, keep });
      return node(r, 'div', [total, node(r, 'maximum', [count, constantNode(r, 1)])]);
    }
    case 'max':
    case 'min': {
      const best = node(r, name, [orElse(r, where, x, name === 'max' ? -HIGHEST : HIGHEST)], { axes, keep });
      return orElse(r, someOf(r, where, axes, keep), best, 0);
    }
  }
}

/** `sum([a, b, c])`, `max([2, 3])`: over the elements of a list. */
function overList(r: Reader, name: 'sum' | 'max' | 'min', items: readonly Value[]): Value {
  if (items.length === 0) throw r.wrong('x', 'a list with elements');
  if (items.every((v) => v.kind === 'number')) {
    const values = items.map((v) => (v.kind === 'number' ? v.value : 0));
    return number(name === 'sum' ? values.reduce((a, b) => a + b, 0) : name === 'max' ? Math.max(...values) : Math.min(...values));
  }
  const pairwise = name === 'sum' ? 'add' : name === 'max' ? 'maximum' : 'minimum';
  return tensor(r.tensors('x').reduce((so_far, next) => node(r, pairwise, [so_far, next])));
}

function condition(which: 'any' | 'all', doc: string): Primitive {
  return {
    params: ['x: Mask', 'over: word = all', 'keep: bool = false', 'where: Mask = all'],
    returns: 'Mask',
    doc,
    run: (r) => {
      const x = r.tensor('x');
      const holds = truth(r, x);
      const where = selected(r, x);
      const axes = r.axes('over', x);
      const keep = r.boolean('keep', false);
      if (which === 'any') return tensor(someOf(r, where ? node(r, 'logical_and', [holds, where]) : holds, axes, keep));
      const fails = node(r, 'logical_not', [holds]);
      return op(r, 'logical_not', [someOf(r, where ? node(r, 'logical_and', [fails, where]) : fails, axes, keep)]);
    },
  };
}

/** The axis of a choice: the channel, where none is named. */
function choiceAxis(r: Reader, x: Node): number {
  return r.has('over') ? r.axis('over', x) : x.type.shape.length - 1;
}

/**
 * x minus its largest value along the axis (which carries no gradient: it cancels), so that no exponential overflows; elements left out are 0.
 */
function shifted(r: Reader, x: Node, axes: readonly number[], where: Node | undefined): Node {
  const highest = node(r, 'detach', [reduced(r, 'max', x, axes, true, where)]);
  const moved = node(r, 'sub', [x, highest]);
  return where ? orElse(r, where, moved, 0) : moved;
}

/** Sums of exponentials, 1 where nothing takes part. */
function mass(r: Reader, e: Node, axes: readonly number[], where: Node | undefined): Node {
  const total = node(r, 'sum', [e], { axes, keep: true });
  return where ? orElse(r, someOf(r, where, axes, true), total, 1) : total;
}

function exponentials(r: Reader, shift: Node, where: Node | undefined): Node {
  const e = node(r, 'exp', [shift]);
  return where ? orElse(r, where, e, 0) : e;
}

export const REDUCTIONS: Readonly<Record<string, Primitive>> = {
  sum: reduction('sum', 'Sum over axes (all when none are given), or of a list.'),
  mean: reduction('mean', 'Mean over axes (all when none are given).'),
  max: reduction('max', 'Largest value over axes, or of a list; tied maxima share the gradient.'),
  min: reduction('min', 'Smallest value over axes, or of a list; tied minima share the gradient.'),
  any: condition('any', 'Whether x holds (is not zero) anywhere along axes; of no element at all: false. Carries no gradient.'),
  all: condition('all', 'Whether x holds (is not zero) everywhere along axes; of no element at all: true. Carries no gradient.'),
  argmax: {
    params: ['x: Tensor', 'over: word = channel', 'where: Mask = all'],
    returns: 'Labels',
    doc: 'Index of the largest value along one axis, the first of equals. Of no element at all: 0. Labels; carries no gradient.',
    run: (r) => {
      const x = r.tensor('x');
      const where = selected(r, x);
      return op(r, 'argmax', [where ? orElse(r, where, x, -HIGHEST) : x], { axis: choiceAxis(r, x) });
    },
  },
  softmax: {
    params: ['x: Tensor', 'over: word = channel', 'where: Mask = all'],
    returns: 'Probabilities',
    doc: 'exp(x) over its sum along one axis: probabilities from logits. Elements left out by `where` are 0; so is everything where none takes part.',
    run: (r) => {
      const x = scores(r);
      const axes = [choiceAxis(r, x)];
      const where = selected(r, x);
      const e = exponentials(r, shifted(r, x, axes, where), where);
      return op(r, 'identity', [node(r, 'div', [e, mass(r, e, axes, where)])], { kind: 'probabilities' });
    },
  },
  log_softmax: {
    params: ['x: Tensor', 'over: word = channel', 'where: Mask = all'],
    returns: 'Tensor',
    doc: 'Logarithm of softmax along one axis, exact for large values. Elements left out by `where` are 0, so that sums pass them over.',
    run: (r) => {
      const x = scores(r);
      const axes = [choiceAxis(r, x)];
      const where = selected(r, x);
      const shift = shifted(r, x, axes, where);
      const result = node(r, 'sub', [shift, node(r, 'log', [mass(r, exponentials(r, shift, where), axes, where)])]);
      return tensor(where ? orElse(r, where, result, 0) : result);
    },
  },
};
