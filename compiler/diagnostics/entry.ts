/**
 * What the catalogue is made of. A message is a tagged template whose hole names become required keys of the report call, so that a
 * message can never be shown with a hole left open: forgetting one is a compile error (TypeSpec's practice).
 */
import type { FrameName } from './frames.ts';

export type Severity = 'error' | 'warning';

/** Text with named holes; `parts` has one element more than `holes`. */
export interface Message<Hole extends string = string> {
  readonly parts: readonly string[];
  readonly holes: readonly Hole[];
}

/** What `wsss explain CODE` prints: why the rule exists, and what to do. */
export type Explanation = Example | Situation;

/** A text that breaks the rule, and the same put right. A test holds that the first gives this one message and the second none. */
export interface Example {
  readonly why: string;
  /** What stands around both texts. */
  readonly frame: FrameName;
  readonly wrong: string;
  readonly right: string;
}

/** A message that no text of a spec brings about by itself. */
export interface Situation {
  readonly why: string;
  /** What to do then. */
  readonly instead: string;
  /** Why there is no example. */
  readonly outside: string;
}

export interface CatalogueEntry<Hole extends string = string> {
  readonly severity: Severity;
  readonly message: Message<Hole>;
  readonly explain: Explanation;
}

/** Builds a message: ``message`unknown name '${'name'}'` `` has the one hole `name`. */
export function message<const Holes extends readonly string[]>(parts: TemplateStringsArray, ...holes: Holes): Message<Holes[number]> {
  return { parts: [...parts], holes };
}

/** Fills the holes. Numbers are printed as JavaScript prints them. */
export function fill(text: Message, values: Readonly<Record<string, string | number>>): string {
  let out = text.parts[0] ?? '';
  for (const [i, hole] of text.holes.entries()) out += String(values[hole]) + (text.parts[i + 1] ?? '');
  return out;
}

export function error<Hole extends string>(text: Message<Hole>, explain: Explanation): CatalogueEntry<Hole> {
  return { severity: 'error', message: text, explain };
}

export function warning<Hole extends string>(text: Message<Hole>, explain: Explanation): CatalogueEntry<Hole> {
  return { severity: 'warning', message: text, explain };
}
