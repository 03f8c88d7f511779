import { describe, expect, it } from 'vitest';
import { compare } from '../../../compiler/shape/compare.ts';
import { add, ceilDiv, constant, type Dim, floorDiv, maxDim, minDim, multiply, variable } from '../../../compiler/shape/dim.ts';
import { Facts } from '../../../compiler/shape/facts.ts';
import { proposeFacts, showFact } from '../../../compiler/shape/proposals.ts';

const [H, W, K, C, D] = ['H', 'W', 'K', 'C', 'D'].map(variable);
const n = constant;

function offered(left: Dim, right: Dim, facts = new Facts()): string | undefined {
  const found = proposeFacts([{ left, right }], facts);
  const copy = facts.copy();
  for (const fact of found ?? []) expect(copy.add(fact.left, fact.relation, fact.right)).toBeUndefined();
  if (found) expect(compare(left, right, copy)).toBe('equal');
  return found?.map(showFact).join(', ');
}

describe('facts that would prove it', () => {
  it('a divisor, the smallest that does', () => {
    expect(offered(multiply(n(16), ceilDiv(H, n(16))), H)).toBe('H divisible by 16');
    expect(offered(ceilDiv(H, n(8)), floorDiv(H, n(8)))).toBe('H divisible by 8');
    expect(offered(multiply(n(2), ceilDiv(H, n(16))), ceilDiv(H, n(8)))).toBe('H divisible by 16');
    expect(offered(multiply(ceilDiv(H, n(4)), n(4)), multiply(ceilDiv(H, n(6)), n(6)))).toBe('H divisible by 12');
  });

  it('divisors of several names', () => {
    expect(offered(multiply(floorDiv(H, n(4)), floorDiv(W, n(4)), n(16)), multiply(H, W))).toBe('H divisible by 4, W divisible by 4');
  });

  it('a bound', () => {
    expect(offered(maxDim(H, n(24)), H)).toBe('H >= 24');
    expect(offered(minDim(H, n(33)), n(33))).toBe('H >= 33');
  });

  it('an equality', () => {
    expect(offered(H, W)).toBe('H == W');
    expect(offered(C, multiply(n(4), D))).toBe('C == 4*D');
    expect(offered(add(K, n(1)), C)).toBe('C == K + 1');
  });

  it('beside those that hold already', () => {
    const facts = new Facts();
    facts.add(H, 'divisible by', n(4));
    expect(offered(multiply(n(16), ceilDiv(H, n(16))), H, facts)).toBe('H divisible by 16');
    facts.add(H, '==', n(20));
    expect(offered(W, n(20), facts)).toBe('W == 20');
    // What is stated contradicts everything that would help.
    expect(offered(multiply(n(16), ceilDiv(H, n(16))), H, facts)).toBeUndefined();
  });

  it('none where no simple one does', () => {
    expect(offered(multiply(H, W), multiply(K, C))).toBeUndefined();
  });
});

describe('some of the facts', () => {
  it('those about certain names', () => {
    const facts = new Facts();
    facts.add(H, 'divisible by', n(16));
    facts.add(C, '==', add(K, n(1)));
    facts.add(K, '>=', n(3));
    const known = facts.about(new Set(['K']));
    expect(known.lower(K)).toBe(3);
    expect(compare(C, add(K, n(1)), known)).toBe('unknown');
    expect(compare(multiply(n(16), ceilDiv(H, n(16))), H, known)).toBe('unknown');
    expect(compare(multiply(n(16), ceilDiv(H, n(16))), H, facts.copy())).toBe('equal');
  });
});
