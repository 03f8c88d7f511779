import { describe, expect, it } from 'vitest';
import { compare } from '../../../compiler/shape/compare.ts';
import { add, ceilDiv, constant, evaluate, floorDiv, multiply, show, subtract, variable } from '../../../compiler/shape/dim.ts';
import { Facts } from '../../../compiler/shape/facts.ts';

const [H, W, K, C] = ['H', 'W', 'K', 'C'].map(variable);
const n = constant;

describe('divisible by', () => {
  it('turns every rounding by a divisor into exact division, printed back as the author wrote it', () => {
    const facts = new Facts();
    expect(facts.add(H, 'divisible by', n(32))).toBeUndefined();
    const h = facts.normalize(ceilDiv(H, n(16)));
    expect(show(h)).toBe('H/16');
    expect(show(facts.normalize(H))).toBe('H');
    expect(show(facts.normalize(floorDiv(H, n(64))))).toBe('floor(H/64)');
    expect(compare(multiply(n(16), ceilDiv(H, n(16))), H, facts)).toBe('equal');
    expect(compare(ceilDiv(H, n(8)), floorDiv(H, n(8)), facts)).toBe('equal');
    expect(evaluate(h, { H: 64 })).toBe(4);
    expect(() => evaluate(h, { H: 40 })).toThrow(/divisible by/);
  });

  it('adds up', () => {
    const facts = new Facts();
    facts.add(H, 'divisible by', n(16));
    facts.add(H, 'divisible by', n(24));
    expect(compare(multiply(n(48), floorDiv(H, n(48))), H, facts)).toBe('equal');
    expect(facts.lower(H)).toBe(48);
  });
});

describe('equal to', () => {
  it('replaces a name', () => {
    const facts = new Facts();
    expect(facts.add(C, '==', add(K, n(1)))).toBeUndefined();
    expect(compare(C, add(K, n(1)), facts)).toBe('equal');
    expect(compare(C, K, facts)).toBe('different');
    expect(facts.lower(C)).toBe(2);
  });

  it('is remembered where no name can be replaced', () => {
    const facts = new Facts();
    expect(facts.add(multiply(H, W), '==', multiply(K, C))).toBeUndefined();
    expect(compare(multiply(H, W), multiply(K, C), facts)).toBe('equal');
    expect(compare(multiply(H, W), add(multiply(K, C), n(2)), facts)).toBe('different');
    expect(compare(H, K, facts)).toBe('unknown');
  });

  it('does not loop on a name that occurs on both sides', () => {
    const facts = new Facts();
    expect(facts.add(H, '==', multiply(n(2), ceilDiv(H, n(2))))).toBeUndefined();
    expect(compare(H, multiply(n(2), ceilDiv(H, n(2))), facts)).toBe('equal');
  });
});

describe('at least', () => {
  it('bounds names and expressions', () => {
    const facts = new Facts();
    facts.add(H, '>=', n(33));
    facts.add(C, '>=', add(K, n(2)));
    expect(compare(ceilDiv(H, n(16)), n(2), facts)).toBe('different');
    expect(compare(C, add(K, n(1)), facts)).toBe('different');
    expect(facts.lower(subtract(C, K))).toBe(2);
  });
});

describe('contradictions', () => {
  it.each([
    ['a bound and an equality', (f: Facts) => [f.add(C, '>=', n(5)), f.add(C, '==', n(3))]],
    ['an equality and a bound', (f: Facts) => [f.add(C, '==', n(3)), f.add(C, '>=', n(5))]],
    ['a divisor and an equality', (f: Facts) => [f.add(H, 'divisible by', n(16)), f.add(H, '==', n(24))]],
    ['an equality and a divisor', (f: Facts) => [f.add(H, '==', n(24)), f.add(H, 'divisible by', n(16))]],
    ['a size below one', (f: Facts) => [undefined, f.add(add(H, W), '==', n(1))]],
    ['a size and its successor', (f: Facts) => [undefined, f.add(H, '==', add(H, n(1)))]],
  ])('are reported when stated: %s', (_, state) => {
    const [first, second] = state(new Facts());
    expect(first).toBeUndefined();
    expect(second).toMatch(/\S/);
  });
});

describe('compare', () => {
  const facts = new Facts();
  it.each([
    ['equal', ceilDiv(ceilDiv(H, n(2)), n(8)), ceilDiv(H, n(16))],
    ['different', add(K, n(1)), n(1)],
    ['different', H, add(H, n(1))],
    ['different', multiply(H, W), n(0)],
    ['different', add(multiply(H, W), n(1)), H],
    ['unknown', H, W],
    ['unknown', multiply(n(16), ceilDiv(H, n(16))), H],
    ['unknown', H, ceilDiv(H, n(16))],
  ] as const)('%s', (answer, a, b) => {
    expect(compare(a, b, facts)).toBe(answer);
    expect(compare(b, a, facts)).toBe(answer);
  });
});
