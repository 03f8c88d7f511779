/**
 * Rules in words that a reference states for some of its keys (`tolerance.special` of the description). Two forms are understood:
 *
 * - "… the change against param.* should agree within 2 percent of the largest change of that tensor": besides the tolerance, for trained
 *   values `out.after_step3.<parameter>`: |v − r| <= fraction · max|R − P|, P the parameter that the steps began with;
 * - "absolute difference of at most 1 …", in place of the tolerance.
 *
 * A pattern `out.after_stepT.*` stands for every step number T and every rest.
 */

export type SpecialRule =
  | { readonly kind: 'change'; readonly fraction: number }
  | { readonly kind: 'absolute'; readonly limit: number }
  | { readonly kind: 'unknown'; readonly text: string };

/** The rule that is stated for a key, with what `*` stands for; undefined where none is. An exact name goes before a pattern. */
export function specialRule(
  special: readonly (readonly [string, string])[],
  key: string,
): { readonly rule: SpecialRule; readonly rest: string } | undefined {
  const exact = special.find(([pattern]) => pattern === key);
  if (exact) return { rule: readRule(exact[1]), rest: '' };
  for (const [pattern, text] of special) {
    const match = expression(pattern).exec(key);
    if (match) return { rule: readRule(text), rest: match.groups?.rest ?? '' };
  }
  return undefined;
}

function expression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/stepT(?![a-z])/g, 'step\\d+');
  const [head, ...stars] = escaped.split('*');
  return new RegExp(`^${head}${stars.map((part, i) => (i === 0 ? `(?<rest>.*)${part}` : `.*${part}`)).join('')}$`);
}

export function readRule(text: string): SpecialRule {
  const change = /change against param\.\*.*?within\s+([\d.]+(?:e-?\d+)?)\s*(?:percent|%)\s+of the largest change/i.exec(text);
  if (change) return { kind: 'change', fraction: Number(change[1]) / 100 };
  const absolute = /absolute difference of at most\s+(\d+(?:\.\d+)?(?:e-?\d+)?)/i.exec(text);
  if (absolute) return { kind: 'absolute', limit: Number(absolute[1]) };
  return { kind: 'unknown', text };
}
