import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { codes, parsed } from './helpers.ts';

const hyper = (value: string): string => `method m {\n  hyper a = ${value}\n}`;

/** Texts that nest `n` deep, one for each way to nest. */
const deep: readonly (readonly [string, (n: number) => string])[] = [
  ['parentheses', (n) => hyper('('.repeat(n) + '1' + ')'.repeat(n))],
  ['lists', (n) => hyper('['.repeat(n) + '1' + ']'.repeat(n))],
  ['records', (n) => hyper('{ a: '.repeat(n) + '1' + ' }'.repeat(n))],
  ['calls', (n) => hyper('f('.repeat(n) + '1' + ')'.repeat(n))],
  ['choices', (n) => hyper(`${'true ? 1 : '.repeat(n)}1`)],
  ['functions', (n) => hyper(`${'x => '.repeat(n)}1`)],
  ['loops', (n) => hyper(`[1${' for x in y'.repeat(n)}]`)],
  ['types', (n) => `module m(x: ${'list['.repeat(n)}int${']'.repeat(n)}) -> int { return 1 }`],
  ['blocks', (n) => `module m(x: int) -> int {\n${'if true {\n'.repeat(n)}${'}'.repeat(n)}\nreturn x }`],
];
const long: readonly (readonly [string, (n: number) => string])[] = [
  ['sums', (n) => hyper(`1${' + 1'.repeat(n)}`)],
  ['whole divisions', (n) => hyper(`1${' div 1'.repeat(n)}`)],
  ['powers', (n) => hyper(`1${' ^ 1'.repeat(n)}`)],
  ['signs', (n) => hyper(`${'- '.repeat(n)}1`)],
  ['negations', (n) => hyper(`${'not '.repeat(n)}true`)],
  ['pipes', (n) => hyper(`1${'\n |> f'.repeat(n)}`)],
  ['members', (n) => hyper(`a${'.b'.repeat(n)}`)],
  ['calls of calls', (n) => hyper(`a${'(1)'.repeat(n)}`)],
  ['recasts', (n) => hyper(`a${' as cam'.repeat(n)}`)],
  ['sums that grow from the left', (n) => hyper(`${'('.repeat(50)}1${`${' + 1'.repeat(Math.ceil(n / 50))})`.repeat(50)}`)],
];

describe('what nests too deeply has one message with a place', () => {
  test.each(deep)('%s', (_, text) => {
    expect(codes(text(400))).toEqual(['too-deep']);
    expect(codes(text(20_000))).toEqual(['too-deep']);
    expect(codes(text(60))).toEqual([]);
  });
  test.each(long)('%s', (_, text) => {
    expect(codes(text(10_000))).toEqual(['too-deep']);
    expect(codes(text(500))).toEqual([]);
  });

  test('the message stands where the bound is passed', () => {
    const diagnostics = new Diagnostics();
    const text = hyper(`${'['.repeat(400)}1${']'.repeat(400)}`);
    checkFile({ read: () => text }, 'deep.wsss', diagnostics);
    expect(diagnostics.all.map((d) => [d.code, d.span.start])).toEqual([['too-deep', text.indexOf('[') + 99]]);
  });
});

test('many statements, settings and elements are no nesting', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `  hyper a${i} = x.y + 1 ? [1, 2] : f(3)`).join('\n');
  const settings = Array.from({ length: 3000 }, (_, i) => `s${i} f(1 + a.b)`).join('\n');
  const elements = Array.from({ length: 3000 }, () => '1 + 2').join(', ');
  expect(parsed(`method m {\n${lines}\n  train {\n${settings}\n}\n  hyper all = [${elements}]\n}`).declarations).toHaveLength(1);
});

test('modules that call each other in a long row', () => {
  const count = 3000;
  const modules = Array.from(
    { length: count },
    (_, i) => `module m${i}(x: Tensor[N]) -> Tensor[N] { return ${i + 1 < count ? `m${i + 1}(x)` : 'x'} }`,
  );
  const text = `${modules.join('\n')}\nmethod m {\n  supervision tags\n  input tags: Tags[N, K]\n  watch y = m0(mean(tags, over: 1))\n}`;
  const diagnostics = new Diagnostics();
  checkFile({ read: () => text }, 'row.wsss', diagnostics);
  expect(diagnostics.all.filter((d) => d.severity === 'error').map((d) => [d.code, d.span.start])).toEqual([
    ['too-deep', text.indexOf('m200(x) }')],
  ]);
});

describe('files that are no UTF-8 text', () => {
  const spec = 'method m {\n  hyper a = 1\n}\n';
  test.each([
    ['UTF-16, little end first', Buffer.from(`\ufeff${spec}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(spec, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${spec}`, 'utf16le').swap16()],
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52])],
  ])('%s: one message', (_, bytes) => {
    expect(codes(bytes.toString('utf8'))).toEqual(['not-text']);
  });
  test('a byte order mark of UTF-8 is no mistake', () => {
    expect(codes(`\ufeff${spec}`)).toEqual([]);
  });
});
