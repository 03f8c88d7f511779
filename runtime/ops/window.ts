/** Sizes of sliding windows, PyTorch's rules. */

/** top, bottom, left, right. */
export type Padding = readonly [number, number, number, number];
export type Pair = readonly [number, number];

/** floor((n + before + after - dilation (k - 1) - 1) / stride) + 1. */
export function windowCount(n: number, k: number, stride: number, before: number, after: number, dilation: number): number {
  return Math.floor((n + before + after - dilation * (k - 1) - 1) / stride) + 1;
}

/** As `windowCount` without dilation, rounded up when `ceil`: but the last window must start inside the input or the padding before it. */
export function poolCount(n: number, k: number, stride: number, before: number, after: number, ceil: boolean): number {
  const span = n + before + after - k;
  if (!ceil) return Math.floor(span / stride) + 1;
  const count = Math.ceil(span / stride) + 1;
  return (count - 1) * stride >= n + before ? count - 1 : count;
}

/**
 * XNNPACK keeps one float a channel on the stack of the wasm module while it averages large windows, and that stack is 64 KiB. Beyond this many
 * channels the module traps, so other ways are taken.
 */
export const STOCK_POOL_CHANNELS = 4096;

/** Names both sides where a window does not fit. */
export function requireFit(count: number, operator: string, shape: readonly number[]): void {
  if (count < 1) throw new RangeError(`${operator}: the window is larger than the padded input [${shape.join(', ')}]`);
}
