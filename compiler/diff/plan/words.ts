/** Plans as the spec writes them. */
import type { LossDeclaration, OptimizerRule, SchedulePlan, ViewStep } from '../../ir/program.ts';

/** At most six digits that count: `0.1`, `3e-3`, `150000`. */
export function numberText(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return Math.abs(value) < 0.001 && value !== 0 ? value.toExponential().replace('e+', 'e') : text;
}

export function argumentText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(argumentText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key, v]) => key !== 'span' && v !== undefined);
    const place = Object.fromEntries(entries);
    if (typeof place.dataset === 'string' && typeof place.split === 'string')
      return `${place.dataset}.${place.split}${place.limit === undefined ? '' : ` (first ${String(place.limit)})`}`;
    return `{ ${entries.map(([key, v]) => `${key}: ${argumentText(v)}`).join(', ')} }`;
  }
  return String(value);
}

/** `crop(size: 512, pad: zero)`, `long_side(320..640)`. */
export function stepText({ op, args }: ViewStep): string {
  const { from, to, ...rest } = args;
  const range = from === undefined ? [] : [from === to ? argumentText(from) : `${argumentText(from)}..${argumentText(to)}`];
  const named = Object.entries(rest).map(([key, value]) => `${key}: ${argumentText(value)}`);
  const all = [...range, ...named];
  return all.length === 0 ? op : `${op}(${all.join(', ')})`;
}

export function chainText(from: string, steps: readonly ViewStep[]): string {
  return [from, ...steps.map(stepText)].join(' |> ');
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
