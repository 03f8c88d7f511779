/** Arithmetic with quotients of sizes: rounded at the end, it gives what exact fractions give. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundStatic, staticBinary } from '../../../compiler/check/statics.ts';
import { number, type Value } from '../../../compiler/check/values.ts';
import { evaluate, variable } from '../../../compiler/shape/dim.ts';

/** An exact fraction. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

type Tree = { readonly leaf: number | 'H' } | { readonly operator: '+' | '-' | '*' | '/'; readonly left: Tree; readonly right: Tree };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constant('H' as const), fc.integer({ min: 1, max: 9 })).map((leaf) => ({ leaf })),
    fc.record({ operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const), left: tie('tree'), right: tie('tree') }),
  ),
}));

function asValue(t: Tree): Value | undefined {
  if ('leaf' in t) return t.leaf === 'H' ? { kind: 'dim', dim: variable('H') } : number(t.leaf, true);
  const left = asValue(t.left);
  const right = asValue(t.right);
  const result = left && right && staticBinary(t.operator, left, right);
  return result && 'value' in result ? result.value : undefined;
}

function asFraction(t: Tree, h: number): Fraction | undefined {
  if ('leaf' in t) return { over: BigInt(t.leaf === 'H' ? h : t.leaf), under: 1n };
  const a = asFraction(t.left, h);
  const b = asFraction(t.right, h);
  if (!a || !b) return undefined;
  switch (t.operator) {
    case '+':
      return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
    case '-':
      return { over: a.over * b.under - b.over * a.under, under: a.under * b.under };
    case '*':
      return { over: a.over * b.over, under: a.under * b.under };
    case '/':
      // Sizes that divide are positive; a number may be negative.
      return b.over === 0n || (hasSize(t.right) && b.over * b.under < 0n) ? undefined : { over: a.over * b.under, under: a.under * b.over };
  }
}

function ceil({ over, under }: Fraction): bigint {
  const [a, b] = under < 0n ? [-over, -under] : [over, under];
  return a >= 0n ? (a + b - 1n) / b : -(-a / b);
}

/** Numbers that are no whole numbers are floats, by the language's rule: what is compared must hold a size. */
function hasSize(t: Tree): boolean {
  return 'leaf' in t ? t.leaf === 'H' : hasSize(t.left) || hasSize(t.right);
}
function floats(t: Tree): boolean {
  if ('leaf' in t) return false;
  return (!hasSize(t) && t.operator === '/') || floats(t.left) || floats(t.right);
}

test('ceil of a quotient is that of the fraction', () => {
  let compared = 0;
  fc.assert(
    fc.property(tree, fc.integer({ min: 1, max: 4000 }), (t, h) => {
      if (!hasSize(t) || floats(t)) return;
      const fraction = asFraction(t, h);
      const value = asValue(t);
      if (!fraction || !value) return;
      const rounded = roundStatic('ceil', value);
      if (rounded?.kind !== 'dim') return;
      compared++;
      expect(BigInt(evaluate(rounded.dim, { H: h }))).toBe(ceil(fraction));
    }),
    { seed: 11, numRuns: 2000 },
  );
  expect(compared).toBeGreaterThan(300);
});
