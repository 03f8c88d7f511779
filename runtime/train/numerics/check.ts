/** `--check-numerics`: looks at the result of every operator, and stops at the first value that is no finite number. */

import { backendName } from '../../ops/run.ts';
import type { Tensor } from '../../ops/tensor.ts';
import { heap } from '../../ops/typed/heap.ts';
import { RunError } from '../errors.ts';
import { generatedLines, type LineMap, type Located, locate } from './line-map.ts';

export interface CheckedInput {
  readonly tensor: Tensor;
  /** Shape and range in words. */
  readonly text: string;
}

/** Thrown in the middle of a graph; `found.ts` says in which step, for which images. */
export class NonFiniteValue extends Error {
  override readonly name = 'NonFiniteValue';
  readonly operator: string;
  readonly result: string;
  readonly inputs: readonly CheckedInput[];
  readonly at: Located;

  constructor(operator: string, result: string, inputs: readonly CheckedInput[], at: Located) {
    super(`${operator} gives ${result}`);
    this.operator = operator;
    this.result = result;
    this.inputs = inputs;
    this.at = at;
  }
}

/**
 * The operators of the runtime, each looking at its float32 result. A program is bound to them when it is loaded, so that a run without the check
 * does not pay for it. Infinities that the spec writes down itself (a fill with infinity, and what is made of it) pass; what is not a number never does.
 */
export function checkedOperators(
  operators: Readonly<Record<string, unknown>>,
  program: { readonly text: string; readonly label: string; readonly lines: LineMap },
): Readonly<Record<string, unknown>> {
  /** Tensors that hold infinities on purpose. */
  const meant = new WeakSet<Tensor>();
  const checked = (name: string, operator: unknown): unknown => {
    if (typeof operator !== 'function') return operator;
    const look = (...args: readonly unknown[]): unknown => {
      const result: unknown = Reflect.apply(operator, undefined, args);
      if (!isTensor(result) || result.dtype !== 'float32') return result;
      const worst = worstOf(valuesOf(result));
      if (worst === undefined) return result;
      const inputs = args.flat().filter(isTensor);
      if (worst === 'infinite' && (inputs.length === 0 || inputs.some((input) => meant.has(input)))) {
        meant.add(result);
        return result;
      }
      const described = inputs.map((tensor) => ({ tensor, text: describe(tensor) }));
      throw new NonFiniteValue(name, describe(result), described, locate(stackLines(program.label), program.text, program.lines));
    };
    return look;
  };
  return Object.fromEntries(Object.entries(operators).map(([name, operator]) => [name, checked(name, operator)]));
}

function stackLines(label: string): readonly number[] {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  try {
    return generatedLines(new Error('here').stack ?? '', label);
  } finally {
    Error.stackTraceLimit = before;
  }
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'dtype' in value;
}

function valuesOf(tensor: Tensor): ArrayLike<number> {
  const memory = heap();
  if (memory) return memory.values(tensor);
  if (backendName() === 'webgpu') {
    throw new RunError(
      'run-usage',
      '--check-numerics reads every value as soon as it is computed, which webgpu cannot do',
      'Give another backend: --backend wasm.',
    );
  }
  return tensor.dataSync();
}

function worstOf(values: ArrayLike<number>): 'infinite' | 'not a number' | undefined {
  let infinite = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value === 0) continue;
    if (Number.isNaN(value)) return 'not a number';
    infinite = true;
  }
  return infinite ? 'infinite' : undefined;
}

/** `[4, 8] from -1.5 to 2`, and how many values are none of the finite ones. */
function describe(tensor: Tensor): string {
  const values = valuesOf(tensor);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  const odd = { NaN: 0, Infinity: 0, '-Infinity': 0 };
  let zeros = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === 0) zeros++;
    if (Number.isNaN(value)) odd.NaN++;
    else if (value === Number.POSITIVE_INFINITY) odd.Infinity++;
    else if (value === Number.NEGATIVE_INFINITY) odd['-Infinity']++;
    else {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const facts: string[] = [];
  if (least === most) facts.push(`finite values all ${short(least)}`);
  else if (least < most) facts.push(`finite values from ${short(least)} to ${short(most)}`);
  if (zeros > 0 && least !== most) facts.push(`${zeros} of ${values.length} are 0`);
  for (const [name, count] of Object.entries(odd)) if (count > 0) facts.push(`${count} of ${values.length} are ${name}`);
  return `${tensor.dtype} [${tensor.shape.join(', ')}]: ${facts.join(', ') || 'no values'}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
