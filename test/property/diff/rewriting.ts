/** Rewritings that keep the meaning: other names, another order of what does not depend on each other. */
import { declaredIn } from '../../../compiler/check/blocks.ts';
import type { Spec } from '../../mutation/spec.ts';
import { placesOf, textOf, within } from '../../mutation/spec.ts';
import type { Draw } from './edits.ts';

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function rewritten(text: string, replacements: readonly Replacement[]): string {
  let result = text;
  for (const { start, end, text: by } of [...replacements].sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + by + result.slice(end);
  return result;
}

/** Every value, layer, setting, stage and module of the file under another name. Names of losses, inputs and programs are seen from outside, and stay. */
export function renamed(spec: Spec, draw: Draw): string {
  const names = new Map<string, string>();
  const add = (name: string): void => void (names.has(name) || names.set(name, `${name}_${['new', 'other', 'z'][draw(3)]}${names.size}`));
  for (const { node } of placesOf(spec, 'let')) for (const name of node.names) add(name.text);
  for (const { node } of placesOf(spec, 'layer', 'hyper', 'stage')) add(node.name.text);
  // What is also a parameter, a field, an axis or an argument may be meant by its name elsewhere.
  const kept = new Set(placesOf(spec, 'infer', 'input', 'method').map(({ node }) => node.name.text));
  for (const { node } of placesOf(spec, 'module')) for (const p of [...(node.config ?? []), ...node.params]) kept.add(p.name.text);
  for (const { node } of placesOf(spec, 'grid')) for (const { name } of node.axes) kept.add(name.text);
  for (const { node } of placesOf(spec, 'record')) for (const field of node.fields) kept.add(field.name.text);
  for (const { node } of placesOf(spec, 'infer')) for (const p of node.params) kept.add(p.name.text);
  for (const { node } of placesOf(spec, 'comprehension'))
    for (const clause of node.clauses) for (const name of clause.names) kept.add(name.text);
  for (const { node } of placesOf(spec, 'lambda')) for (const name of node.params) kept.add(name.text);
  // In a pipeline, what is called is a word of stages.
  for (const place of placesOf(spec, 'call'))
    if (within(place, 'pipeline') && place.node.callee.kind === 'name') kept.add(place.node.callee.name.text);
  for (const name of kept) names.delete(name);
  const replacements = new Map<number, Replacement>();
  const put = ({ span, text }: { readonly span: { readonly start: number; readonly end: number }; readonly text: string }): void => {
    const to = names.get(text);
    if (to !== undefined) replacements.set(span.start, { start: span.start, end: span.end, text: to });
  };
  for (const { node } of placesOf(spec, 'let')) for (const name of node.names) put(name);
  for (const { node } of placesOf(spec, 'layer', 'hyper', 'stage')) put(node.name);
  for (const { node } of placesOf(spec, 'name')) put(node.name);
  return rewritten(spec.text, [...replacements.values()]);
}

const MOVED: readonly string[] = ['let', 'layer', 'shadow', 'module', 'hyper', 'loss', 'watch', 'infer', 'no_grad', 'iterate', 'if'];

/** Members of every method in another order, each behind what it uses. */
export function reordered(spec: Spec, draw: Draw): string {
  const replacements: Replacement[] = [];
  for (const { node: method } of placesOf(spec, 'method')) {
    const members = method.members.filter((m) => MOVED.includes(m.kind));
    const declares = members.map((m) =>
      m.kind === 'no_grad' || m.kind === 'iterate' || m.kind === 'if'
        ? declaredIn([m]).map((n) => n.text)
        : 'names' in m
          ? m.names.map((n) => n.text)
          : 'name' in m
            ? [m.name.text]
            : [],
    );
    const inside = (m: (typeof members)[number]): ReadonlySet<string> =>
      new Set(
        placesOf(spec, 'name').flatMap(({ node }) =>
          node.span.start >= m.span.start && node.span.end <= m.span.end ? [node.name.text] : [],
        ),
      );
    const needs = members.map((m, i) => {
      const used = inside(m);
      return members.flatMap((_, j) => (j !== i && declares[j].some((name) => used.has(name)) ? [j] : []));
    });
    const done = new Set<number>();
    const order: number[] = [];
    while (order.length < members.length) {
      const ready = members.flatMap((_, i) => (!done.has(i) && needs[i].every((j) => done.has(j)) ? [i] : []));
      const next = ready[draw(ready.length)];
      done.add(next);
      order.push(next);
    }
    for (const [place, from] of order.entries()) {
      const { start, end } = members[place].span;
      replacements.push({ start, end, text: textOf(spec, members[from]) });
    }
  }
  return rewritten(spec.text, replacements);
}
