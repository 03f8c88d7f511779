/** `--set name=value`: numbers, true and false, words, and lists of numbers in brackets. */
import type { CheckedMethod } from '../check/check.ts';
import { list, number, symbol, type Value } from '../check/values.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { usage } from './output.ts';

/** All settings of a command line. Throws the usage failure for one that cannot be read; the last of a name counts. */
export function parseSettings(texts: readonly string[]): ReadonlyMap<string, Value> {
  return new Map(
    texts.map((text) => {
      const parsed = parseSetting(text);
      if (parsed) return parsed;
      throw usage(`--set needs name=value, found '${text}'`, 'for example --set lr=0.01, --set widths=[16,32] or --set norm=batch');
    }),
  );
}

/** Parses one setting; undefined when it has no name, no `=` or no value. */
export function parseSetting(text: string): readonly [string, Value] | undefined {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  const value = parseValue(text.slice(at + 1).trim());
  return at < 1 || name === '' || value === undefined ? undefined : [name, value];
}

function parseValue(text: string): Value | undefined {
  if (text === '') return undefined;
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' };
  if (/^\[.*\]$/s.test(text)) {
    const inner = text.slice(1, -1).trim();
    const items = inner === '' ? [] : inner.split(',').map((part) => parseValue(part.trim()));
    const whole = items.filter((item) => item !== undefined);
    return whole.length === items.length ? list(whole) : undefined;
  }
  if (/^"(.*)"$/s.test(text)) return { kind: 'string', value: text.slice(1, -1) };
  const value = Number(text);
  if (Number.isFinite(value)) return number(value, /^[+-]?\d+$/.test(text));
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) ? symbol(text) : undefined;
}

/** Throws the usage failure for a setting that is a hyper of none of the methods. */
export function checkSettings(settings: ReadonlyMap<string, Value>, methods: readonly CheckedMethod[]): void {
  const known = new Set(methods.flatMap((m) => m.source.members.flatMap((member) => (member.kind === 'hyper' ? [member.name.text] : []))));
  for (const name of settings.keys()) {
    if (known.has(name)) continue;
    const names = methods.map((m) => m.name).join(', ');
    const all = known.size === 0 ? `${names} has none` : `${names} has ${[...known].join(', ')}`;
    throw usage(
      `--set ${name}: there is no hyper of that name`,
      nearest(name, known) ?? `hypers are declared with 'hyper name = value'; ${all}`,
    );
  }
}
