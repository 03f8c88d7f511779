/**
 * How text from a spec may appear in generated code: as a string literal, inside a comment, as an identifier or as a property. Nothing else of
 * a spec is ever written, so no name can become code.
 */

/** Control, line-separating, byte-order and direction-changing characters: never written raw. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
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
    .replace(/[\ud800-\udfff]/g, (c, at: number) => (isPaired(text, at) ? c : '?'))
    .replace(/\*\//g, '* /')
    .replace(/@/g, '(at)')
    .replace(/^[/#]+/, '')
    .trim();
}

function isPaired(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xdc00) return text.charCodeAt(at + 1) >> 10 === 0x37;
  return text.charCodeAt(at - 1) >> 10 === 0x36;
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
  return PLAIN.test(key) ? key : stringLiteral(key);
}

/** `object.key` or `object['key']`. */
export function member(object: string, key: string): string {
  return PLAIN.test(key) ? `${object}.${key}` : `${object}[${stringLiteral(key)}]`;
}

/** A number as source text, the special ones included. */
export function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'Number.NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Number.POSITIVE_INFINITY';
  if (value === Number.NEGATIVE_INFINITY) return 'Number.NEGATIVE_INFINITY';
  return Object.is(value, -0) ? '-0' : String(value);
}
