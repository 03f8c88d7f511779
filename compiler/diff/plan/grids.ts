/** Grids of a method in two versions of its file: which settings are tried together. */
import type { CheckedMethod } from '../../check/check.ts';
import type { GridDeclaration } from '../../syntax/ast.ts';
import type { Row } from '../classes.ts';
import { textOf } from '../text/excerpt.ts';
import { fingerprint } from '../text/fingerprint.ts';
import { pairUp } from './pairing.ts';
import { row } from './rows.ts';

/** What an axis changes is a hyper, and so is the class of its row. Of one file against itself, and of methods of two names, nothing is told. */
export function gridRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  if (a.source.file === b.source.file || a.name !== b.name) return [];
  const { paired, removed, added } = pairUp(gridsOf(a), gridsOf(b), [
    (p, q) => p.name.text === q.name.text,
    (p, q) => axesText(p) === axesText(q),
  ]);
  return [
    ...paired.flatMap(([p, q]) => pairRows(p, q)),
    ...removed.map((p) => row('hyper-parameter', `grid ${p.name.text}`, axesText(p), undefined, { a: p.span, b: undefined })),
    ...added.map((q) => row('hyper-parameter', `grid ${q.name.text}`, undefined, axesText(q), { a: undefined, b: q.span })),
  ];
}

function gridsOf({ source, name }: CheckedMethod): readonly GridDeclaration[] {
  return source.file.declared.flatMap(({ declaration: d }) => (d.kind === 'grid' && d.of.text === name ? [d] : []));
}

function axesText({ axes }: GridDeclaration): string {
  return axes.map(({ span }) => textOf(span)).join(', ');
}

function pairRows(p: GridDeclaration, q: GridDeclaration): readonly Row[] {
  const at = { a: p.span, b: q.span };
  if (p.name.text !== q.name.text) return [row('cosmetic', 'name of a grid', p.name.text, q.name.text, at)];
  const own = (grid: GridDeclaration, other: GridDeclaration): string | undefined =>
    grid.axes
      .filter((axis) => !other.axes.some((twin) => fingerprint(twin, (n) => n) === fingerprint(axis, (n) => n)))
      .map(({ span }) => textOf(span))
      .join(', ') || undefined;
  const [from, to] = [own(p, q), own(q, p)];
  if (from !== undefined || to !== undefined)
    return [row('hyper-parameter', `grid ${q.name.text}`, from ?? 'no such axis', to ?? 'no such axis', at)];
  // The order of the axes is only the order in which the cells are run and named.
  return axesText(p) === axesText(q) ? [] : [row('cosmetic', `order of grid ${q.name.text}`, axesText(p), axesText(q), at)];
}
