import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { generator, mangleTokens, tokensOf } from '../syntax/mangle.ts';
import { checkSpec, SPECS, specText } from './checking.ts';

const long = process.env.WSSS_LONG === '1';
const rounds = long ? 4000 : 80;
const files = readdirSync(SPECS, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.wsss'))
  .sort();

/** Names, numbers and words of one spec exchanged for others of the same: most of it still parses, so that the checker gets to see it. */
function exchanged(text: string, random: () => number): string {
  const tokens = [...tokensOf(text)];
  const words = tokens.flatMap((t, i) => (/^[A-Za-z_0-9]/.test(t) ? [i] : []));
  const changes = 1 + Math.floor(random() * 3);
  for (let i = 0; i < changes; i++) {
    const at = words[Math.floor(random() * words.length)];
    const other = words[Math.floor(random() * words.length)];
    if (at === undefined || other === undefined) continue;
    const kind = random();
    if (kind < 0.6) tokens[at] = tokens[other];
    else if (kind < 0.8)
      tokens[at] = ['0', '-1', '1e9', '0.5', 'K', 'N', '[]', '""', 'none', 'x', '1..2', 'true'][Math.floor(random() * 12)];
    else tokens[at] = '';
  }
  return tokens.join('');
}

/** Single characters changed, whatever comes of it. */
function smudged(text: string, random: () => number): string {
  const characters = [...text];
  for (let i = 0; i < 3; i++) characters[Math.floor(random() * characters.length)] = String.fromCharCode(Math.floor(random() * 128));
  return characters.join('');
}

test(`${rounds} mangled specs: checking and rendering never throw, and places lie inside their files`, async () => {
  const random = generator(20260202);
  let problems = 0;
  for (let i = 0; i < rounds; i++) {
    // The runner wants to hear from its worker now and then.
    if (i % 20 === 0) await new Promise((done) => setImmediate(done));
    const name = files[Math.floor(random() * files.length)];
    const original = specText(name) ?? '';
    const kind = random();
    const text =
      kind < 0.7 ? exchanged(original, random) : kind < 0.9 ? mangleTokens(tokensOf(original), random) : smudged(original, random);
    try {
      const { diagnostics } = checkSpec(name, text);
      renderAll(diagnostics.all);
      for (const { code, span, labels } of diagnostics.all)
        for (const at of [span, ...labels.map((l) => l.span)])
          if (!(at.start >= 0 && at.start <= at.end && at.end <= at.file.text.length))
            throw new Error(`${code} lies outside ${at.file.name}`);
      if (diagnostics.all.length > 0) problems++;
    } catch (error) {
      throw new Error(`mutation ${i} of ${name}: ${error instanceof Error ? error.stack : error}\n${text}`, { cause: error });
    }
  }
  // A checker that reports nothing would pass the rest.
  expect(problems).toBeGreaterThan(rounds * 0.5);
}, 1_800_000);
