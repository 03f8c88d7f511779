/** `pair other = draw(class: uniform, image: uniform, self: allowed, from: union(…)) { image = source |> … }`: a partner for every image. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { PairPlan } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import type { Argument, Expression, PairItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import type { Scope } from '../scope.ts';
import { readViews, sourceText, type Views } from '../views.ts';
import { type NamedSource, readSources, refOf } from './sources.ts';

export interface ReadPair extends Views {
  readonly plan: PairPlan;
  readonly sources: readonly NamedSource[];
}

/** Arguments of `draw`, and the words that they take. */
const WORDS: Readonly<Record<string, readonly string[]>> = { class: ['uniform'], image: ['uniform'], self: ['allowed', 'forbidden'] };
const PARAMETERS = [...Object.keys(WORDS), 'from'];

/** Undefined after a report. Partners are of a class of the image, so the method must declare that it sees tags. */
export function readPair(
  E: Elaboration,
  item: PairItem,
  method: string,
  scope: Scope,
  inputs: readonly Node[],
  supervision: readonly string[],
): ReadPair | undefined {
  const name = item.name.text;
  const prefix = `${name}.`;
  const own = inputs.filter((node) => String(node.attrs.name).startsWith(prefix));
  if (own.length === 0) {
    const records = [...new Set(inputs.flatMap((node) => String(node.attrs.name).split('.').slice(0, -1)))];
    const example = `an input takes it: input ${name}: { image: Image[N, h2, w2, 3], tags: Tags[N, K] }`;
    const told = [...E.session.told.inputs].some((input) => input === name || input.startsWith(prefix));
    if (!told) E.report('unknown-view', item.name.span, { name, method }, { hint: didYouMean(name, records) ?? example });
    return undefined;
  }
  if (supervision.length > 0 && !supervision.includes('tags') && !supervision.includes('masks'))
    E.report(
      'supervision-violation',
      item.span,
      { name: `the pair ${name}`, needs: 'tags or masks', declared: supervision.join(' + ') },
      { hint: `partners are drawn by class: supervision ${[...supervision, 'tags'].join(' + ')}` },
    );
  const draw = readDraw(E, item.draw, name);
  const text = `the pair ${name}`;
  const views = readViews(E, item.views, { name, prefix, span: item.span, text, method }, scope, own);
  if (!draw) return undefined;
  const { self, sources } = draw;
  return { ...views, plan: { name, self, ...(sources.length > 0 && { from: sources.map(refOf) }) }, sources };
}

function readDraw(
  E: Elaboration,
  expression: Expression,
  pair: string,
): { readonly self: boolean; readonly sources: readonly NamedSource[] } | undefined {
  if (expression.kind === 'error') return undefined;
  const callee = expression.kind === 'call' ? expression.callee : expression;
  if (callee.kind !== 'name' || callee.name.text !== 'draw') {
    E.report('bad-pair', expression.span, { pair }, { hint: 'pair other = draw(class: uniform, image: uniform, self: allowed) { … }' });
    return undefined;
  }
  let self = true;
  let sources: readonly NamedSource[] = [];
  for (const arg of expression.kind === 'call' ? expression.args : []) {
    const key = arg.name?.text;
    if (key === undefined || !PARAMETERS.includes(key)) {
      const hint = (key !== undefined && didYouMean(key, PARAMETERS)) || `it takes ${PARAMETERS.map((p) => `${p}: …`).join(', ')}`;
      E.report('unknown-argument', arg.span, { callee: 'draw', name: key ?? 'without a name' }, { hint });
      return undefined;
    }
    if (key === 'from') sources = readSources(E, arg.value, `from of the pair ${pair}`);
    else if (!isWord(E, arg, WORDS[key], `${key} of draw`)) return undefined;
    else if (key === 'self') self = sourceText(arg.value) === 'allowed';
  }
  return { self, sources };
}

function isWord(E: Elaboration, arg: Argument, words: readonly string[], where: string): boolean {
  if (arg.value.kind === 'name' && words.includes(arg.value.name.text)) return true;
  const found = arg.value.kind === 'name' ? arg.value.name.text : 'something else';
  if (arg.value.kind !== 'error')
    E.report('bad-setting', arg.value.span, { name: where, expected: words.join(' or '), found }, { hint: didYouMean(found, words) });
  return false;
}
