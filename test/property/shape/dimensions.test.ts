/** Symbolic dimensions against plain arithmetic on numbers, over random expressions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerBound, upperBound } from '../../../compiler/shape/bounds.ts';
import { compare } from '../../../compiler/shape/compare.ts';
import {
  add,
  ceilDiv,
  constant,
  type Dim,
  evaluate,
  floorDiv,
  fromJson,
  intScaled,
  maxDim,
  minDim,
  multiply,
  roundScaled,
  substitute,
  subtract,
  toJson,
  variable,
} from '../../../compiler/shape/dim.ts';
import { Facts, type Relation } from '../../../compiler/shape/facts.ts';
import { halfToEven } from '../../reference/elementwise.ts';

const runs = { seed: 20240608, numRuns: process.env.WSSS_LONG ? 8_000 : 600 };
const manyRuns = { ...runs, numRuns: process.env.WSSS_LONG ? 20_000 : 3_000 };

const NAMES = ['H', 'W', 'K', 'N'] as const;
type Env = Readonly<Record<string, number>>;

/** An expression twice: as a dimension, and as what it means for numbers. */
interface Expression {
  readonly dim: Dim;
  readonly of: (env: Env) => number;
}

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.integer({ min: -3, max: 20 }).map((value) => ({ dim: constant(value), of: () => value })),
  fc.constantFrom(...NAMES).map((name) => ({ dim: variable(name), of: (env: Env) => env[name] })),
);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const one = tie('expression');
  const two = fc.tuple(one, one);
  const divisor = fc.integer({ min: 1, max: 8 });
  // A size that is never below one, as divisors and sizes are.
  const size = fc.oneof(
    fc.integer({ min: 1, max: 20 }).map((value): Expression => ({ dim: constant(value), of: () => value })),
    fc.constantFrom(...NAMES).map((name): Expression => ({ dim: variable(name), of: (env: Env) => env[name] })),
    fc.constantFrom(...NAMES).map((name): Expression => ({ dim: add(variable(name), constant(1)), of: (env: Env) => env[name] + 1 })),
  );
  const factor = fc.constantFrom(0.5, 1.5, 0.75, 0.2, 2, -0.5);
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      two.map(([a, b]) => ({ dim: add(a.dim, b.dim), of: (env: Env) => a.of(env) + b.of(env) })),
      two.map(([a, b]) => ({ dim: subtract(a.dim, b.dim), of: (env: Env) => a.of(env) - b.of(env) })),
      fc.tuple(one, leaf).map(([a, b]) => ({ dim: multiply(a.dim, b.dim), of: (env: Env) => a.of(env) * b.of(env) })),
      fc.tuple(one, divisor).map(([a, d]) => ({ dim: floorDiv(a.dim, constant(d)), of: (env: Env) => Math.floor(a.of(env) / d) })),
      fc.tuple(one, divisor).map(([a, d]) => ({ dim: ceilDiv(a.dim, constant(d)), of: (env: Env) => Math.ceil(a.of(env) / d) })),
      fc.tuple(one, size).map(([a, b]) => ({ dim: floorDiv(a.dim, b.dim), of: (env: Env) => Math.floor(a.of(env) / b.of(env)) })),
      fc.tuple(one, size).map(([a, b]) => ({ dim: ceilDiv(a.dim, b.dim), of: (env: Env) => Math.ceil(a.of(env) / b.of(env)) })),
      two.map(([a, b]) => ({ dim: maxDim(a.dim, b.dim), of: (env: Env) => Math.max(a.of(env), b.of(env)) })),
      two.map(([a, b]) => ({ dim: minDim(a.dim, b.dim), of: (env: Env) => Math.min(a.of(env), b.of(env)) })),
      fc.tuple(factor, one).map(([f, a]) => ({ dim: roundScaled(f, a.dim), of: (env: Env) => halfToEven(f * a.of(env)) })),
      fc.tuple(factor, one).map(([f, a]) => ({ dim: intScaled(f, a.dim), of: (env: Env) => Math.trunc(f * a.of(env)) })),
    ),
  };
});

const environment: fc.Arbitrary<Env> = fc.record({
  H: fc.integer({ min: 1, max: 40 }),
  W: fc.integer({ min: 1, max: 40 }),
  K: fc.integer({ min: 1, max: 6 }),
  N: fc.integer({ min: 1, max: 3 }),
});

/** A fact that holds for given numbers: of a name or an expression, with numbers or with another expression. */
type FactFor = (env: Env) => { readonly left: Dim; readonly relation: Relation; readonly right: Dim } | undefined;
const factFor: fc.Arbitrary<FactFor> = fc.oneof(
  fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 40 })).map(
    ([name, by]): FactFor =>
      (env) =>
        env[name] % by === 0 ? { left: variable(name), relation: 'divisible by', right: constant(by) } : undefined,
  ),
  fc.tuple(expression, fc.integer({ min: 0, max: 3 })).map(
    ([a, slack]): FactFor =>
      (env) => ({ left: a.dim, relation: '>=', right: constant(a.of(env) - slack) }),
  ),
  fc.tuple(expression, expression).map(
    ([a, b]): FactFor =>
      (env) => ({ left: a.dim, relation: '==', right: add(b.dim, constant(a.of(env) - b.of(env))) }),
  ),
  fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES), fc.integer({ min: 2, max: 5 })).map(
    ([one, other, times]): FactFor =>
      (env) =>
        env[one] === times * env[other]
          ? { left: variable(one), relation: '==', right: multiply(constant(times), variable(other)) }
          : undefined,
  ),
);

describe('a dimension', () => {
  it('evaluates to what plain arithmetic gives', () => {
    fc.assert(
      fc.property(expression, environment, ({ dim, of }, env) => {
        expect(evaluate(dim, env) + 0).toBe(of(env) + 0);
      }),
      runs,
    );
  });

  it('comes back from JSON as the same object', () => {
    fc.assert(
      fc.property(expression, ({ dim }) => {
        expect(fromJson(JSON.parse(JSON.stringify(toJson(dim))))).toBe(dim);
      }),
      runs,
    );
  });

  it('lies within its bounds', () => {
    fc.assert(
      fc.property(expression, environment, ({ dim, of }, env) => {
        expect(of(env)).toBeGreaterThanOrEqual(lowerBound(dim));
        expect(of(env)).toBeLessThanOrEqual(upperBound(dim));
      }),
      runs,
    );
  });

  it('may have names replaced before or after evaluation', () => {
    fc.assert(
      fc.property(expression, leaf, environment, ({ dim, of }, put, env) => {
        // A divisor that a name stands in must stay positive.
        fc.pre(put.of(env) >= 1);
        expect(evaluate(substitute(dim, new Map([['H', put.dim]])), env) + 0).toBe(of({ ...env, H: put.of(env) }) + 0);
      }),
      runs,
    );
  });
});

describe('compare', () => {
  it('never contradicts numbers', () => {
    const facts = new Facts();
    fc.assert(
      fc.property(expression, expression, environment, (a, b, env) => {
        const answer = compare(a.dim, b.dim, facts);
        if (answer === 'equal') expect(a.of(env) + 0).toBe(b.of(env) + 0);
        if (answer === 'different') expect(a.of(env) + 0).not.toBe(b.of(env) + 0);
      }),
      runs,
    );
  });

  it('never contradicts numbers that satisfy the facts', () => {
    fc.assert(
      fc.property(
        expression,
        expression,
        environment,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 5 }),
        (a, b, env, by, least) => {
          const facts = new Facts();
          facts.add(variable('H'), 'divisible by', constant(by));
          facts.add(variable('W'), '>=', constant(least));
          facts.add(variable('N'), '==', add(variable('K'), constant(1)));
          const allowed = { H: env.H * by, W: env.W + least - 1, K: env.K, N: env.K + 1 };
          const answer = compare(a.dim, b.dim, facts);
          if (answer === 'equal') expect(a.of(allowed) + 0).toBe(b.of(allowed) + 0);
          if (answer === 'different') expect(a.of(allowed) + 0).not.toBe(b.of(allowed) + 0);
          expect(evaluate(facts.normalize(a.dim), allowed) + 0).toBe(a.of(allowed) + 0);
        },
      ),
      runs,
    );
  });

  it('never contradicts numbers under random facts that hold for them', () => {
    let told = 0;
    fc.assert(
      fc.property(expression, expression, fc.array(factFor, { maxLength: 4 }), environment, (a, b, stated, env) => {
        const facts = new Facts();
        for (const state of stated) {
          const fact = state(env);
          // It holds for these numbers: it cannot be refused.
          if (fact) expect(facts.add(fact.left, fact.relation, fact.right)).toBeUndefined();
        }
        for (const known of [facts, facts.copy()]) {
          const answer = compare(a.dim, b.dim, known);
          if (answer !== 'unknown') told++;
          if (answer === 'equal') expect(a.of(env) + 0).toBe(b.of(env) + 0);
          if (answer === 'different') expect(a.of(env) + 0).not.toBe(b.of(env) + 0);
        }
        expect(a.of(env)).toBeGreaterThanOrEqual(facts.lower(a.dim));
        expect(a.of(env)).toBeLessThanOrEqual(facts.upper(a.dim));
        expect(evaluate(facts.normalize(a.dim), env) + 0).toBe(a.of(env) + 0);
      }),
      manyRuns,
    );
    expect(told).toBeGreaterThan(manyRuns.numRuns / 4);
  });

  it('proves what it proves of differences: a sum of both sides changes nothing', () => {
    const facts = new Facts();
    fc.assert(
      fc.property(expression, expression, (a, b) => {
        expect(compare(add(a.dim, b.dim), b.dim, facts)).toBe(compare(a.dim, constant(0), facts));
      }),
      runs,
    );
  });
});
