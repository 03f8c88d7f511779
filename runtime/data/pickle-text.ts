/** Numbers and text as pickles of the oldest protocols write them. */
import { PickleError } from './pickle-error.ts';

export function integer(line: string): number | bigint {
  if (!/^-?[0-9]{1,1000}$/.test(line)) throw new PickleError('an integer is expected');
  return narrow(BigInt(line));
}

export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export function real(line: string): number {
  if (line === 'inf' || line === '-inf') return line === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const value = Number(line);
  if (Number.isNaN(value) && line !== 'nan') throw new PickleError('a number is expected');
  return value;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

/** A Python 2 string literal in quotes. */
export function quoted(line: string): string {
  const match = /^(['"])(.*)\1$/s.exec(line);
  if (!match) throw new PickleError('quoted text is expected');
  return match[2].replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? `\\${code}`),
  );
}

export function unescapeUnicode(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short: string | undefined, long: string | undefined) => {
    const point = Number.parseInt(short ?? long ?? '', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
