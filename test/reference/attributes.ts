/** Attributes with every size replaced by its number, and their typed reading. */
import type { Attrs, AttrValue } from '../../compiler/ops/graph.ts';
import { evaluate, isDim } from '../../compiler/shape/dim.ts';
import type { NdArray } from './ndarray.ts';

export type Sizes = Readonly<Record<string, number>>;
export type NumericValue = number | string | boolean | readonly NumericValue[];

export class Attributes {
  readonly #values: ReadonlyMap<string, NumericValue>;

  constructor(attrs: Attrs, sizes: Sizes) {
    this.#values = new Map(Object.entries(numericAttributes(attrs, sizes)));
  }

  number(name: string): number {
    const value = this.#values.get(name);
    if (typeof value !== 'number') throw new Error(`attribute ${name} is no number`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#values.get(name);
    if (typeof value !== 'boolean') throw new Error(`attribute ${name} is no flag`);
    return value;
  }

  word(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== 'string') throw new Error(`attribute ${name} is no word`);
    return value;
  }

  numbers(name: string): readonly number[] {
    const value = this.#values.get(name);
    if (typeof value !== 'object') throw new Error(`attribute ${name} is no list`);
    return value.map((item) => {
      if (typeof item !== 'number') throw new Error(`attribute ${name} holds something else than numbers`);
      return item;
    });
  }
}

/** Attributes as a program has them when it runs: sizes are numbers. */
export function numericAttributes(attrs: Attrs, sizes: Sizes): Readonly<Record<string, NumericValue>> {
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, numeric(value, sizes)]));
}

function isList(value: AttrValue): value is readonly AttrValue[] {
  return Array.isArray(value);
}

function numeric(value: AttrValue, sizes: Sizes): NumericValue {
  if (isList(value)) return value.map((item) => numeric(item, sizes));
  return isDim(value) ? evaluate(value, sizes) : value;
}

/** A primitive as plain loops over float64 numbers. */
export type Reference = (inputs: readonly NdArray[], attrs: Attributes) => NdArray;
