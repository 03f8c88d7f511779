import type { LogRecord } from './log.ts';

/** Steps at either end of a log that are held against each other. */
const WINDOW = 10;
/** How far above the first ones the last losses have to lie. */
const FACTOR = 10;

/**
 * A sentence where a training has moved away from its goal, though every loss was finite: the median total loss of the last ten steps is more than ten
 * times that of the first ten. Undefined otherwise, and for logs of fewer than two such windows.
 */
export function divergence(log: readonly LogRecord[]): string | undefined {
  const totals = log.flatMap(({ losses }) => (losses.total === undefined ? [] : [losses.total]));
  if (totals.length < 2 * WINDOW) return undefined;
  const first = median(totals.slice(0, WINDOW));
  const last = median(totals.slice(-WINDOW));
  if (first <= 0 || last <= FACTOR * first) return undefined;
  return `warning: the training diverged: the loss rose from ${first.toPrecision(3)} to ${last.toPrecision(3)} (medians of the first and last ${WINDOW} steps, more than ${FACTOR} times as much); a smaller lr, a warmup or clip may help`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
