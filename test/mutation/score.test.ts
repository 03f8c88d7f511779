import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentOf } from './document.ts';
import { generate, readSpecs } from './generate.ts';
import { type Outcome, score, total } from './score.ts';
import { editOf, reasonOf } from './survivors.ts';

const long = process.env.WSSS_LONG === '1';
const page = new URL('../../docs/mutation.md', import.meta.url);

test('mistakes are told, at the right line, in one message; what is not told is a legal program', async () => {
  const mutants = generate(readSpecs()).filter((m) => long || m.number % 10 === 0);
  const outcomes: Outcome[] = [];
  for (const mutant of mutants) {
    // The runner wants to hear from its worker now and then.
    await new Promise((done) => setImmediate(done));
    outcomes.push(score(mutant));
  }
  const { mistakes, reported, atLine, median } = total(outcomes);
  expect(median).toBe(1);
  expect(reported / mistakes).toBeGreaterThanOrEqual(0.8);
  expect(atLine / mistakes).toBeGreaterThanOrEqual(0.8);
  // A spec that is edited gives other trials: the page and its reasons are held where all of them are made.
  if (!long) return;
  if (process.env.UPDATE_MUTATION === '1') writeFileSync(page, documentOf(outcomes));
  // No kind of mistake is excused: each survivor has a reason of its own.
  const survivors = outcomes.filter((o) => !o.same && o.messages.length === 0);
  expect(survivors.filter(({ mutant }) => reasonOf(mutant) === undefined).map(({ mutant }) => editOf(mutant))).toEqual([]);
  expect(readFileSync(page, 'utf8')).toBe(documentOf(outcomes));
}, 900_000);
