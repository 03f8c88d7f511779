import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SoundSpecs } from '../../../compiler/bind/sound-specs.ts';
import type { CheckedFile } from '../../../compiler/check/check.ts';
import { syntax } from '../../../compiler/diagnostics/catalogue/syntax.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { generator, mangleTokens, tokensOf } from '../syntax/mangle.ts';
import { mangleBytes } from '../syntax/mangle-bytes.ts';
import { checkWith, SPECS, specText } from './checking.ts';

const long = process.env.WSSS_LONG === '1';
// With those of the reader (test/unit/syntax/fuzz.test.ts) 10,000 cases.
const rounds = long ? 20_000 : 2_000;
const files = readdirSync(SPECS, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.wsss'))
  .sort();
/** Methods of their own in a file without another's: all other files are, or import, whole networks of the papers, whose check costs twenty times as much. */
const SMALL: ReadonlySet<string> = new Set(['examples/quickstart.wsss', 'examples/smoke.wsss', 'templates/cam.wsss']);
const library = files.filter((f) => f.startsWith('std/'));
const small = files.filter((f) => SMALL.has(f) || f.startsWith('datasets/'));
const large = files.filter((f) => !small.includes(f) && !library.includes(f));

/** The file that is mangled, and the method's file that is checked with it. */
function chosen(random: () => number): { readonly name: string; readonly checked: string } {
  const among = (of: readonly string[]): string => of[Math.floor(random() * of.length)];
  const kind = random();
  // The library is checked where it is called.
  if (kind < 0.5) return { name: among(library), checked: among(small) };
  const name = among(kind < 0.53 ? large : small);
  return { name, checked: name };
}

/** Trees of the files that are not mangled: most of a check would be reading them again. */
const sound = new SoundSpecs();

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

function declaredMethods(checked: CheckedFile | undefined): readonly string[] {
  return (checked?.file.declared ?? []).flatMap(({ declaration: d }) => (d.kind === 'method' || d.kind === 'variant' ? [d.name.text] : []));
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
  let readable = 0;
  let tooMuch = 0;
  for (let i = 0; i < rounds; i++) {
    // The runner wants to hear from its worker now and then.
    if (i % 5 === 0) await new Promise((done) => setImmediate(done));
    const { name, checked: root } = chosen(random);
    const original = specText(name) ?? '';
    const kind = random();
    const text =
      kind < 0.6
        ? exchanged(original, random)
        : kind < 0.8
          ? mangleTokens(tokensOf(original), random)
          : kind < 0.9
            ? smudged(original, random)
            : mangleBytes(original, random);
    try {
      const { checked, diagnostics } = checkWith(root, new Map([[name, text]]), { sound });
      if (!diagnostics.all.some(({ code }) => Object.hasOwn(syntax, code))) readable++;
      if (diagnostics.all.some(({ code }) => code === 'too-much-work')) tooMuch++;
      // What is refused says so: a method without a message is whole.
      if (!diagnostics.hasErrors) for (const method of declaredMethods(checked)) expect(checked?.methods.has(method)).toBe(true);
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
  expect(problems).toBeGreaterThan(rounds * 0.3);
  // Most mangled texts end in the reader; enough must come to the checker.
  expect(readable).toBeGreaterThan(rounds * 0.3);
  // Its steps are bounded; a mangled spec hardly ever asks for so many.
  expect(tooMuch).toBeLessThanOrEqual(rounds * 0.01);
}, 1_800_000);
