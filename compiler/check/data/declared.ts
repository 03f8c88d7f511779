/** Levels of supervision that a method declares and nothing of it reads. */
import type { Identifier } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { requiredSupervision } from '../supervision.ts';

export interface Reads {
  /** Kinds of the inputs of a training step. */
  readonly kinds: readonly Parameters<typeof requiredSupervision>[0][];
  /** Whether anything else reads tags: inference programs, pairs. */
  readonly tags: boolean;
  /** Levels that the data sets bring with them. */
  readonly sources: readonly string[];
}

/** Levels that inputs or data sets stand for; the others are read by given artefacts, which only a pipeline knows. */
const WATCHED: readonly string[] = ['tags', 'saliency', 'masks', 'pseudo_masks', 'single_label_images', 'web_images'];

/** Warns at each level that nothing reads: a reader of the paper would think that it was needed. */
export function warnUnread(E: Elaboration, levels: readonly Identifier[], reads: Reads): void {
  const accepted = reads.kinds.flatMap((kind) => requiredSupervision(kind) ?? []);
  for (const { text, span } of levels) {
    const read = accepted.includes(text) || (text === 'tags' && reads.tags) || reads.sources.includes(text);
    if (!read && WATCHED.includes(text))
      E.report('supervision-unused', span, { level: text }, { hint: 'leave it out, or let an input read it' });
  }
}
