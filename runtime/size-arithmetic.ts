/** Integer arithmetic of sizes, as generated programs call it and as size expressions in a program's meta data mean it. */

/** A size that cannot be worked out, or two sizes that disagree: a problem of the data given to a program. */
export class SizeError extends Error {
  override readonly name = 'SizeError';
  readonly code = 'run-sizes';
}

export function floorDiv(a: number, b: number): number {
  return Math.floor(a / b);
}

export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** a / b where b divides a. Throws SizeError where it does not. */
export function exactDiv(a: number, b: number): number {
  if (a % b !== 0) throw new SizeError(`${a} must be divisible by ${b}`);
  return a / b;
}

export function max(...values: readonly number[]): number {
  return Math.max(...values);
}

export function min(...values: readonly number[]): number {
  return Math.min(...values);
}

/** A float64 factor times a size, halves to the even neighbour: Python's and Pillow's rounding. */
export function round(factor: number, size: number): number {
  return roundHalfToEven(factor * size);
}

/** A float64 factor times a size, towards zero. */
export function int(factor: number, size: number): number {
  return Math.trunc(factor * size);
}

export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
