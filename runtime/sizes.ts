/** Sizes as data: evaluating the size expressions of a program, and binding its free dimensions from the shapes that arrive. */

import type { Dimensions, GraphEntry, GraphPort, SizeJson } from './program.ts';
import * as arithmetic from './size-arithmetic.ts';
import { SizeError } from './size-arithmetic.ts';

/**
 * The value of a size expression. Operations, all of integers: add, sub, mul, floordiv, ceildiv, exactdiv, max, min; `round` (half to even) and
 * `int` (towards zero) of a float64 factor times a size: ["round", 0.5, "H"]. Throws SizeError for an unknown dimension or operation.
 */
export function evaluateSize(size: SizeJson, dims: Dimensions): number {
  if (typeof size === 'number') return size;
  if (typeof size === 'string') {
    const value = dims[size];
    if (value === undefined) throw new SizeError(`the dimension ${size} has no value; known are ${Object.keys(dims).join(', ') || 'none'}`);
    return value;
  }
  const [operation, ...operands] = size;
  const values = operands.map((operand) => evaluateSize(operand, dims));
  const [a, b] = values;
  switch (operation) {
    case 'add':
      return values.reduce((total, value) => total + value, 0);
    case 'sub':
      return a - b;
    case 'mul':
      return values.reduce((product, value) => product * value, 1);
    case 'floordiv':
      return arithmetic.floorDiv(a, b);
    case 'ceildiv':
      return arithmetic.ceilDiv(a, b);
    case 'exactdiv':
      if (a % b !== 0) throw new SizeError(`${showSize(operands[0])} = ${a} must be divisible by ${b}`);
      return a / b;
    case 'max':
      return Math.max(...values);
    case 'min':
      return Math.min(...values);
    case 'round':
      return arithmetic.round(a, b);
    case 'int':
      return arithmetic.int(a, b);
    default:
      throw new SizeError(`unknown size operation '${operation}'`);
  }
}

/** A size as a person reads it: `ceil(H / 16)`. */
export function showSize(size: SizeJson): string {
  if (typeof size === 'number' || typeof size === 'string') return String(size);
  const [operation, ...operands] = size;
  const parts = operands.map(showSize);
  switch (operation) {
    case 'add':
      return parts.join(' + ');
    case 'sub':
      return parts.join(' - ');
    case 'mul':
      return parts.join('*');
    case 'floordiv':
      return `floor(${parts.join(' / ')})`;
    case 'ceildiv':
      return `ceil(${parts.join(' / ')})`;
    case 'exactdiv':
      return parts.join('/');
    default:
      return `${operation}(${parts.join(', ')})`;
  }
}

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Binds the free dimensions of a graph from the real shapes of some of its inputs: bare names first, then every other size is checked. Throws
 * SizeError naming the input, the expected and the found shape.
 */
export function bindDimensions(
  ports: readonly GraphPort[],
  role: GraphPort['role'],
  given: readonly NamedShape[],
  known: Dimensions,
): Dimensions {
  const dims: Record<string, number> = { ...known };
  const shapes = new Map(given.map((entry) => [entry.name, entry.shape]));
  const wanted = ports.filter((port) => port.role === role);
  for (const port of wanted) {
    const shape = shapes.get(port.name);
    if (shape === undefined) throw new SizeError(`the program's input '${port.name}' was not given`);
    if (shape.length !== port.shape.length) throw mismatch(port, shape, dims);
    port.shape.forEach((size, axis) => {
      if (typeof size === 'string' && dims[size] === undefined) dims[size] = shape[axis];
    });
  }
  for (const port of wanted) {
    const shape = shapes.get(port.name) ?? [];
    if (port.shape.some((size, axis) => evaluateSize(size, dims) !== shape[axis])) throw mismatch(port, shape, dims);
  }
  return dims;
}

function mismatch(port: GraphPort, shape: readonly number[], dims: Dimensions): SizeError {
  const bound = Object.entries(dims)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
  return new SizeError(
    `input '${port.name}': expected [${port.shape.map(showSize).join(', ')}]${bound ? ` with ${bound}` : ''}, found [${shape.join(', ')}]`,
  );
}

/** Checks what the compiler could not prove. Throws SizeError with the reason and the place in the spec. */
export function checkAssertions(entry: GraphEntry, dims: Dimensions): void {
  for (const { left, relation, right, reason, at } of entry.assertions) {
    const a = evaluateSize(left, dims);
    const b = evaluateSize(right, dims);
    const holds = relation === '==' ? a === b : relation === '>=' ? a >= b : a % b === 0;
    if (!holds) throw new SizeError(`${at}: ${reason}: ${showSize(left)} = ${a} must be ${relation} ${showSize(right)} = ${b}`);
  }
}
