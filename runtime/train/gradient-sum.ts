/** Gradients and losses of a step that is computed in parts: of worker threads, of batches that are accumulated, or of both. */
import type { Tensor } from '../ops/tensor.ts';
import type { Separability } from '../program.ts';
import { toDevice } from './device.ts';

/** What a part tells of itself: its images, and what its graph counted. */
export interface PartSize {
  readonly images: number;
  readonly count: number;
}

/**
 * Factors of the parts, and what their sum is divided by (`Separability` has the formulas). A graph that couples its images is never split over
 * workers; batches of it that are accumulated are averaged by their images, as by hand in PyTorch.
 */
export function shares(
  separable: Separability | undefined,
  parts: readonly PartSize[],
): { readonly factors: readonly number[]; readonly total: number } {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  if (separable?.kind === 'sum') return { factors: parts.map(() => 1), total: 1 };
  if (separable?.kind !== 'ratio') return { factors: parts.map(({ images }) => images), total: sum(parts.map(({ images }) => images)) };
  const { floor = Number.NEGATIVE_INFINITY, plus } = separable;
  const bounded = (count: number): number => Math.max(count, floor) + plus;
  return { factors: parts.map(({ count }) => bounded(count)), total: bounded(sum(parts.map(({ count }) => count))) };
}

interface PartValues {
  /** float32, by parameter. */
  readonly gradients: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
  readonly losses: Readonly<Record<string, number>>;
}

/** Adds up parts in the order in which they come, in float64; rounded once at the end. Its memory is used again by the next step. */
export class GradientSum {
  readonly #sums = new Map<string, { readonly shape: readonly number[]; readonly data: Float64Array }>();
  readonly #parts: PartSize[] = [];
  readonly #separable: Separability | undefined;
  #losses: Record<string, number> = {};

  constructor(separable: Separability | undefined) {
    this.#separable = separable;
  }

  /** Forgets what was added. */
  clear(): void {
    for (const { data } of this.#sums.values()) data.fill(0);
    this.#parts.length = 0;
    this.#losses = {};
  }

  add({ gradients, losses }: PartValues, size: PartSize): void {
    const [factor] = shares(this.#separable, [size]).factors;
    this.#parts.push(size);
    for (const [key, { shape, data }] of gradients) {
      let sum = this.#sums.get(key);
      if (!sum) {
        sum = { shape, data: new Float64Array(data.length) };
        this.#sums.set(key, sum);
      }
      for (let i = 0; i < data.length; i++) sum.data[i] += factor * data[i];
    }
    for (const [name, value] of Object.entries(losses)) this.#losses[name] = (this.#losses[name] ?? 0) + factor * value;
  }

  losses(): Record<string, number> {
    const { total } = shares(this.#separable, this.#parts);
    return Object.fromEntries(Object.entries(this.#losses).map(([name, value]) => [name, value / total]));
  }

  /** New tensors, owned by the caller. */
  gradients(): Record<string, Tensor> {
    const { total } = shares(this.#separable, this.#parts);
    const made: Record<string, Tensor> = {};
    for (const [key, { shape, data }] of this.#sums) {
      const rounded = new Float32Array(data.length);
      for (let i = 0; i < data.length; i++) rounded[i] = data[i] / total;
      made[key] = toDevice({ shape, data: rounded });
    }
    return made;
  }
}
