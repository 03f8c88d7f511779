import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { visit } from '../../../compiler/syntax/visit.ts';
import { MOST_IN_A_PART } from '../../../grammar/mistakes.ts';
import { readText } from '../../../grammar/read.ts';
import { generator, mangleTokens, tokensOf } from './mangle.ts';
import { mangleBytes } from './mangle-bytes.ts';

// With those of the checker (test/unit/check/fuzz.test.ts) 10,000 cases.
const rounds = process.env.WSSS_LONG === '1' ? 80_000 : 8_000;
const root = new URL('../../../specs/', import.meta.url);
const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.wsss'))
  .sort()
  .map((f) => readFileSync(new URL(f, root), 'utf8'));

/** A random stretch of a spec, mangled. */
function mangled(random: () => number): string {
  const tokens = tokensOf(texts[Math.floor(random() * texts.length)] ?? '');
  const from = Math.floor(random() * tokens.length);
  const part = tokens.slice(from, from + 20 + Math.floor(random() * 300));
  return random() < 0.5 ? mangleTokens(part, random) : mangleBytes(part.join(''), random);
}

test(`${rounds} mangled specs: reading, walking and rendering never throw, and places lie inside the text`, async () => {
  const random = generator(20260101);
  let problems = 0;
  let mostLooks = 0;
  for (let i = 0; i < rounds; i++) {
    // The runner wants to hear from its worker now and then.
    if (i % 20 === 0) await new Promise((done) => setImmediate(done));
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
      const { looks, tokenStarts } = readText(text);
      mostLooks = Math.max(mostLooks, looks / (tokenStarts.length + 1));
      for (const d of diagnostics.all) if (d.span.start < 0 || d.span.end > text.length) throw new Error(`${d.code} lies outside the text`);
    } catch (error) {
      throw new Error(`mutation ${i}: ${JSON.stringify(text)}`, { cause: error });
    }
    if (diagnostics.hasErrors) problems++;
  }
  // Nearly every mutation breaks something: a reader that reports nothing would pass the rest.
  expect(problems).toBeGreaterThan(rounds * 0.7);
  // The text once, and a part once for every mistake that is looked for in it; a reading looks some fifteen times at a token.
  expect(mostLooks).toBeLessThan(20 * (MOST_IN_A_PART + 2));
}, 600_000);
