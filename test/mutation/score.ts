/** What the checker makes of a mistake: told or not, where, in how many messages. */
import { readFileSync } from 'node:fs';
import { SoundSpecs } from '../../compiler/bind/sound-specs.ts';
import { type CheckedFile, checkFile } from '../../compiler/check/check.ts';
import { compileMethod } from '../../compiler/compile.ts';
import { type Diagnostic, Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { hashProgram } from '../../compiler/ir/identity.ts';
import { positionAt, type Span } from '../../compiler/source/source.ts';
import type { Mutant } from './generate.ts';

export interface Outcome {
  readonly mutant: Mutant;
  /** Nothing is told, and the canonical programs, pipelines and data sets are those of the correct spec: no mistake at all. */
  readonly same: boolean;
  readonly messages: readonly Diagnostic[];
  /** The first message, or a label of it, stands where the edit is, or where something is used that the edited statement declares. */
  readonly atLine: boolean;
  /** Lines of the edit, from 1. */
  readonly lines: readonly number[];
}

const sound = new SoundSpecs();
const texts = new Map<string, string | undefined>();

function read(name: string): string | undefined {
  if (!texts.has(name)) {
    try {
      texts.set(name, readFileSync(new URL(`../../specs/${name}`, import.meta.url), 'utf8'));
    } catch {
      texts.set(name, undefined);
    }
  }
  return texts.get(name);
}

function check(name: string, text: string): { readonly checked: CheckedFile | undefined; readonly diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics();
  const checked = checkFile({ read: (wanted) => (wanted === name ? text : read(wanted)) }, name, diagnostics, { sound });
  return { checked, diagnostics };
}

/** Everything a file says, without places: hashes of its programs, its pipelines and its data sets. */
function meaning(checked: CheckedFile | undefined): string {
  const methods = [...(checked?.methods.values() ?? [])].map((method) => {
    const compiled = compileMethod(method);
    return [method.name, compiled.ok ? hashProgram(compiled.program) : 'does not compile', method.pipeline];
  });
  return JSON.stringify([methods, checked?.datasets], (key, value) => (key === 'span' ? undefined : value));
}

const meanings = new Map<string, string>();

function meaningOf(name: string, text: string): string {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  const found = meaning(check(name, text).checked);
  meanings.set(name, found);
  return found;
}

export function score(mutant: Mutant): Outcome {
  const { spec, text, site } = mutant;
  const { checked, diagnostics } = check(spec.name, text);
  const messages = diagnostics.all;
  const same = !diagnostics.hasErrors && meaning(checked) === meaningOf(spec.name, spec.text);
  const lines = linesOf(text, site.start, site.start + site.text.length);
  return { mutant, same, messages, lines, atLine: messages.length > 0 && isTold(mutant, messages[0], lines) };
}

function linesOf(text: string, start: number, end: number): readonly number[] {
  const first = text.slice(0, start).split('\n').length;
  return text
    .slice(start, end)
    .split('\n')
    .map((_, i) => first + i);
}

/** Whether a message leads the author to the mistake. */
function isTold({ spec, text, site }: Mutant, message: Diagnostic, lines: readonly number[]): boolean {
  const blamed = site.blames.map((name) => (name === '*' ? /./ : new RegExp(`\\b${name}\\b`)));
  const leads = (at: Span): boolean => {
    if (at.file.name !== spec.name) return false;
    const { line } = positionAt(at.file, at.start);
    const words = text.split('\n')[line - 1] ?? '';
    return lines.includes(line) || blamed.some((name) => name.test(words));
  };
  return [message.span, ...message.labels.map((label) => label.span)].some(leads);
}

export interface Score {
  readonly trials: number;
  readonly same: number;
  readonly mistakes: number;
  readonly reported: number;
  readonly atLine: number;
  /** Of messages over the reported ones. */
  readonly median: number;
}

export function total(outcomes: readonly Outcome[]): Score {
  const mistakes = outcomes.filter((o) => !o.same);
  const reported = mistakes.filter((o) => o.messages.length > 0);
  const counts = reported.map((o) => o.messages.length).sort((a, b) => a - b);
  return {
    trials: outcomes.length,
    same: outcomes.length - mistakes.length,
    mistakes: mistakes.length,
    reported: reported.length,
    atLine: reported.filter((o) => o.atLine).length,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
  };
}
