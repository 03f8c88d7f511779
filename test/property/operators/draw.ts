/** Random sizes and values for operator cases: everything follows from one seed, so a failing case is repeated by its number. */
import type { DType, TensorType } from '../../../compiler/ops/graph.ts';
import { constant, type Dim, evaluate, variable } from '../../../compiler/shape/dim.ts';
import { type NdArray, ndarray, sizeOf } from '../../reference/ndarray.ts';

/** Which numbers an operator may be given. */
export type Domain = 'any' | 'positive' | 'whole' | 'flag';

export interface Given {
  readonly type: TensorType;
  readonly value: NdArray;
}

export class Draw {
  #state: number;
  readonly sizes: Record<string, number> = {};
  /** Values already given away: all differ by at least 0.02, so that small steps cross no kink and meet no tie. */
  readonly #taken = new Set<number>();

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  flag(): boolean {
    return this.unit() < 0.5;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)];
  }

  /** A named size, or (one time in five) a constant. */
  size(low: number, high: number): Dim {
    const value = this.int(low, high);
    if (this.int(0, 4) === 0) return constant(value);
    const name = `s${Object.keys(this.sizes).length}`;
    this.sizes[name] = value;
    return variable(name);
  }

  shape(rank: number, low = 1, high = 4): readonly Dim[] {
    return Array.from({ length: rank }, () => this.size(low, high));
  }

  /** The shape with some axes of length one and some leading axes left out. */
  narrowed(shape: readonly Dim[]): readonly Dim[] {
    const from = this.flag() ? this.int(0, shape.length) : 0;
    return shape.slice(from).map((d) => (this.int(0, 2) === 0 ? constant(1) : d));
  }

  order(length: number): readonly number[] {
    const items = Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }

  /** Some axes of a tensor, at least one. */
  axes(rank: number): readonly number[] {
    return this.order(rank)
      .slice(0, this.int(1, rank))
      .sort((a, b) => a - b);
  }

  #distinct(positive: boolean): number {
    for (;;) {
      const step = positive ? this.int(10, 4000) : this.int(-2000, 2000);
      if (this.#taken.has(step)) continue;
      this.#taken.add(step);
      return (step + 0.37) / 500;
    }
  }

  tensor(shape: readonly Dim[], domain: Domain = 'any', limit = 1): Given {
    const real = shape.map((d) => evaluate(d, this.sizes));
    const dtype: DType = domain === 'whole' ? 'i32' : domain === 'flag' ? 'bool' : 'f32';
    const values = Array.from({ length: sizeOf(real) }, () =>
      domain === 'whole' ? this.int(0, limit - 1) : domain === 'flag' ? this.int(0, 1) : this.#distinct(domain === 'positive'),
    );
    return { type: { dtype, shape }, value: ndarray(real, values) };
  }

  /** A float tensor of few different values, for what decides between equals. */
  tied(shape: readonly Dim[]): Given {
    const whole = this.tensor(shape, 'whole', 4);
    return {
      type: { dtype: 'f32', shape },
      value: ndarray(
        whole.value.shape,
        whole.value.data.map((v) => v - 1),
      ),
    };
  }

  value(d: Dim): number {
    return evaluate(d, this.sizes);
  }
}
