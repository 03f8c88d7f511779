/** Effects in words. */
import type { Effect } from '../classes.ts';

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
];

/** `19.0 M`, `884.7 k`, `12`. */
export function amountText(value: number): string {
  const unit = UNITS.find(([size]) => value >= size);
  return unit ? `${(value / unit[0]).toFixed(1)}${unit[1]}` : String(value);
}

const list = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

export function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'parameters':
    case 'multiply-adds': {
      const [from, to] = [effect.from ?? 0, effect.to ?? 0];
      if (typeof from === 'string' || typeof to === 'string') return `${effect.kind}: ${valueText(from)} → ${valueText(to)}`;
      const change = to - from;
      return `${change < 0 ? '−' : '+'}${amountText(Math.abs(change))} ${effect.kind}`;
    }
    case 'shape':
      return `${effect.of}: ${effect.from} → ${effect.to}`;
    case 'reach':
      return [
        effect.from ? `${effect.loss} no longer reaches ${list(effect.from)}` : [],
        effect.to ? `${effect.loss} now reaches ${list(effect.to)}` : [],
      ]
        .flat()
        .join('; ');
    case 'untrained':
      return [effect.to ? `no loss trains ${list(effect.to)} any more` : [], effect.from ? `${list(effect.from)} is trained now` : []]
        .flat()
        .join('; ');
    case 'note':
      return `${effect.of}: ${effect.from ?? 'none'} → ${effect.to ?? 'none'}`;
  }
}

/** Parameters before multiply-adds before sizes before gradients. */
const ORDER: readonly Effect['kind'][] = ['parameters', 'multiply-adds', 'shape', 'reach', 'untrained', 'note'];

export function effectTexts(effects: readonly Effect[]): readonly string[] {
  return [...effects].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)).map(effectText);
}

/** `19.0 M`, or what it depends on. */
function valueText(value: number | string): string {
  return typeof value === 'number' ? amountText(value) : value;
}

/** `parameters 23.5 M → 42.5 M`. */
export function totalText(effect: Effect): string {
  if (effect.kind !== 'parameters' && effect.kind !== 'multiply-adds') return effectText(effect);
  return `${effect.kind} ${valueText(effect.from ?? 0)} → ${valueText(effect.to ?? 0)}`;
}

/** What stands where a side has nothing of the kind. */
export const NOTHING = '—';
