/** Arithmetic on static values: numbers and sizes. */
import {
  add,
  ceilDiv,
  constant,
  type Dim,
  exactDiv,
  floorDiv,
  intScaled,
  multiply,
  roundHalfEven,
  roundScaled,
  subtract,
} from '../shape/dim.ts';
import { number, size, type Value } from './values.ts';

/** A value as a size, where it is one: whole numbers, sizes, and quotients that divide exactly. */
export function asDim(value: Value): Dim | undefined {
  if (value.kind === 'dim') return value.dim;
  if (value.kind === 'number' && Number.isSafeInteger(value.value)) return constant(value.value);
  if (value.kind === 'ratio') return exactDiv(value.numerator, value.denominator);
  return undefined;
}

/** The result, or a word on why there is none. */
export type StaticResult = { readonly value: Value } | { readonly problem: 'operands' | 'zero' };

const OPERANDS: StaticResult = { problem: 'operands' };

export function staticBinary(operator: string, left: Value, right: Value): StaticResult {
  if (left.kind === 'number' && right.kind === 'number') return numbers(operator, left.value, right.value, left.integer && right.integer);
  if (left.kind === 'string' && right.kind === 'string' && operator === '+')
    return { value: { kind: 'string', value: left.value + right.value } };
  if (left.kind === 'list' && right.kind === 'list' && operator === '+')
    return { value: { kind: 'list', items: [...left.items, ...right.items] } };
  if (operator === '==' || operator === '!=') {
    const same = equal(left, right);
    if (same !== undefined) return { value: { kind: 'boolean', value: same === (operator === '==') } };
  }
  if (left.kind === 'boolean' && right.kind === 'boolean') {
    if (operator === 'and' || operator === '&') return { value: { kind: 'boolean', value: left.value && right.value } };
    if (operator === 'or' || operator === '|') return { value: { kind: 'boolean', value: left.value || right.value } };
    return OPERANDS;
  }
  if ((operator === '/' || operator === '//' || operator === '%') && right.kind === 'number' && right.value === 0)
    return { problem: 'zero' };
  return sizes(operator, left, right);
}

function numbers(operator: string, a: number, b: number, whole: boolean): StaticResult {
  switch (operator) {
    case '+':
      return { value: number(a + b, whole) };
    case '-':
      return { value: number(a - b, whole) };
    case '*':
      return { value: number(a * b, whole) };
    case '/':
      return b === 0 ? { problem: 'zero' } : { value: number(a / b, whole && a % b === 0) };
    case '//':
      return b === 0 ? { problem: 'zero' } : { value: number(Math.floor(a / b), whole) };
    case '%':
      return b === 0 ? { problem: 'zero' } : { value: number(((a % b) + b) % b, whole) };
    case '^':
      return { value: number(a ** b, whole && b >= 0) };
    case '<':
      return { value: { kind: 'boolean', value: a < b } };
    case '<=':
      return { value: { kind: 'boolean', value: a <= b } };
    case '>':
      return { value: { kind: 'boolean', value: a > b } };
    case '>=':
      return { value: { kind: 'boolean', value: a >= b } };
    case '==':
      return { value: { kind: 'boolean', value: a === b } };
    case '!=':
      return { value: { kind: 'boolean', value: a !== b } };
    default:
      return OPERANDS;
  }
}

function sizes(operator: string, left: Value, right: Value): StaticResult {
  if (operator === '*') {
    if (left.kind === 'number' && !left.integer && right.kind === 'dim')
      return { value: { kind: 'scaled', factor: left.value, dim: right.dim } };
    if (right.kind === 'number' && !right.integer && left.kind === 'dim')
      return { value: { kind: 'scaled', factor: right.value, dim: left.dim } };
    if (left.kind === 'number' && right.kind === 'scaled') return { value: { ...right, factor: left.value * right.factor } };
    if (right.kind === 'number' && left.kind === 'scaled') return { value: { ...left, factor: left.factor * right.value } };
  }
  const a = asDim(left);
  const b = asDim(right);
  if (!a || !b) return quotients(operator, left, right);
  switch (operator) {
    case '+':
      return { value: size(add(a, b)) };
    case '-':
      return { value: size(subtract(a, b)) };
    case '*':
      return { value: size(multiply(a, b)) };
    case '/':
      return { value: { kind: 'ratio', numerator: a, denominator: b } };
    case '//':
      return { value: size(floorDiv(a, b)) };
    default:
      return OPERANDS;
  }
}

interface Quotient {
  readonly numerator: Dim;
  readonly denominator: Dim;
}

/** Arithmetic with quotients of sizes that are no sizes themselves: `H / 8 * 2` is `2H / 8`. */
function quotients(operator: string, left: Value, right: Value): StaticResult {
  const a = quotient(left);
  const b = quotient(right);
  if (!a || !b) return OPERANDS;
  const of = (numerator: Dim, denominator: Dim): StaticResult => {
    const whole = exactDiv(numerator, denominator);
    return { value: whole ? size(whole) : { kind: 'ratio', numerator, denominator } };
  };
  const crossed = [multiply(a.numerator, b.denominator), multiply(b.numerator, a.denominator)] as const;
  const below = multiply(a.denominator, b.denominator);
  switch (operator) {
    case '+':
      return of(add(...crossed), below);
    case '-':
      return of(subtract(...crossed), below);
    case '*':
      return of(multiply(a.numerator, b.numerator), below);
    case '/':
      return of(...crossed);
    default:
      return OPERANDS;
  }
}

function quotient(value: Value): Quotient | undefined {
  if (value.kind === 'ratio') return value;
  const whole = asDim(value);
  return whole && { numerator: whole, denominator: constant(1) };
}

export function equal(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'number' && b.kind === 'number') return a.value === b.value;
  if (a.kind === 'string' && b.kind === 'string') return a.value === b.value;
  if (a.kind === 'boolean' && b.kind === 'boolean') return a.value === b.value;
  if (a.kind === 'symbol' && b.kind === 'symbol') return a.name === b.name;
  if (a.kind === 'dim' && b.kind === 'dim' && a.dim === b.dim) return true;
  if (a.kind === 'list' && b.kind === 'list') {
    if (a.items.length !== b.items.length) return false;
    for (let i = 0; i < a.items.length; i++) {
      const same = equal(a.items[i], b.items[i]);
      if (same !== true) return same;
    }
    return true;
  }
  return undefined;
}

/** `ceil`, `floor`, `round` (half to even) and `int` (towards zero) of a static value. */
export function roundStatic(how: 'ceil' | 'floor' | 'round' | 'int', value: Value): Value | undefined {
  switch (value.kind) {
    case 'number': {
      const v = value.value;
      const whole = how === 'ceil' ? Math.ceil(v) : how === 'floor' ? Math.floor(v) : how === 'int' ? Math.trunc(v) : roundHalfEven(v);
      return number(whole, true);
    }
    case 'dim':
      return value;
    case 'scaled':
      if (how === 'round') return size(roundScaled(value.factor, value.dim));
      return how === 'int' || how === 'floor' ? size(intScaled(value.factor, value.dim)) : undefined;
    case 'ratio':
      if (how === 'ceil') return size(ceilDiv(value.numerator, value.denominator));
      return how === 'floor' || how === 'int' ? size(floorDiv(value.numerator, value.denominator)) : undefined;
    default:
      return undefined;
  }
}
