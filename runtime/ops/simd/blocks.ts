/** How many pixels (or inner indices) pass by while the sums stay in registers. */

/**
 * Both streams of a block should stay in the first caches, but the block must be long enough to pay for loading and storing m·n sums: longer
 * where the sums themselves do not fit the cache.
 */
export function innerBlock(m: number, n: number): number {
  if (m * n <= 1 << 16) return 64;
  return m * n <= 1 << 19 ? 192 : 512;
}
