import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { visit } from '../../../compiler/syntax/visit.ts';

const rounds = process.env.WSSS_LONG === '1' ? 20_000 : 500;
const root = new URL('../../../specs/', import.meta.url);
const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.wsss'))
  .sort()
  .map((f) => readFileSync(new URL(f, root), 'utf8'));

/** mulberry32: the same mutations on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pieces = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  "'",
  '..',
  '=',
  ':=',
  ':',
  ',',
  '=>',
  '->',
  '|>',
  '?',
  '**',
  '#',
  '@x',
  '@paper',
  '///',
  '//',
  '-',
  '\n',
  'let',
  'loss',
  'module',
  'def',
  'self.',
  'None',
  'x10',
  'x0.5',
  '1e9999',
  '\\',
  '\u0000',
  '“',
  '+=',
  'as',
  'for',
  'in',
  'div',
  'lambda',
  'weight',
  'else',
];

/** A random stretch of a spec with a few of its tokens removed, doubled, swapped or replaced. */
function mangled(random: () => number): string {
  const text = texts[Math.floor(random() * texts.length)] ?? '';
  const tokens = text.match(/[A-Za-z_0-9.]+|"[^"\n]*"|\s+|./g) ?? [];
  const from = Math.floor(random() * tokens.length);
  const part = tokens.slice(from, from + 20 + Math.floor(random() * 300));
  const changes = 1 + Math.floor(random() * 6);
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * part.length);
    const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
    const kind = random();
    if (kind < 0.25) part.splice(at, 1);
    else if (kind < 0.4) part.splice(at, 0, part[at] ?? '');
    else if (kind < 0.55) part.splice(at, 2, part[at + 1] ?? '', part[at] ?? '');
    else if (kind < 0.8) part.splice(at, 0, piece);
    else part.splice(at, 1, piece);
  }
  return part.join('');
}

test(`${rounds} mangled specs: reading, walking and rendering never throw, and places lie inside the text`, () => {
  const random = generator(20260101);
  let problems = 0;
  for (let i = 0; i < rounds; i++) {
    const text = mangled(random);
    const diagnostics = new Diagnostics();
    try {
      const file = parse(sourceFile('fuzz.wsss', text), diagnostics);
      visit(file, (node, parent) => {
        if (!(node.span.start <= node.span.end && node.span.end <= text.length)) throw new Error(`${node.kind} lies outside the text`);
        if (parent && !(node.span.start >= parent.span.start && node.span.end <= parent.span.end))
          throw new Error(`${node.kind} leaves ${parent.kind}`);
        return true;
      });
      renderAll(diagnostics.all);
      for (const d of diagnostics.all) if (d.span.start < 0 || d.span.end > text.length) throw new Error(`${d.code} lies outside the text`);
    } catch (error) {
      throw new Error(`mutation ${i}: ${JSON.stringify(text)}`, { cause: error });
    }
    if (diagnostics.hasErrors) problems++;
  }
  // Nearly every mutation breaks something: a reader that reports nothing would pass the rest.
  expect(problems).toBeGreaterThan(rounds * 0.7);
}, 600_000);
