/** Plans as the spec writes them. */
import { VIEW_STEPS } from '../../check/data/transforms.ts';
import type { LossDeclaration, OptimizerRule, PairPlan, SchedulePlan, SourceRef, ValidationPlan, ViewStep } from '../../ir/program.ts';
import { plain } from './rows.ts';

/** At most six digits that count: `0.1`, `3e-3`, `150000`. */
export function numberText(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return Math.abs(value) < 0.001 && value !== 0 ? value.toExponential().replace('e+', 'e') : text;
}

/** `voc.train`, `crf(weight: 3, sxy: 3)`, `[0.05, 0.6, 0.05]`: a value of a plan in the words that a spec has for it. */
export function argumentText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(argumentText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key, v]) => key !== 'span' && v !== undefined);
    const place = Object.fromEntries(entries);
    if (typeof place.dataset === 'string' && typeof place.split === 'string')
      return `${place.dataset}.${place.split}${place.limit === undefined ? '' : ` (first ${String(place.limit)})`}`;
    if (entries.map(([key]) => key).join(' ') === 'from to step') return argumentText(entries.map(([, v]) => v));
    const named = entries.flatMap(([key, v]) => (key === 'kind' ? [] : [`${key}: ${argumentText(v)}`]));
    return `${typeof place.kind === 'string' ? place.kind : ''}(${named.join(', ')})`;
  }
  // A path or a title, rather than a word of the language.
  return typeof value === 'string' && !/^[\w.-]*$/.test(value) ? JSON.stringify(value) : String(value);
}

/** Splits that are read together, as a train block names them. */
export function sourcesText([first, ...others]: readonly SourceRef[]): string | undefined {
  if (!first) return undefined;
  return others.length === 0 ? argumentText(first) : `union(${[first, ...others].map(argumentText).join(', ')})`;
}

/** `crop(512, pad: zero)`, `long_side(320..640)`; with `other`, a step of the same kind: no more than what it has otherwise. */
export function stepText({ op, args }: ViewStep, other?: ViewStep): string {
  const { from, to, ...rest } = args;
  const range = from === undefined ? [] : [from === to ? argumentText(from) : `${argumentText(from)}..${argumentText(to)}`];
  const optional = Object.hasOwn(VIEW_STEPS, op) ? VIEW_STEPS[op].params.filter((p) => p.optional).map((p) => p.name) : [];
  const keys = Object.keys(rest);
  const shown = keys.filter((key) => !other || plain(rest[key]) !== plain(other.args[key]));
  // Names are left out as authors leave them out: of what a step cannot do without, as far as nothing before it is missing.
  const unnamed = keys.filter(
    (key, i) => !optional.includes(key) && shown.includes(key) && keys.slice(0, i).every((k) => shown.includes(k)),
  );
  const named = shown.map((key) => (unnamed.includes(key) ? '' : `${key}: `) + argumentText(rest[key]));
  const all = [...range, ...named];
  return all.length === 0 ? op : `${op}(${all.join(', ')})`;
}

export function chainText(from: string, steps: readonly ViewStep[]): string {
  return [from, ...steps.map((step) => stepText(step))].join(' |> ');
}

export function ruleText(rule: OptimizerRule, rate: number, decay: number): string {
  const { kind, ...settings } = rule;
  const named = Object.entries(settings).filter(([, value]) => value !== false);
  const all = [['lr', rate] as const, ...named, ...(decay === 0 ? [] : [['weight_decay', decay] as const])];
  return `${kind}(${all.map(([key, value]) => `${key}: ${argumentText(value)}`).join(', ')})`;
}

export function scheduleText({ shape }: SchedulePlan): string {
  switch (shape.kind) {
    case 'constant':
      return 'constant';
    case 'poly':
      return `poly(${numberText(shape.power)}${shape.every === 1 ? '' : `, every: ${shape.every}`})`;
    case 'cosine':
      return `cosine(${shape.final === 0 ? '' : numberText(shape.final)})`;
    case 'steps':
      return `step_down(at: ${argumentText(shape.at)}, factor: ${numberText(shape.factor)})`;
  }
}

export function weightText(weight: LossDeclaration['weight']): string {
  if (typeof weight === 'number') return numberText(weight);
  return `ramp(${numberText(weight.from)}, ${numberText(weight.to)}, from: ${weight.fromEpoch}, to: ${weight.toEpoch})`;
}

/** Clauses of `validate` in the order in which they are usually written. */
export function validationClauses({ every, on, program, best }: ValidationPlan): readonly string[] {
  return [
    `every ${'steps' in every ? `${every.steps} steps` : `${every.epochs} epochs`}`,
    `on ${argumentText(on)}`,
    `with ${program}`,
    `keep ${best ? `best(${best}), last` : 'last'}`,
  ];
}

/** Arguments of `draw` that can be otherwise. */
export function drawClauses({ self, from }: PairPlan): readonly string[] {
  return [`self: ${self ? 'allowed' : 'forbidden'}`, `from: ${from ? (sourcesText(from) ?? '') : 'the images trained on'}`];
}
