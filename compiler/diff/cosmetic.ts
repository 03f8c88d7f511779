/** Differences that change no number: the paper, names of parameters and losses, what is only logged. */
import type { CheckedMethod } from '../check/check.ts';
import type { PaperBlock } from '../syntax/ast.ts';
import { MOVED, type Row } from './classes.ts';
import { row } from './plan/rows.ts';
import type { Names } from './side.ts';
import { textOf } from './text/excerpt.ts';
import { fingerprint } from './text/fingerprint.ts';

export function cosmeticRows(a: CheckedMethod, b: CheckedMethod, names: Names, replaced: ReadonlySet<string>): readonly Row[] {
  return [...paperRows(a, b), ...nameRows(a, b, names, replaced), ...watchRows(a, b)];
}

function paperRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const paper = ({ source }: CheckedMethod): PaperBlock | undefined => {
    const member = source.members.find((m) => m.kind === 'paper');
    return member?.kind === 'paper' ? member : undefined;
  };
  const [x, y] = [paper(a), paper(b)];
  if (fingerprint(x, (n) => n) === fingerprint(y, (n) => n)) return [];
  const different = (own: PaperBlock | undefined, other: PaperBlock | undefined): string | undefined =>
    own?.fields
      .filter((f) => !other?.fields.some((g) => fingerprint(f, (n) => n) === fingerprint(g, (n) => n)))
      .map((f) => `${f.name.text}: ${textOf(f.value.span)}`)
      .join(', ') || undefined;
  return [row('cosmetic', 'paper', different(x, y), different(y, x), { a: x?.span, b: y?.span })];
}

/**
 * Renamed or moved layers, by the shortest paths that say it: checkpoints know parameters by these names. Of a layer that has a row of its own, no
 * names are told.
 */
function nameRows(a: CheckedMethod, b: CheckedMethod, names: Names, replaced: ReadonlySet<string>): readonly Row[] {
  const moves = new Map<string, string>();
  for (const [from, to] of names.state) {
    if (from === to || replaced.has(from.split('.')[0]) || replaced.has(to.split('.')[0])) continue;
    const [x, y] = [from.split('.'), to.split('.')];
    while (x.length > 1 && y.length > 1 && x.at(-1) === y.at(-1)) {
      x.pop();
      y.pop();
    }
    moves.set(x.join('.'), y.join('.'));
  }
  const span = (method: CheckedMethod, path: string) => {
    const member = method.source.members.find((m) => m.kind === 'layer' && m.name.text === path.split('.')[0]);
    return member?.span;
  };
  const rows = [...moves].map(([from, to]) =>
    row('cosmetic', isMoved(from, to) ? MOVED : 'name of parameters', from, to, { a: span(a, from), b: span(b, to) }),
  );
  for (const [from, to] of names.losses)
    if (from !== to) rows.push(row('cosmetic', 'name of a loss', from, to, { a: undefined, b: undefined }));
  return rows;
}

/** To another place in the tree of modules, rather than called otherwise where it is. */
function isMoved(from: string, to: string): boolean {
  const parent = (path: string): string => path.split('.').slice(0, -1).join('.');
  return parent(from) !== parent(to);
}

function watchRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const watched = ({ forward }: CheckedMethod): string =>
    forward.graph.outputs
      .flatMap(({ role, name }) => (role === 'output' ? [name] : []))
      .sort()
      .join(', ');
  return watched(a) === watched(b)
    ? []
    : [row('cosmetic', 'watched values', watched(a) || 'none', watched(b) || 'none', { a: undefined, b: undefined })];
}
