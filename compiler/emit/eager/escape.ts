/**
 * How text from a spec may appear in generated code: as a string literal, inside a comment, as an identifier or as a property. Nothing else of
 * a spec is ever written, so no name can become code.
 */

/** Control, line-separating, invisible and direction-changing characters and unpaired surrogates: never written raw. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}

/** A single-quoted JavaScript string. */
export function stringLiteral(text: string): string {
  const body = JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\.|'/g, (match) => (match === '\\"' ? '"' : match === "'" ? "\\'" : match));
  return `'${body.replace(UNSAFE, escaped)}'`;
}

/** Text between the backticks of a template literal. */
export function templateText(text: string): string {
  return stringLiteral(text).slice(1, -1).replace(/\\'/g, "'").replace(/`/g, '\\`').replace(/\$\{/g, '\\${');
}

/** Text inside a comment: one line, which ends no comment of either form and holds no directive of the type checker. */
export function commentText(text: string): string {
  return text
    .replace(UNSAFE, ' ')
    .replace(/\*\//g, '* /')
    .replace(/@/g, '(at)')
    .replace(/^[/#\s]+/, '')
    .trim();
}

const RESERVED = new Set(
  (
    'abstract any arguments as async await boolean break case catch class const constructor continue debugger declare default delete do else enum eval export extends ' +
    'false finally for from function get if implements import in infer instanceof interface is keyof let module namespace never new null number object of package ' +
    'private protected public readonly require return set static string super switch symbol this throw true try type typeof undefined unique unknown var void ' +
    'while with yield globalThis process console NaN Infinity Number Object Math'
  ).split(' '),
);

/** An ASCII identifier made of the letters and digits of a text; not unique. */
export function identifier(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const named = plain === '' ? 'value' : plain;
  const started = /^[0-9]/.test(named) ? `n${named}` : named;
  return RESERVED.has(started) ? `${started}_` : started;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A property name in an object literal. `__proto__` sets the prototype when written as a name, so it is computed. */
export function property(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return PLAIN.test(key) && !RESERVED.has(key) ? key : stringLiteral(key);
}

/** `object.key` or `object['key']`. */
export function member(object: string, key: string): string {
  return PLAIN.test(key) && !RESERVED.has(key) ? `${object}.${key}` : `${object}[${stringLiteral(key)}]`;
}

/** A number as source text, the special ones included. */
export function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'Number.NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Number.POSITIVE_INFINITY';
  if (value === Number.NEGATIVE_INFINITY) return 'Number.NEGATIVE_INFINITY';
  return Object.is(value, -0) ? '-0' : String(value);
}
