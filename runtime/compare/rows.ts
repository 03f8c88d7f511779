/** One compared key: how far the program's values are from the reference, and whether that is near enough. */
import type { Ordered } from './axes.ts';
import type { Reference, ReferenceTensor, Tolerance } from './reference.ts';
import { specialRule } from './special-rules.ts';

export interface Row {
  readonly key: string;
  /** Shape in the file. */
  readonly shape: readonly number[];
  /** Largest |v − r|. */
  readonly absolute: number;
  /** Largest |v − r| / |r| over elements with r ≠ 0. */
  readonly relative: number;
  /** By how much the worst element exceeds what is allowed; 0 passes. */
  readonly excess: number;
  readonly passed: boolean;
  /** What is allowed, in words: `exact`, `zero`, or the numbers of the tolerance. */
  readonly rule: string;
  /** Why nothing could be compared, or what to know of the rule. */
  readonly note: string | undefined;
}

/** What a key is held against. */
export interface KeyRule {
  readonly text: string;
  readonly note: string | undefined;
  /** The largest allowed |v − r| of an element, given r and max|R|. */
  readonly allowed: (r: number, largest: number) => number;
}

/** The rule that the description states for a key. */
export function ruleOf(reference: Reference, key: string): KeyRule {
  const { tolerance, zeroGradients } = reference.description;
  if (zeroGradients.includes(key)) return { text: 'zero', note: undefined, allowed: () => 0 };
  if (tolerance.exact.includes(key)) return { text: 'exact', note: undefined, allowed: () => 0 };
  const general = within(key.startsWith('grad.') ? tolerance.grad : tolerance.out);
  const special = specialRule(tolerance.special, key);
  switch (special?.rule.kind) {
    case undefined:
      return general;
    case 'absolute': {
      const { limit } = special.rule;
      return { text: `at most ${limit}`, note: undefined, allowed: () => limit };
    }
    case 'unknown':
      return {
        ...general,
        note: `the reference states a rule that compare cannot read, so the ordinary tolerance holds: ${special.rule.text}`,
      };
    case 'change': {
      const { fraction } = special.rule;
      const before = reference.tensors.get(`param.${special.rest}`);
      const after = reference.tensors.get(key);
      if (!before || !after || before.data.length !== after.data.length)
        return { ...general, allowed: () => -1, note: `the reference has no param.${special.rest} to measure the change against` };
      const limit = fraction * largestDifference(after.data, before.data);
      return {
        text: `${general.text}, ${fraction * 100}% of the change`,
        note: undefined,
        allowed: (r, largest) => Math.min(general.allowed(r, largest), limit),
      };
    }
  }
}

function within({ rtol, atol, atol_of_max }: Tolerance): KeyRule {
  const parts = [rtol && `${rtol}·|r|`, atol && `${atol}`, atol_of_max && `${atol_of_max}·max`].filter((part) => part !== 0);
  return {
    text: parts.length > 0 ? parts.join(' + ') : 'exact',
    note: undefined,
    allowed: (r, largest) => rtol * Math.abs(r) + atol + atol_of_max * largest,
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Compares values in the file's order of axes with the tensor of the file. A value that is no number never passes. */
export function compareTensor(key: string, values: Ordered, reference: ReferenceTensor, rule: KeyRule, zero: boolean): Row {
  const { shape, data } = reference;
  if (!sameShape(values.shape, shape)) return failed(key, shape, rule, `the program's value has the shape [${values.shape.join(', ')}]`);
  let largest = 0;
  for (const r of data) largest = Math.max(largest, Math.abs(r));
  if (zero && largest !== 0) return failed(key, shape, rule, 'listed under zero_gradients, and not zero in the reference');
  let absolute = 0;
  let relative = 0;
  let excess = 0;
  for (let i = 0; i < data.length; i++) {
    const r = data[i];
    const difference = Math.abs(values.data[i] - r);
    const distance = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    absolute = Math.max(absolute, distance);
    if (r !== 0) relative = Math.max(relative, distance / Math.abs(r));
    const over = distance - rule.allowed(r, largest);
    if (!(over <= 0)) excess = Math.max(excess, Number.isNaN(over) ? Number.POSITIVE_INFINITY : over);
  }
  return { key, shape, absolute, relative, excess, passed: excess === 0, rule: rule.text, note: rule.note };
}

/** A key for which the program has no value to compare. */
export function missing(key: string, reference: ReferenceTensor, why: string): Row {
  return failed(key, reference.shape, { text: '', note: undefined, allowed: () => 0 }, why);
}

function failed(key: string, shape: readonly number[], rule: KeyRule, note: string): Row {
  const far = Number.POSITIVE_INFINITY;
  return { key, shape, absolute: far, relative: far, excess: far, passed: false, rule: rule.text, note };
}

/** A scalar may be stored as one element. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const [x, y] = [a, b].map((shape) => (shape.every((n) => n === 1) ? [] : shape));
  return x.length === y.length && x.every((n, i) => n === y[i]);
}
