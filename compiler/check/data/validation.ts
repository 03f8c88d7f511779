/** `validate every 500 steps on voc.val with predict keep best(miou), last`: scores of an inference program while training. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { ValidationPlan } from '../../ir/program.ts';
import { showShape } from '../../shape/dim.ts';
import type { Expression, ValidateItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { InferProgram } from '../infer.ts';
import { hasBackground } from '../kinds.ts';
import type { Scope } from '../scope.ts';
import { describe } from '../values.ts';
import { sourceText } from '../views.ts';
import { readSources, refOf } from './sources.ts';

/** Programs of the method by name; undefined for one with a mistake of its own. */
export type Programs = ReadonlyMap<string, Pick<InferProgram, 'results' | 'readsTags' | 'artefacts' | 'groups'> | undefined>;

const UNITS = ['steps', 'epochs'] as const;
const KEPT = ['best', 'last'] as const;
const METRICS = ['miou'] as const;

/** Reads the validations of a train block in order; one with a mistake is left out. */
export function readValidations(
  E: Elaboration,
  items: readonly ValidateItem[],
  scope: Scope,
  method: string,
  programs: Programs,
  classes: string,
): readonly ValidationPlan[] {
  const plans = items.flatMap((item) => readValidation(E, item, scope, method, programs, classes) ?? []);
  const second = items.filter((item) => item.keep?.some(isBest)).at(1);
  if (second)
    E.report('duplicate-setting', second.span, { name: 'keep best' }, { hint: 'one validation of a train block chooses the best weights' });
  return plans;
}

function isBest(kept: Expression): boolean {
  return sourceText(kept.kind === 'call' ? kept.callee : kept) === 'best';
}

function readValidation(
  E: Elaboration,
  item: ValidateItem,
  scope: Scope,
  method: string,
  programs: Programs,
  classes: string,
): ValidationPlan | undefined {
  const missing = (['every', 'on', 'program'] as const).find((clause) => item[clause] === undefined);
  if (!item.every || !item.on || !item.program) {
    const name = missing === 'program' ? 'with' : (missing ?? 'on');
    E.report(
      'missing-setting',
      item.span,
      { block: 'validate', name },
      { hint: 'validate every 1 epochs on voc.val with predict keep best(miou), last' },
    );
    return undefined;
  }
  const every = readEvery(E, item.every, scope);
  const [source] = readSources(E, item.on, 'validate');
  const program = item.program.text;
  if (!programs.has(program)) {
    const hint =
      didYouMean(program, programs.keys()) ?? (programs.size > 0 ? `there are ${[...programs.keys()].join(', ')}` : 'the method has none');
    E.report('unknown-program', item.program.span, { method, program }, { hint });
    return undefined;
  }
  const best = readKeep(E, item.keep ?? []);
  const found = programs.get(program);
  if (!every || !source || best === 'mistaken' || !found) return undefined;
  const [only, ...others] = found.results;
  const { shape } = only.node.type;
  if (others.length > 0 || shape.length !== 4 || !hasBackground(shape, classes)) {
    E.report(
      'bad-validation',
      item.program.span,
      { what: `'${program}', which returns ${others.length > 0 ? `${found.results.length} maps` : showShape(shape)}` },
      {
        hint: `it is scored by its largest channel: return [1, h0, w0, ${classes}+1] with the background first, such as with_constant_background(cam, 0.2)`,
      },
    );
    return undefined;
  }
  const fed = [...found.artefacts.map(({ name }) => name), ...found.groups];
  if (fed.length > 0) {
    E.report(
      'bad-validation',
      item.program.span,
      { what: `'${program}', which reads ${fed.join(', ')} of other stages` },
      { hint: 'while it trains there are no stages: validate with a program that reads the photo alone' },
    );
    return undefined;
  }
  const onTraining = source.split.startsWith('train');
  if (found.readsTags && !onTraining) {
    E.report(
      'tags-at-evaluation',
      item.program.span,
      { program, split: `${source.dataset}.${source.split}` },
      { hint: `validate on a training split (on ${source.dataset}.train), or with a program that reads no tags` },
    );
    return undefined;
  }
  return { every, on: refOf(source), program, ...(best && { best }), tags: found.readsTags };
}

function readEvery(E: Elaboration, { count, unit }: NonNullable<ValidateItem['every']>, scope: Scope): ValidationPlan['every'] | undefined {
  const plural = unit.text.endsWith('s') ? unit.text : `${unit.text}s`;
  const found = UNITS.find((u) => u === plural);
  if (!found)
    E.report(
      'bad-setting',
      unit.span,
      { name: 'every', expected: UNITS.join(' or '), found: unit.text },
      { hint: didYouMean(unit.text, UNITS) },
    );
  const value = evaluate(E, count, scope);
  if (value.kind === 'number' && value.integer && value.value >= 1)
    return found && (found === 'steps' ? { steps: value.value } : { epochs: value.value });
  if (value.kind !== 'poison')
    E.report('bad-setting', count.span, { name: 'every', expected: 'a whole number of at least 1', found: describe(value) });
  return undefined;
}

/** The metric of `best`; the last weights are always kept. */
function readKeep(E: Elaboration, keep: readonly Expression[]): 'miou' | 'mistaken' | undefined {
  let best: 'miou' | 'mistaken' | undefined;
  for (const kept of keep) {
    const word = sourceText(kept.kind === 'call' ? kept.callee : kept);
    if (word === 'last' && kept.kind === 'name') continue;
    if (word !== 'best') {
      if (kept.kind !== 'error')
        E.report('bad-setting', kept.span, { name: 'keep', expected: 'best(miou) or last', found: word }, { hint: didYouMean(word, KEPT) });
      return 'mistaken';
    }
    const [metric] = kept.kind === 'call' ? kept.args : [];
    const name = metric && sourceText(metric.value);
    if (name !== 'miou') {
      const hint = (name !== undefined && didYouMean(name, METRICS)) || undefined;
      E.report(
        'bad-setting',
        (metric ?? kept).span,
        { name: 'best', expected: METRICS.join(' or '), found: name ?? 'no metric' },
        { hint },
      );
      return 'mistaken';
    }
    best = 'miou';
  }
  return best;
}
