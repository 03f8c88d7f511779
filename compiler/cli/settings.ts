/** `--set name=value`: numbers, true and false, words, and lists of numbers in brackets. */
import { list, number, symbol, type Value } from '../check/values.ts';

/** Parses one setting; undefined when it has no `=`. */
export function parseSetting(text: string): readonly [string, Value] | undefined {
  const at = text.indexOf('=');
  if (at < 1) return undefined;
  return [text.slice(0, at).trim(), parseValue(text.slice(at + 1).trim())];
}

function parseValue(text: string): Value {
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' };
  if (/^\[.*\]$/s.test(text)) {
    const inner = text.slice(1, -1).trim();
    return list(inner === '' ? [] : inner.split(',').map((part) => parseValue(part.trim())));
  }
  if (/^"(.*)"$/s.test(text)) return { kind: 'string', value: text.slice(1, -1) };
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return number(value, /^[+-]?\d+$/.test(text));
  return symbol(text);
}
