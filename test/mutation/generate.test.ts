import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { sourceFile } from '../../compiler/source/source.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { generate, KINDS, readSpecs, SEED, TRIALS } from './generate.ts';

const specs = readSpecs();

describe('the mistakes of the mutation test', () => {
  const mutants = generate(specs);

  test('are as many as there are trials, each another one', () => {
    expect(mutants).toHaveLength(TRIALS);
    expect(new Set(mutants.map((m) => `${m.spec.name}\n${m.text}`)).size).toBe(TRIALS);
  });

  test('follow from the seed alone', () => {
    expect(generate(readSpecs()).map((m) => m.text)).toEqual(mutants.map((m) => m.text));
    expect(generate(specs, TRIALS, SEED + 1).map((m) => m.text)).not.toEqual(mutants.map((m) => m.text));
  });

  test.each(mutants.map((m) => [`${m.number} ${m.kind.name} in ${m.spec.name}`, m] as const))('%s: one edit, and still a spec', (_, m) => {
    const { start, end, text } = m.site;
    expect(m.text).not.toBe(m.spec.text);
    expect([m.text.slice(0, start), m.text.slice(start, start + text.length), m.text.slice(start + text.length)]).toEqual([
      m.spec.text.slice(0, start),
      text,
      m.spec.text.slice(end),
    ]);
    // The mistakes are ones of meaning: what is written still reads as a spec.
    const diagnostics = new Diagnostics();
    parse(sourceFile(m.spec.name, m.text), diagnostics);
    // What is watched has no weight and no epochs: where the loss has, the line no longer reads.
    if (m.kind.name === 'watched-loss' && / (weight|from|until|when) /.test(m.text.slice(start, m.text.indexOf('=', start)))) return;
    expect(diagnostics.all.map((d) => d.message)).toEqual([]);
  });

  test('are of nearly every kind, and kinds have names of their own', () => {
    expect(new Set(KINDS.map((k) => k.name)).size).toBe(KINDS.length);
    const made = new Set(mutants.map((m) => m.kind.name));
    const possible = KINDS.filter((kind) => specs.some((spec) => kind.sites(spec).length > 0)).map((k) => k.name);
    expect(possible.length).toBeGreaterThan(45);
    expect(possible.filter((name) => !made.has(name)).length).toBeLessThanOrEqual(2);
  });
});
