import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Deletion, tokenCount, withoutToken } from './deletions.ts';
import { generator } from './mangle.ts';

const long = process.env.WSSS_LONG === '1';
const methods = readdirSync(new URL('../../../specs/methods/', import.meta.url))
  .filter((file) => file.endsWith('.wsss'))
  .sort()
  .map((file) => `methods/${file}`);
/** Tokens tried in `npm test`, over all specs. */
const SAMPLE = 240;

test('a token left out is one mistake: one message, at its line, and nothing from the checker about what did not parse', async () => {
  const random = generator(20261126);
  const counts = methods.map((name) => tokenCount(name));
  const total = counts.reduce((a, b) => a + b, 0);
  const chance = long ? 1 : SAMPLE / total;
  const told: Deletion[] = [];
  for (const [i, name] of methods.entries()) {
    const chosen = Array.from({ length: counts[i] }, (_, at) => at).filter(() => random() < chance);
    for (const deletion of withoutToken(name, chosen)) {
      if (deletion.messages > 0) told.push(deletion);
      // The runner wants to hear from its worker now and then.
      await new Promise((done) => setImmediate(done));
    }
  }
  expect(told.length).toBeGreaterThan(SAMPLE / 2);
  const sorted = told.map((d) => d.messages).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBe(1);
  expect(sorted.reduce((a, b) => a + b, 0) / told.length).toBeLessThanOrEqual(1.1);
  expect(told.filter((d) => d.atLine).length / told.length).toBeGreaterThanOrEqual(0.9);
  expect(told.filter((d) => d.followers > 0).map((d) => d.what)).toEqual([]);
}, 1_800_000);
