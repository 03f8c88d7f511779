/** `// allow CODE`: which line it is about, in which file, and when one that silences nothing is told. */
import { expect, test } from 'vitest';
import { type CheckOptions, checkFile } from '../../../compiler/check/check.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { methodAround, specText } from './checking.ts';

/** `file:line code` of everything told. */
function told(files: Readonly<Record<string, string>>, options: CheckOptions = {}): readonly string[] {
  const diagnostics = new Diagnostics();
  checkFile({ read: (name) => files[name] ?? specText(name) }, 'm.wsss', diagnostics, options);
  return diagnostics.toJson().map(({ code, place }) => `${place.file}:${place.start.line} ${code}`);
}

const BODY = `  layer classify = conv(K, kernel: 1)
  cam maps = classify(net(image).layer4)
  loss cls = soft_margin(gap(maps), tags)`;
const around = (line: string): string => methodAround(`${BODY}\n${line}`);
const lineOf = (line: string): number => around(line).split('\n').indexOf(line) + 1;

test('at the end of a line, or alone above it', () => {
  const plain = '  let idle = relu(maps)';
  expect(told({ 'm.wsss': around(plain) })).toEqual([`m.wsss:${lineOf(plain)} unused-declaration`]);
  expect(told({ 'm.wsss': around(`${plain}  // allow unused-declaration`) })).toEqual([]);
  expect(told({ 'm.wsss': around(`  //  allow unused-declaration\n${plain}`) })).toEqual([]);
  expect(told({ 'm.wsss': around(`  // allow needless-as , unused-declaration\n${plain} as cam`) })).toEqual([]);
});

test('the line after is another line, and a doc comment allows nothing', () => {
  const warned = told({ 'm.wsss': around('  let idle = relu(maps)  // allow unused-declaration\n  let other = relu(maps)') });
  expect(warned.map((line) => line.split(' ')[1])).toEqual(['unused-declaration']);
  expect(told({ 'm.wsss': around('  /// allow unused-declaration\n  hyper idle = 3') })).toHaveLength(1);
});

test('a statement of several lines belongs to it as a whole, as the formatter breaks lines', () => {
  const body = '  let idle = relu(maps) +\n    relu(maps)';
  expect(told({ 'm.wsss': around(body) })).toHaveLength(1);
  expect(told({ 'm.wsss': around(`${body} // allow unused-declaration`) })).toEqual([]);
  const late = '  cam second = relu(maps) +\n    relu(maps as cam)\n  loss more = soft_margin(gap(second), tags)';
  expect(told({ 'm.wsss': around(late) }).map((line) => line.split(' ')[1])).toEqual(['needless-as']);
  expect(told({ 'm.wsss': around(`  // allow needless-as\n${late}`) })).toEqual([]);
});

test('one that silences nothing is told, but not where only a part was checked or other values were set', () => {
  const line = '  cam second = relu(maps)  // allow needless-as';
  const file = { 'm.wsss': around(`${line}\n  hyper rate = 1\n  loss more = rate * soft_margin(gap(second), tags)`) };
  expect(told(file)).toEqual([`m.wsss:${lineOf(line)} unused-allow`]);
  expect(told(file, { only: ['m'] })).toEqual([]);
  expect(told(file, { settings: new Map([['rate', { kind: 'number', value: 2, integer: true }]]) })).toEqual([]);
});

test('an error stays, and says that it cannot be allowed', () => {
  const line = '  let idle = nothing_of_this_kind  // allow unknown-name';
  expect(told({ 'm.wsss': around(line) }).map((one) => one.split(' ')[1])).toEqual(['unknown-name', 'allow-error']);
});

test('each file has its own: one of an imported file silences there, and is judged where that file is checked', () => {
  const part = (comment: string): string =>
    `language 1\nmodule part(x: Tensor) -> Tensor {\n  return x\n}\n// allow needless-as${comment}\n/// Nothing follows.\n`;
  const main = around('  loss more = mean(part(maps))').replace('import "std/cam"', 'import "std/cam"\nimport "part"');
  expect(told({ 'm.wsss': main, 'part.wsss': part('') })).toEqual(['part.wsss:6 dangling-doc']);
  expect(told({ 'm.wsss': main, 'part.wsss': part(', dangling-doc') })).toEqual([]);
});

test('an allow above doc comments is about what they document too', () => {
  expect(told({ 'm.wsss': around('  // allow unused-declaration\n  /// How fast.\n  hyper idle = 3') })).toEqual([]);
});

test('in a module that nothing calls, an allow may be needed elsewhere', () => {
  const module = '\nmodule unread(x: Tensor) -> Tensor {\n  return relu(x)  // allow numeric-trap\n}\n';
  expect(told({ 'm.wsss': around('') + module })).toEqual([]);
  expect(told({ 'm.wsss': around('  loss more = mean(unread(maps))') + module }).map((line) => line.split(' ')[1])).toEqual([
    'unused-allow',
  ]);
});

test('a variant of the method: told once', () => {
  const variant = '\nvariant v of m { train { epochs 2, batch 4 } }\n';
  const line = '  cam second = relu(maps)  // allow needless-as, shadowed-name';
  const text = around(`${line}\n  loss more = soft_margin(gap(second), tags)`) + variant;
  expect(told({ 'm.wsss': text })).toEqual([`m.wsss:${lineOf(line)} unused-allow`, `m.wsss:${lineOf(line)} unused-allow`]);
});
