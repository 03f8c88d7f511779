/**
 * `pair other = draw(class: uniform, image: uniform, self: allowed, from: union(…)) { image = source |> … }`: a partner for every image of a batch.
 * A stage draws partners of one photo in the same words.
 */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { GroupPlan, PairPlan } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import type { Argument, Expression, PairItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { Scope } from '../scope.ts';
import { describe } from '../values.ts';
import { readViews, sourceText, type Views } from '../views.ts';
import { type NamedSource, readSources, refOf } from './sources.ts';

export interface ReadPair extends Views {
  readonly plan: PairPlan;
  readonly sources: readonly NamedSource[];
}

/** Arguments of `draw`, and the words that they take: of a partner for each image, and of a group of them for one photo. */
const PAIR_WORDS: Words = { class: ['uniform'], image: ['uniform'], self: ['allowed', 'forbidden'] };
const GROUP_WORDS: Words = { ...PAIR_WORDS, class: ['uniform', 'every'] };
type Words = Readonly<Record<string, readonly string[]>>;

/** Most partners that one photo may have of one class. */
const MOST_IMAGES = 64;

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
  const draw = readDraw(E, item.draw, name, PAIR_WORDS, scope, `pair ${name} = draw(class: uniform, image: uniform, self: allowed) { … }`);
  const text = `the pair ${name}`;
  const views = readViews(E, item.views, { name, prefix, span: item.span, text, method }, scope, own);
  if (!draw) return undefined;
  const { self, sources } = draw;
  return { ...views, plan: { name, self, ...(sources.length > 0 && { from: sources.map(refOf) }) }, sources };
}

/** `draw(class: every, images: 3, from: voc.train_aug)`: partners of one photo, drawn by a stage. Undefined after a report. */
export function readGroupDraw(
  E: Elaboration,
  expression: Expression,
  group: string,
  scope: Scope,
): { readonly plan: GroupPlan } | undefined {
  const draw = readDraw(E, expression, group, GROUP_WORDS, scope, `${group}: draw(class: every, images: 3)`);
  if (!draw) return undefined;
  const { self, every, images, sources } = draw;
  return { plan: { every, images, self, ...(sources.length > 0 && { from: sources.map(refOf) }) } };
}

interface Draw {
  readonly self: boolean;
  /** Partners for each class of the image; otherwise a class is drawn too. */
  readonly every: boolean;
  readonly images: number;
  readonly sources: readonly NamedSource[];
}

function readDraw(E: Elaboration, expression: Expression, name: string, words: Words, scope: Scope, example: string): Draw | undefined {
  if (expression.kind === 'error') return undefined;
  const callee = expression.kind === 'call' ? expression.callee : expression;
  if (callee.kind !== 'name' || callee.name.text !== 'draw') {
    E.report('bad-pair', expression.span, { pair: name }, { hint: example });
    return undefined;
  }
  const ofGroup = words === GROUP_WORDS;
  const parameters = [...Object.keys(words), ...(ofGroup ? ['images'] : []), 'from'];
  let self = true;
  let every = false;
  let images = 1;
  let sources: readonly NamedSource[] = [];
  for (const arg of expression.kind === 'call' ? expression.args : []) {
    const key = arg.name?.text;
    if (key === undefined || !parameters.includes(key)) {
      const hint = (key !== undefined && didYouMean(key, parameters)) || `it takes ${parameters.map((p) => `${p}: …`).join(', ')}`;
      E.report('unknown-argument', arg.span, { callee: 'draw', name: key ?? 'without a name' }, { hint });
      return undefined;
    }
    if (key === 'from') sources = readSources(E, arg.value, `from of ${ofGroup ? 'the group' : 'the pair'} ${name}`);
    else if (key === 'images') {
      const value = evaluate(E, arg.value, scope);
      if (value.kind !== 'number' || !value.integer || value.value < 1 || value.value > MOST_IMAGES) {
        if (value.kind !== 'poison')
          E.report('bad-setting', arg.value.span, {
            name: 'images of draw',
            expected: `a whole number from 1 to ${MOST_IMAGES}`,
            found: value.kind === 'number' ? String(value.value) : describe(value),
          });
        return undefined;
      }
      images = value.value;
    } else if (!isWord(E, arg, words[key], `${key} of draw`)) return undefined;
    else if (key === 'self') self = sourceText(arg.value) === 'allowed';
    else if (key === 'class') every = sourceText(arg.value) === 'every';
  }
  return { self, every, images, sources };
}

function isWord(E: Elaboration, arg: Argument, words: readonly string[], where: string): boolean {
  if (arg.value.kind === 'name' && words.includes(arg.value.name.text)) return true;
  const found = arg.value.kind === 'name' ? arg.value.name.text : 'something else';
  if (arg.value.kind !== 'error')
    E.report('bad-setting', arg.value.span, { name: where, expected: words.join(' or '), found }, { hint: didYouMean(found, words) });
  return false;
}
