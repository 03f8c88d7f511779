/** `diff` on random edits: one row of the right class each; nothing for what changes nothing; the same the other way round. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inverse, type Row } from '../../../compiler/diff/classes.ts';
import { readSpec } from '../../mutation/spec.ts';
import { compared } from './comparing.ts';
import { COSMETIC, type Draw, EDITS, type Edit } from './edits.ts';

const NAME = 'base.wsss';
const base = readFileSync(new URL(NAME, import.meta.url), 'utf8');
const spec = readSpec(NAME, base);

/** A stream of draws from a seed (mulberry32). */
function drawing(seed: number): Draw {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const said = (rows: readonly Row[]): readonly string[] => rows.map((r) => `${r.class}: ${r.what}: ${r.from ?? '—'} → ${r.to ?? '—'}`);
const counted = (rows: readonly Row[]): readonly Row[] => rows.filter((r) => r.class !== 'cosmetic');

function edited(edit: Edit, seed: number): string | undefined {
  const text = edit.make(spec, drawing(seed));
  return text === base ? undefined : text;
}

describe('one edit is one row of its class', () => {
  for (const [kind, edits] of [
    ['counts', EDITS],
    ['cosmetic', COSMETIC],
  ] as const)
    for (const edit of edits)
      test(`${edit.name} (${kind})`, () => {
        const seen = new Set<string>();
        fc.assert(
          fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
            const text = edited(edit, seed);
            if (text === undefined || seen.has(text)) return;
            seen.add(text);
            const rows = compared(NAME, base, text);
            const of = kind === 'counts' ? counted(rows) : rows;
            expect(said(of), text).toHaveLength(1);
            expect(of[0].class, said(of)[0]).toBe(edit.class);
            expect(compared(NAME, text, base)).toEqual(rows.map(inverse));
          }),
          { numRuns: 3, seed: 20261125 },
        );
        expect(seen.size).toBeGreaterThan(0);
      }, 60_000);
});
