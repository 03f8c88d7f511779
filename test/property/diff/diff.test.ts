/** `diff` on random edits: one row of the right class each; nothing for what changes nothing; the same the other way round. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inverse, type Row, sortRows } from '../../../compiler/diff/classes.ts';
import { compareMethods } from '../../../compiler/diff/compare.ts';
import { placesOf, readSpec } from '../../mutation/spec.ts';
import { specText } from '../../unit/check/checking.ts';
import { Reflows } from '../../unit/format/reflow.ts';
import { compared, side } from './comparing.ts';
import { COSMETIC, type Draw, EDITS, type Edit } from './edits.ts';
import { renamed, reordered } from './rewriting.ts';
import { WIDE_COSMETIC, WIDE_EDITS } from './wide-edits.ts';

const NAME = 'base.wsss';
const base = readFileSync(new URL(NAME, import.meta.url), 'utf8');
const spec = readSpec(NAME, base);
const WIDE = 'wide.wsss';
const wide = readFileSync(new URL(WIDE, import.meta.url), 'utf8');
/** A file, the method of it that is edited, and the edits. */
const KINDS = [
  ['counts', EDITS, spec, 'base'],
  ['cosmetic', COSMETIC, spec, 'base'],
  ['counts', WIDE_EDITS, readSpec(WIDE, wide), 'wide'],
  ['cosmetic', WIDE_COSMETIC, readSpec(WIDE, wide), 'wide'],
] as const;

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

function edited(edit: Edit, seed: number, of = spec): string | undefined {
  const text = edit.make(of, drawing(seed));
  return text === of.text ? undefined : text;
}

describe('one edit is one row of its class', () => {
  for (const [kind, edits, of, method] of KINDS)
    for (const edit of edits)
      test(`${edit.name} (${kind})`, () => {
        const seen = new Set<string>();
        fc.assert(
          fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
            const text = edited(edit, seed, of);
            if (text === undefined || seen.has(text)) return;
            seen.add(text);
            const rows = compared(`${method}.wsss`, of.text, text, method);
            const found = kind === 'counts' ? counted(rows) : rows;
            expect(said(found), text).toHaveLength(1);
            expect(found[0].class, said(found)[0]).toBe(edit.class);
            // Plans in the words of the spec, not as the compiler holds them.
            expect(said(found)[0]).not.toMatch(/[{[]\s*"?(kind|name|every|dataset|from)"?:/);
            expect(compared(`${method}.wsss`, text, of.text, method)).toEqual(rows.map(inverse));
          }),
          { numRuns: 3, seed: 20261125 },
        );
        expect(seen.size).toBeGreaterThan(0);
      }, 60_000);
});

/** Files with methods, and what each declares. */
const FILES = ['methods/sipe.wsss', 'methods/cam.wsss', 'examples/quickstart.wsss'] as const;
const methodsOf = (file: string): readonly string[] =>
  placesOf(readSpec(file, specText(file) ?? ''), 'method', 'variant').map(({ node }) => node.name.text);
const everyMethod = FILES.flatMap((file) => methodsOf(file).map((method) => [file, method] as const));

test('every method is itself', () => {
  for (const [file, method] of everyMethod)
    expect(said(compareMethods(side(file, undefined, method), side(file, undefined, method)).rows), method).toEqual([]);
}, 60_000);

test('a comparison the other way round says the same the other way round', () => {
  for (const [i, [file, method]] of everyMethod.entries())
    for (const [other, second] of everyMethod.slice(i + 1)) {
      const [a, b] = [side(file, undefined, method), side(other, undefined, second)];
      const [there, back] = [compareMethods(a, b), compareMethods(b, a)];
      expect(back.rows, `${method} and ${second}`).toEqual(sortRows(there.rows.map(inverse)));
      expect(there.rows.length, `${method} and ${second}`).toBeGreaterThan(0);
    }
}, 120_000);

describe('what keeps the meaning is no difference', () => {
  const specs = [
    [NAME, base, spec] as const,
    [WIDE, wide, readSpec(WIDE, wide)] as const,
    ...FILES.map((file) => [file, specText(file) ?? '', readSpec(file, specText(file) ?? '')] as const),
  ];
  const ways: readonly (readonly [string, (of: typeof spec, draw: Draw) => string])[] = [
    ['other names', renamed],
    ['another order', reordered],
    ['another layout', (of, draw) => new Reflows(of.text, () => draw(1 << 30) / (1 << 30)).next().text],
  ];
  for (const [name, rewrite] of ways)
    test(name, () => {
      const changed = new Set<string>();
      for (const [file, text, of] of specs)
        for (let seed = 1; seed <= 2; seed++) {
          const other = rewrite(of, drawing(seed));
          if (other !== text) changed.add(file);
          for (const { node } of placesOf(of, 'method'))
            expect(said(counted(compared(file, text, other, node.name.text))), other).toEqual([]);
        }
      expect(changed.size).toBe(specs.length);
    }, 120_000);
});

test('two edits at two places are two rows', () => {
  const kinds = EDITS.filter(({ name }) =>
    ['another batch', 'a detach in a loss', 'another kernel', 'another constant of the CRF', 'another split', 'one more loss'].includes(
      name,
    ),
  );
  for (const first of kinds)
    for (const second of kinds) {
      if (first === second) continue;
      const once = edited(first, 7);
      const twice = once && second.make(readSpec(NAME, once), drawing(11));
      if (!twice) continue;
      const classes = counted(compared(NAME, base, twice)).map((r) => r.class);
      expect([...classes].sort(), `${first.name} and ${second.name}`).toEqual([first.class, second.class].sort());
    }
}, 120_000);

test('an edit of a library module is one row at its line there', () => {
  const library = 'std/backbones/small.wsss';
  const text = specText(library) ?? '';
  const stride = text.replace('layer layer3 = residual(widths[2], stride: 2', 'layer layer3 = residual(widths[2], stride: 1');
  expect(stride).not.toBe(text);
  const rows = compareMethods(side(NAME, base), side(NAME, base, undefined, { [library]: stride })).rows;
  expect(said(rows)).toEqual(['architecture: layer layer3 of small_residual: stride: 2 → stride: 1']);
  expect(rows[0].at.to?.file).toBe(library);
});
