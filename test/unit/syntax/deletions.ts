/** One token of a spec left out, and what is told of it. */
import { readFileSync } from 'node:fs';
import { SoundSpecs } from '../../../compiler/bind/sound-specs.ts';
import { checkFile } from '../../../compiler/check/check.ts';
import { syntax } from '../../../compiler/diagnostics/catalogue/syntax.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { positionAt } from '../../../compiler/source/source.ts';
import { specLexer } from '../../../grammar/read.ts';

export interface Deletion {
  /** `methods/cam.wsss:12 '{'` */
  readonly what: string;
  /** 0: the text without the token is a legal program. */
  readonly messages: number;
  /** A place of the first message is the token's line or the next. */
  readonly atLine: boolean;
  /** Something did not parse, and the checker said something too: as nothing else is wrong, it followed from that. */
  readonly followers: number;
}

const specs = new URL('../../../specs/', import.meta.url);
const sound = new SoundSpecs();
const texts = new Map<string, string | undefined>();

function read(name: string): string | undefined {
  if (!texts.has(name)) {
    try {
      texts.set(name, readFileSync(new URL(name, specs), 'utf8'));
    } catch {
      texts.set(name, undefined);
    }
  }
  return texts.get(name);
}

/** Number of tokens of a spec. */
export function tokenCount(name: string): number {
  return specLexer().tokenize(read(name) ?? '').tokens.length;
}

/** What is told of specs without one token; `indices` says which of each. */
export function* withoutToken(name: string, indices: Iterable<number>): Generator<Deletion> {
  const text = read(name) ?? '';
  const { tokens } = specLexer().tokenize(text);
  for (const index of indices) {
    const { startOffset, image } = tokens[index];
    const before = text.slice(0, startOffset);
    const after = text.slice(startOffset + image.length);
    // Two words that only the token kept apart would become one.
    const changed = before + (/\w$/.test(before) && /^\w/.test(after) ? ' ' : '') + after;
    const diagnostics = new Diagnostics();
    checkFile({ read: (wanted) => (wanted === name ? changed : read(wanted)) }, name, diagnostics, { sound });
    const messages = diagnostics.all;
    const line = before.split('\n').length;
    const places = messages.slice(0, 1).flatMap((m) => [m.span, ...m.labels.map((l) => l.span)]);
    const lines = places.filter((at) => at.file.name === name).map((at) => positionAt(at.file, at.start).line);
    const unread = messages.filter((m) => Object.hasOwn(syntax, m.code)).length;
    yield {
      what: `${name}:${line} '${image}'`,
      messages: messages.length,
      atLine: lines.some((l) => l === line || l === line + 1),
      followers: unread > 0 ? messages.length - unread : 0,
    };
  }
}
