/** What an operator of the table refuses, as a message at the author's line. */

import type { Label } from '../diagnostics/diagnostics.ts';
import type { OperatorError } from '../ops/definition.ts';
import type { Kind, Node } from '../ops/graph.ts';
import { show, showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';
import { pairOf } from './obligations.ts';
import { distinct, originLabels, sizeHint } from './origins.ts';

/** Operators as authors write them. */
const SIGNS: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  equal: '==',
  less: '<',
  greater: '>',
  select: 'where',
  neg: '-',
};

/** An operator as authors write it. */
export function signOf(name: string): string {
  return SIGNS[name] ?? name;
}

/** Kinds that say what is where, and are no features of it. */
const LABELLING: ReadonlySet<Kind> = new Set(['mask', 'labels', 'tags', 'seeds', 'region']);

/** Where the sizes that disagree came into the graph. */
function originsOf(E: Elaboration, node: Node, sides: OperatorError['sides']): readonly Label[] {
  if (!sides) return [];
  return [sides.left, sides.right].flatMap((d) => (node.type.shape.includes(d) ? originLabels(E, node, d) : []));
}

/** Reports the refusal of an operator with these inputs. */
export function reportRefused(E: Elaboration, name: string, error: OperatorError, inputs: readonly Node[], at: Span): void {
  const labels = inputs.flatMap((node) =>
    node.span && node.span.file === E.session.root.spec.source && node.span !== at
      ? [{ span: node.span, text: `${node.name ?? 'this'} is ${node.kind} ${showShape(node.type.shape)}` }]
      : [],
  );
  const origins = error.sides ? inputs.flatMap((node) => originsOf(E, node, error.sides)) : [];
  const named = inputs[error.input ?? 0]?.name;
  const hint =
    (named === undefined ? error.hint : error.hint?.replace('rearrange(x,', `rearrange(${named},`)) ??
    (error.sides && sizeHint(error.sides.left, error.sides.right));
  const extra = { hint, labels: distinct([...origins, ...labels]) };
  const first = inputs[error.input ?? 0];
  if (name === 'conv2d' && first && LABELLING.has(first.kind) && (error.code === 'kind-mismatch' || error.code === 'dtype-mismatch')) {
    E.report(
      'mask-to-convolution',
      at,
      { callee: E.path || 'conv2d', kind: first.kind },
      {
        labels: labels.slice(0, 1),
        hint: 'give it an image or features; labels that are features are said to be: float(mask) as features',
      },
    );
    return;
  }
  switch (error.code) {
    case 'shape-mismatch':
      if (error.sides)
        E.report(
          'shape-mismatch',
          at,
          { operation: signOf(name), left: show(error.sides.left), right: show(error.sides.right) },
          { ...extra, notes: [error.message], cause: pairOf(error.sides) },
        );
      else E.report('dimension-mismatch', at, { where: name, expected: 'sizes that agree', found: error.message }, extra);
      return;
    case 'rank-mismatch':
      E.report(
        'rank-mismatch',
        at,
        { operation: name, expected: error.message, found: 'the input', rank: inputs[error.input ?? 0]?.type.shape.length ?? 0 },
        extra,
      );
      return;
    case 'dtype-mismatch':
      E.report(
        'dtype-mismatch',
        at,
        { where: signOf(name), wanted: error.message, found: inputs[error.input ?? 0]?.type.dtype ?? 'another type' },
        error.message === 'bool' ? { ...extra, hint: 'a condition is made by comparing: x > 0' } : extra,
      );
      return;
    case 'kind-mismatch':
      E.report(
        'kind-mismatch',
        at,
        { where: name, wanted: error.message, found: inputs[error.input ?? 0]?.kind ?? 'something else' },
        { ...extra, cause: `${error.message}: ${inputs[error.input ?? 0]?.kind}` },
      );
      return;
    case 'probabilities-for-logits':
      E.report('probabilities-for-logits', at, { callee: name, squash: 'squashing' }, extra);
      return;
    case 'channels-first': {
      const shape = inputs[error.input ?? 0]?.type.shape ?? [];
      E.report('channels-first', at, { what: inputs[error.input ?? 0]?.name ?? 'the input', shape: showShape(shape) }, extra);
      return;
    }
    case 'bad-axis':
      E.report('bad-axis', at, { what: name, axis: error.message }, extra);
      return;
    case 'bad-attribute':
      E.report('type-mismatch', at, { where: name, wanted: error.message, found: 'this' }, extra);
      return;
  }
}
