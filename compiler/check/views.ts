/** `data voc.train { image, inside = source |> long_side(320..640) |> … }`: views as plain data, and which input each fills. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { BatchBinding, ViewPlan } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { Expression, DataView as WrittenView } from '../syntax/ast.ts';
import { checkColourSteps } from './data/colours.ts';
import { geometryName, isGeometry } from './data/geometry.ts';
import { readStep } from './data/steps.ts';
import type { Elaboration } from './elaboration.ts';
import type { Scope } from './scope.ts';

export interface Views {
  readonly views: readonly ViewPlan[];
  readonly bindings: readonly BatchBinding[];
}

/** What views start from: the images trained on, or the partners of a pair, whose names stand behind its own and a dot. */
export interface ViewRoot {
  readonly name: string;
  /** `''`, or `other.` */
  readonly prefix: string;
  readonly span: Span;
  /** As the author wrote it. */
  readonly text: string;
  readonly method: string;
}

/**
 * Reads the views of a data or pair block. Every name of a view fills the input of that name; tags fill themselves. Reports names that neither fill an
 * input nor start another view, and inputs of this root that nothing fills.
 */
export function readViews(E: Elaboration, written: readonly WrittenView[], root: ViewRoot, scope: Scope, inputs: readonly Node[]): Views {
  const views: ViewPlan[] = [];
  const bindings: BatchBinding[] = [];
  const ends = new Map<string, Span>();
  const unknown: (() => void)[] = [];
  const nameOf = (input: Node): string => String(input.attrs.name).slice(root.prefix.length);
  const names = inputs.map(nameOf).filter((name) => !isGeometry(name));
  for (const view of written) {
    const name = view.names[0].text;
    const chain = unpipe(view.value);
    const base = chain[0];
    const from = base.kind === 'name' ? base.name.text : undefined;
    const before = views.map((v) => v.name.slice(root.prefix.length));
    if (from === undefined || (from !== 'source' && !before.includes(from))) {
      const near = from === undefined ? undefined : didYouMean(from, ['source', ...before]);
      const candidates = `a view starts from source${before.length > 0 ? `, ${before.join(', ')}` : ''}`;
      E.report('unknown-name', base.span, { name: from ?? 'this' }, { hint: near ?? candidates });
      for (const target of view.names) E.session.told.inputs.add(root.prefix + target.text);
      continue;
    }
    const twice = view.names.find(
      (n, i) => ends.has(n.text) || n.text === 'source' || view.names.some((m, j) => j < i && m.text === n.text),
    );
    if (twice) {
      const first = ends.get(twice.text);
      E.report('duplicate-name', twice.span, { name: twice.text }, first && { labels: [{ span: first, text: 'first named here' }] });
      continue;
    }
    for (const n of view.names) ends.set(n.text, n.span);
    const steps = chain.slice(1).flatMap((step) => readStep(E, step, scope) ?? []);
    views.push({ name: root.prefix + name, from: from === 'source' ? root.name : root.prefix + from, steps });
    checkColourSteps(E, views, root.prefix + name, chain.slice(1));
    for (const target of view.names) {
      const node = inputs.find((n) => nameOf(n) === target.text);
      if (node) {
        const input = root.prefix + target.text;
        const geometry = inputs.find((n) => n.attrs.name === geometryName(input));
        bindings.push({ input, view: root.prefix + name, part: partOf(node) });
        if (geometry) bindings.push({ input: geometryName(input), view: root.prefix + name, part: 'geometry' });
      } else if (!E.session.told.inputs.has(root.prefix + target.text) && !startsAnother(written, view, target.text))
        unknown.push(() =>
          E.report(
            'unknown-view',
            target.span,
            { name: target.text, method: root.method },
            { hint: didYouMean(target.text, names) ?? `inputs: ${names.join(', ')}` },
          ),
        );
    }
  }
  for (const say of unknown) say();
  for (const input of inputs) {
    const name = String(input.attrs.name);
    // The geometry of a view stands or falls with the input that the view fills.
    if (isGeometry(name) || bindings.some((b) => b.input === name)) continue;
    if (E.session.told.inputs.has(name)) continue;
    // Tags belong to the image whatever is done to it.
    if (input.kind === 'tags') bindings.push({ input: name, view: root.name, part: 'tags' });
    // A misspelt view is told where it stands.
    else if (unknown.length === 0) E.report('missing-input', input.span ?? root.span, { name, source: root.text });
  }
  return { views, bindings };
}

/** A view that only other views are made from needs no input. */
function startsAnother(written: readonly WrittenView[], view: WrittenView, name: string): boolean {
  return written.some((other) => {
    const [start] = unpipe(other.value);
    return other !== view && start.kind === 'name' && start.name.text === name;
  });
}

function partOf(input: Node): BatchBinding['part'] {
  switch (input.kind) {
    case 'region':
      return 'inside';
    case 'tags':
      return 'tags';
    case 'labels':
    case 'mask':
      return 'mask';
    case 'saliency':
      return 'saliency';
    default:
      return 'image';
  }
}

export function sourceText(expression: Expression): string {
  if (expression.kind === 'name') return expression.name.text;
  if (expression.kind === 'member') return `${sourceText(expression.object)}.${expression.name.text}`;
  return 'this source';
}

function unpipe(expression: Expression): Expression[] {
  return expression.kind === 'pipe' ? [...unpipe(expression.left), expression.right] : [expression];
}
