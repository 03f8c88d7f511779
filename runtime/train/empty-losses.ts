import type { LogRecord } from './log.ts';

/** Share of its steps in which a loss may be without anything to compare. */
export const MOST_EMPTY = 0.05;

export interface EmptyLoss {
  readonly loss: string;
  /** Steps in which it was exactly zero, of those in which it was part of the total. */
  readonly empty: number;
  readonly steps: number;
}

/**
 * Losses that were exactly zero in more than a twentieth of their steps: a mean over no pixels, pairs or seeds is defined as zero, and a loss over some
 * is hardly ever. Steps before a loss begins and after it ends have no entry and do not count.
 */
export function emptyLosses(log: readonly LogRecord[], losses: readonly string[]): readonly EmptyLoss[] {
  return losses.flatMap((loss) => {
    const values = log.flatMap((record) => record.losses[loss] ?? []);
    const empty = values.filter((value) => value === 0).length;
    return empty > MOST_EMPTY * values.length ? [{ loss, empty, steps: values.length }] : [];
  });
}

/** In words, for a warning or a failure. */
export function emptyLossText({ loss, empty, steps }: EmptyLoss): string {
  return `the loss '${loss}' was exactly zero in ${empty} of ${steps} steps: no pixels, pairs or seeds to learn from`;
}
