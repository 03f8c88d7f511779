/** `grid backgrounds of sipe { background in [0.3, 0.5], rate in [0.1, 0.05] }`: a variant of the method for every combination of its settings. */
import { type BoundFile, lacks } from '../bind/bind.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { removedItem } from '../diagnostics/edits.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Expression, GridAxis, GridDeclaration, HyperStatement, VariantDeclaration } from '../syntax/ast.ts';
import { resolveMethod } from './variants.ts';

/** More cells than anybody trains; beyond, an axis has most likely been written twice. */
const MOST_CELLS = 100;

/** One combination: a variant called `backgrounds[background=0.3,rate=0.1]`. */
export type GridCell = VariantDeclaration;

/** The cells of a grid in the order of its axes, the last one fastest; none after a report. */
export function cellsOf(grid: GridDeclaration, file: BoundFile, diagnostics: Diagnostics): readonly GridCell[] {
  const target = file.names.get(grid.of.text);
  if (!target || (target.declaration.kind !== 'method' && target.declaration.kind !== 'variant')) {
    if (!target && lacks(file, grid.of.text)) return [];
    const methods = [...file.names].flatMap(([name, { declaration }]) =>
      declaration.kind === 'method' || declaration.kind === 'variant' ? [name] : [],
    );
    diagnostics.report(
      'unknown-name',
      grid.of.span,
      { name: grid.of.text },
      { hint: didYouMean(grid.of.text, methods) ?? `methods here: ${methods.join(', ')}` },
    );
    return [];
  }
  const base = resolveMethod(target.declaration, target.file, diagnostics);
  if (!base) return [];
  const hypers = new Map(base.members.flatMap((member) => (member.kind === 'hyper' ? [[member.name.text, member] as const] : [])));
  const axes: { readonly axis: GridAxis; readonly hyper: HyperStatement; readonly values: readonly Expression[] }[] = [];
  for (const axis of grid.axes) {
    const name = axis.name.text;
    const hyper = hypers.get(name);
    if (!hyper) {
      const hint =
        didYouMean(name, hypers.keys()) ?? (hypers.size > 0 ? `its settings are ${[...hypers.keys()].join(', ')}` : 'it has no hyper');
      diagnostics.report('unknown-axis', axis.name.span, { name, method: grid.of.text }, { hint });
      return [];
    }
    const first = axes.find((other) => other.axis.name.text === name);
    if (first) {
      diagnostics.report(
        'duplicate-name',
        axis.name.span,
        { name },
        { labels: [{ span: first.axis.name.span, text: 'this axis is here already' }] },
      );
      return [];
    }
    const values = valuesOf(axis, diagnostics);
    if (!values) return [];
    axes.push({ axis, hyper, values });
  }
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_CELLS) {
    diagnostics.report('grid-too-large', grid.name.span, { name: grid.name.text, cells: count, most: MOST_CELLS });
    return [];
  }
  let cells: readonly (readonly { readonly hyper: HyperStatement; readonly value: Expression }[])[] = [[]];
  for (const { hyper, values } of axes) cells = cells.flatMap((cell) => values.map((value) => [...cell, { hyper, value }]));
  return cells.map((cell): GridCell => {
    const text = cell.map(({ hyper, value }) => `${hyper.name.text}=${textOf(value)}`).join(',');
    return {
      kind: 'variant',
      span: grid.span,
      doc: grid.doc,
      origin: grid.origin,
      name: { ...grid.name, text: `${grid.name.text}[${text}]` },
      of: grid.of,
      removals: [],
      members: cell.map(({ hyper, value }): HyperStatement => ({ ...hyper, value })),
    };
  });
}

/** The values of an axis: a list of at least one, each once. */
function valuesOf({ name, values }: GridAxis, diagnostics: Diagnostics): readonly Expression[] | undefined {
  if (values.kind === 'error') return undefined;
  if (values.kind !== 'list' || values.items.length === 0) {
    diagnostics.report('bad-setting', values.span, {
      name: name.text,
      expected: 'a list of values, such as [0.3, 0.5]',
      found: values.kind === 'list' ? 'an empty one' : 'this',
    });
    return undefined;
  }
  const index = values.items.findIndex((item, i) => values.items.slice(0, i).some((other) => alike(other, item)));
  if (index < 0) return values.items;
  const twice = values.items[index];
  const spans = values.items.map((item) => item.span);
  const fix = { title: 'take the second one away', edits: [removedItem(spans, index)] };
  diagnostics.report('grid-value-twice', twice.span, { axis: name.text, value: textOf(twice) }, { fix });
  return undefined;
}

/** Numbers by their value: 0.1 and 1e-1 are one. */
function alike(a: Expression, b: Expression): boolean {
  return a.kind === 'number' && b.kind === 'number' ? a.value === b.value : textOf(a) === textOf(b);
}

/** As it is written, without spaces. */
function textOf({ span }: Expression): string {
  return span.file.text.slice(span.start, span.end).replace(/\s+/g, '');
}
