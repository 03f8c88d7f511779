/** Dimensions as an author writes them: `ceil(H/16)`, `K + 1`, `2*h*w`. */
import type { Atom, Dim, Term } from './normal-form.ts';
import { constantOf } from './normal-form.ts';
import { asCeiling } from './quotient.ts';

/** In brackets where it would not bind as one factor. */
function factor(d: Dim): string {
  const text = show(d);
  return d.terms.length > 1 || text.startsWith('-') ? `(${text})` : text;
}

function quotient(numerator: Dim, divisor: Dim): string {
  const [term] = numerator.terms;
  const by = constantOf(divisor);
  if (
    by !== undefined &&
    numerator.terms.length === 1 &&
    term.coefficient === 1 &&
    term.atoms.length === 1 &&
    term.atoms[0].kind === 'exact'
  ) {
    return `${term.atoms[0].name}/${term.atoms[0].by * by}`;
  }
  const simple =
    divisor.terms.length === 1 &&
    (divisor.terms[0].atoms.length === 0 || (divisor.terms[0].coefficient === 1 && divisor.terms[0].atoms.length === 1));
  return `${factor(numerator)}/${simple ? show(divisor) : `(${show(divisor)})`}`;
}

function showAtom(atom: Atom): string {
  switch (atom.kind) {
    case 'variable':
      return atom.name;
    case 'exact':
      return `${atom.name}/${atom.by}`;
    case 'floor': {
      const above = asCeiling(atom.numerator, atom.divisor);
      return above ? `ceil(${quotient(above, atom.divisor)})` : `floor(${quotient(atom.numerator, atom.divisor)})`;
    }
    case 'max':
    case 'min':
      return `${atom.kind}(${atom.of.map(show).join(', ')})`;
    case 'round':
    case 'int':
      return `${atom.kind}(${atom.factor} * ${factor(atom.of)})`;
  }
}

function gcd(a: number, b: number): number {
  return b ? gcd(b, a % b) : a;
}

/** A term without its sign. Coefficients cancel against exact quotients: 16 of `H/16` is `H`. */
function showTerm(term: Term): string {
  let coefficient = Math.abs(term.coefficient);
  const names: string[] = [];
  const quotients: string[] = [];
  for (const atom of term.atoms) {
    if (atom.kind !== 'exact') {
      names.push(showAtom(atom));
      continue;
    }
    const common = gcd(coefficient, atom.by);
    coefficient /= common;
    if (common === atom.by) names.push(atom.name);
    else quotients.push(`${atom.name}/${atom.by / common}`);
  }
  const parts = [...names, ...quotients];
  if (coefficient !== 1 || parts.length === 0) parts.unshift(String(coefficient));
  return parts.join('*');
}

export function show(d: Dim): string {
  if (d.terms.length === 0) return '0';
  return d.terms
    .map((term, i) => {
      const sign = term.coefficient < 0 ? '-' : '+';
      if (i === 0) return (sign === '-' ? '-' : '') + showTerm(term);
      return ` ${sign} ${showTerm(term)}`;
    })
    .join('');
}

/** `[N, ceil(H/16), ceil(W/16), K + 1]` */
export function showShape(shape: readonly Dim[]): string {
  return `[${shape.map(show).join(', ')}]`;
}
