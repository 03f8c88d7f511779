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
  if (process.env.SURVIVORS) writeFileSync(process.env.SURVIVORS, JSON.stringify(outcomes.filter((o) => !o.same && (o.messages.length === 0 || !o.atLine)).map((o) => ({ n: o.mutant.number, spec: o.mutant.spec.name, kind: o.mutant.kind.name, mistake: o.mutant.kind.mistake, line: o.lines[0], edit: editOf(o.mutant), told: o.messages.map((m) => m.code + ' ' + m.message), reason: reasonOf(o.mutant) })), null, 1) + JSON.stringify(total(outcomes)));
  if (process.env.UPDATE_MUTATION === '1' && long) writeFileSync(page, documentOf(outcomes));
  expect(median).toBe(1);
  expect(reported / mistakes).toBeGreaterThanOrEqual(0.8);
  if (long) expect(atLine / mistakes).toBeGreaterThanOrEqual(0.8);
  const survivors = outcomes.filter((o) => !o.same && o.messages.length === 0);
  // No kind of mistake is excused: each survivor has a reason of its own.
  expect(survivors.filter(({ mutant }) => reasonOf(mutant) === undefined).map(({ mutant }) => editOf(mutant))).toEqual([]);
  const listed = readFileSync(page, 'utf8');
  for (const { mutant } of survivors) expect(listed).toContain(`| ${mutant.number} | ${mutant.kind.mistake} | ${mutant.spec.name}:`);
}, 600_000);
