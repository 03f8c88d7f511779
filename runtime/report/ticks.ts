/** A scale from data to drawing, with round ticks. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/**
 * A linear scale that covers `values` (finite ones only) with about `count` ticks at 1, 2 or 5 times a power of ten. The ends are ticks
 * when `round`, else the data's own ends. A single value gets room on both sides; no value gives 0 to 1.
 */
export function linearScale(values: Iterable<number>, count: number, round: boolean): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) {
    const room = Math.abs(low) / 2 || 0.5;
    [low, high] = [low - room, high + room];
  }
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * 0.999) ?? 10;
  const step = factor * power;
  const first = round ? Math.floor(low / step + 1e-9) : Math.ceil(low / step - 1e-9);
  const last = round ? Math.ceil(high / step - 1e-9) : Math.floor(high / step + 1e-9);
  // Multiplying and rounding to the step's digits keeps 0.30000000000000004 out of the labels.
  const digits = Math.max(0, Math.min(20, -Math.floor(Math.log10(step))));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  return round ? { low: ticks[0], high: ticks[ticks.length - 1], ticks } : { low, high, ticks };
}
