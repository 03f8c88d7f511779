import type { IToken } from '../../../grammar/read.ts';
import type { Expression, NumberLiteral, StringLiteral } from '../ast.ts';
import type { Builder } from './builder.ts';

/** The number a token holds, its first `skip` characters left out (the `x` of `x10`). */
export function numberLiteral(token: IToken, b: Builder, skip = 0): NumberLiteral {
  const at = b.tokenSpan(token);
  const text = token.image.slice(skip);
  const value = Number(text);
  const integer = /^[0-9]+$/.test(text);
  if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) b.diagnostics.reportSyntax('bad-number', at, { text });
  return { kind: 'number', span: b.span(at.start + skip, at.end), value, integer };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** The text between the quotes, escapes replaced. An unterminated string, reported before, ends with its line. */
export function stringLiteral(token: IToken, b: Builder): StringLiteral {
  const { image, startOffset } = token;
  const quote = image[0];
  const closed = image.length > 1 && image.endsWith(quote);
  const inner = image.slice(1, closed ? -1 : undefined);
  let value = '';
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== '\\' || quote !== '"') {
      value += inner[i];
      continue;
    }
    const known = escapes[inner[i + 1] ?? ''];
    if (known === undefined && i + 1 < inner.length) {
      const from = startOffset + 1 + i;
      b.diagnostics.report('bad-escape', b.span(from, from + 2), { escape: inner.slice(i, i + 2) });
    }
    value += known ?? inner[i + 1] ?? '';
    i++;
  }
  return { kind: 'string', span: b.tokenSpan(token), value };
}

export function booleanLiteral(token: IToken, value: boolean, b: Builder): Expression {
  return { kind: 'boolean', span: b.tokenSpan(token), value };
}
