/** Symbolic sizes as TypeScript expressions, as the JSON of a program's meta data, and as names. */
import { constantOf, type Dim, type Term } from '../../shape/dim.ts';
import type { Atom } from '../../shape/normal-form.ts';
import { asCeiling } from '../../shape/quotient.ts';
import { show } from '../../shape/show.ts';
import { identifier, numberLiteral } from './escape.ts';

/** The form of `SizeJson` in `runtime/program.ts`. */
export type Size = number | string | readonly [string, ...Size[]];

function atomSize(atom: Atom): Size {
  switch (atom.kind) {
    case 'variable':
      return atom.name;
    case 'exact':
      return ['exactdiv', atom.name, atom.by];
    case 'floor': {
      const above = asCeiling(atom.numerator, atom.divisor);
      return above ? ['ceildiv', sizeOf(above), sizeOf(atom.divisor)] : ['floordiv', sizeOf(atom.numerator), sizeOf(atom.divisor)];
    }
    case 'max':
    case 'min':
      return [atom.kind, ...atom.of.map(sizeOf)];
    case 'round':
    case 'int':
      return [atom.kind, atom.factor, sizeOf(atom.of)];
  }
}

function termSize(term: Term): Size {
  const factors = term.atoms.map(atomSize);
  if (factors.length === 0) return term.coefficient;
  if (term.coefficient !== 1) factors.unshift(term.coefficient);
  return factors.length === 1 ? factors[0] : ['mul', ...factors];
}

/** A dimension as the runtime's size expression. */
export function sizeOf(dim: Dim): Size {
  const value = constantOf(dim);
  if (value !== undefined) return value;
  const terms = dim.terms.map(termSize);
  return terms.length === 1 ? terms[0] : ['add', ...terms];
}

const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['floordiv', 'floorDiv'],
  ['ceildiv', 'ceilDiv'],
  ['exactdiv', 'exactDiv'],
  ['max', 'max'],
  ['min', 'min'],
  ['round', 'round'],
  ['int', 'int'],
]);

/** A dimension as an expression; `local` names the variable that holds a free dimension. */
export function sizeExpression(dim: Dim, local: (name: string) => string): string {
  const write = (size: Size, factor: boolean): string => {
    if (typeof size === 'number') return factor && size < 0 ? `(${numberLiteral(size)})` : numberLiteral(size);
    if (typeof size === 'string') return local(size);
    const [operation, ...operands] = size;
    if (operation === 'mul') return operands.map((operand) => write(operand, true)).join(' * ');
    if (operation === 'add') {
      const sum = operands.map((operand, i) => (i === 0 ? write(operand, false) : signed(operand))).join('');
      return factor ? `(${sum})` : sum;
    }
    const name = FUNCTIONS.get(operation);
    if (name === undefined) throw new Error(`size operation ${operation} has no function`);
    return `sizes.${name}(${operands.map((operand) => write(operand, false)).join(', ')})`;
  };
  const signed = (size: Size): string => {
    if (typeof size === 'number' && size < 0) return ` - ${numberLiteral(-size)}`;
    if (typeof size === 'object' && size[0] === 'mul' && typeof size[1] === 'number' && size[1] < 0) {
      const [, coefficient, ...factors] = size;
      const positive: Size =
        coefficient === -1 ? (factors.length === 1 ? factors[0] : ['mul', ...factors]) : ['mul', -coefficient, ...factors];
      return ` - ${write(positive, false)}`;
    }
    return ` + ${write(size, false)}`;
  };
  return write(sizeOf(dim), false);
}

/** A readable name for the variable that holds a size: `ceil(H/16)` is `H_16`, `K + 1` is `K_plus_1`. */
export function sizeName(dim: Dim): string {
  return identifier(
    show(dim)
      .replace(/\b(ceil|floor)\(/g, '')
      .replace(/\+/g, ' plus ')
      .replace(/-/g, ' minus ')
      .replace(/\*/g, ' by ')
      .replace(/\./g, 'p'),
  );
}
