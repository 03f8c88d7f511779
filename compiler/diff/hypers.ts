/**
 * Settings first: the second method is taken with the values of the first, so that a hyper that is used in ten places is one difference, and what
 * is left has other reasons.
 */
import type { CheckedHyper, CheckedMethod } from '../check/check.ts';
import type { Value } from '../check/values.ts';
import type { Row } from './classes.ts';
import { row } from './plan/rows.ts';
import type { Side } from './side.ts';
import { sameValue, valueText } from './text/blame.ts';
import { textOf } from './text/excerpt.ts';
import { fingerprint } from './text/fingerprint.ts';

export interface Settled {
  /** The second method with the values of the first, as far as it is sound with them. */
  readonly b: CheckedMethod;
  readonly rows: readonly SettledRow[];
}

export interface SettledRow {
  readonly row: Row;
  readonly name: string;
  readonly from: Value;
  readonly to: Value;
}

export function settle(left: Side, right: Side): Settled {
  const [a, b] = [left.method, right.method];
  const theirs = new Map(b.hypers.map((hyper) => [hyper.name, hyper]));
  const different = a.hypers.flatMap((from) => {
    const to = theirs.get(from.name);
    // One that is computed from another, in the same way, follows it.
    return to && !sameValue(from.value, to.value) && (written(a, from) !== written(b, to) || sourceIsText(from, to)) ? [{ from, to }] : [];
  });
  if (different.length === 0) return { b, rows: [] };
  let values = new Map(different.map(({ from }) => [from.name, from.value]));
  let settled = right.under(values);
  if (!settled) {
    values = new Map();
    settled = b;
    for (const { from } of different) {
      const more = new Map([...values, [from.name, from.value]]);
      const sound = right.under(more);
      if (sound) [settled, values] = [sound, more];
    }
  }
  return {
    b: settled,
    rows: different
      .filter(({ from }) => values.has(from.name))
      .map(({ from, to }) => ({
        name: from.name,
        from: from.value,
        to: to.value,
        row: row('hyper-parameter', `hyper ${from.name}`, told(a, from), told(b, to), { a: from.span, b: to.span }),
      })),
  };
}

/** Two literals of one text cannot have two values, unless they were set from outside. */
function sourceIsText(from: CheckedHyper, to: CheckedHyper): boolean {
  return (
    /^[\d[]/.test(valueText(from.value)) &&
    /^[\d[]/.test(valueText(to.value)) &&
    from.span.file === to.span.file &&
    from.span.start === to.span.start
  );
}

function declared(method: CheckedMethod, { name }: CheckedHyper): { readonly value: { readonly span: CheckedHyper['span'] } } | undefined {
  const member = method.source.members.find((m) => m.kind === 'hyper' && m.name.text === name);
  return member?.kind === 'hyper' ? member : undefined;
}

function written(method: CheckedMethod, hyper: CheckedHyper): string {
  return fingerprint(declared(method, hyper)?.value, (name) => name);
}

/** As it is written, where that is what it is. */
function told(method: CheckedMethod, hyper: CheckedHyper): string {
  const tree = declared(method, hyper);
  const text = tree && textOf(tree.value.span);
  return text !== undefined && text.length <= 40 ? text : valueText(hyper.value);
}
