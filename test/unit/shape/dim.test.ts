import { describe, expect, it } from 'vitest';
import {
  add,
  ceilDiv,
  constant,
  constantOf,
  type Dim,
  DimError,
  evaluate,
  exactDiv,
  floorDiv,
  fromJson,
  intScaled,
  isDim,
  maxDim,
  minDim,
  multiply,
  roundScaled,
  show,
  showShape,
  substitute,
  subtract,
  toJson,
  variable,
  variablesOf,
} from '../../../compiler/shape/dim.ts';

const [H, W, K, N] = ['H', 'W', 'K', 'N'].map(variable);
const n = constant;

/** Size after a strided window, as convolution and pooling compute it. */
function strided(size: Dim, kernel: number, stride: number, pad: number): Dim {
  return add(floorDiv(add(size, n(2 * pad - kernel)), n(stride)), n(1));
}

describe('normal form', () => {
  it('is shared: equal expressions are the same object, however they were built', () => {
    expect(add(K, n(1))).toBe(add(n(1), K));
    expect(multiply(add(K, n(1)), H)).toBe(add(multiply(H, K), H));
    expect(subtract(add(H, W), W)).toBe(H);
    expect(multiply(n(0), H)).toBe(n(0));
    expect(multiply()).toBe(n(1));
  });

  it('refuses what is no whole number', () => {
    expect(() => constant(0.5)).toThrow(DimError);
    expect(() => constant(Number.NaN)).toThrow(DimError);
    expect(() => floorDiv(H, n(0))).toThrow(DimError);
  });

  it('knows constants, names and itself', () => {
    expect(constantOf(subtract(H, H))).toBe(0);
    expect(constantOf(add(K, n(1)))).toBeUndefined();
    expect(variablesOf(ceilDiv(multiply(W, H), K))).toEqual(['H', 'K', 'W']);
    expect(isDim(H)).toBe(true);
    expect(isDim('H')).toBe(false);
  });
});

describe('division', () => {
  it('sees the stages of a ResNet as one division', () => {
    const stem = strided(H, 7, 2, 3);
    const pooled = strided(stem, 3, 2, 1);
    const layer2 = strided(pooled, 3, 2, 1);
    const layer3 = strided(layer2, 3, 2, 1);
    expect([stem, pooled, layer2, layer3].map(show)).toEqual(['ceil(H/2)', 'ceil(H/4)', 'ceil(H/8)', 'ceil(H/16)']);
    expect(layer3).toBe(ceilDiv(H, n(16)));
    expect(strided(layer3, 3, 1, 1)).toBe(layer3);
  });

  it('combines nested floors and ceilings, mixed ones too', () => {
    expect(floorDiv(floorDiv(H, n(3)), n(5))).toBe(floorDiv(H, n(15)));
    expect(ceilDiv(ceilDiv(H, n(3)), n(5))).toBe(ceilDiv(H, n(15)));
    expect(floorDiv(ceilDiv(H, n(2)), n(2))).toBe(floorDiv(add(H, n(1)), n(4)));
  });

  it('takes out whole multiples', () => {
    expect(floorDiv(multiply(n(16), H), n(16))).toBe(H);
    expect(floorDiv(multiply(K, H), K)).toBe(H);
    expect(floorDiv(add(multiply(n(4), H), n(7)), n(4))).toBe(add(H, n(1)));
    expect(ceilDiv(multiply(H, add(K, n(1))), add(K, n(1)))).toBe(H);
    expect(floorDiv(n(7), n(2))).toBe(n(3));
    expect(floorDiv(n(-7), n(2))).toBe(n(-4));
  });

  it('divides polynomials without rest, or says that it cannot', () => {
    expect(exactDiv(multiply(add(K, n(1)), H, W), multiply(H, add(K, n(1))))).toBe(W);
    expect(exactDiv(multiply(n(6), H), n(3))).toBe(multiply(n(2), H));
    expect(exactDiv(H, n(16))).toBeUndefined();
    expect(exactDiv(add(H, W), K)).toBeUndefined();
  });
});

describe('extrema and scaling', () => {
  it('decides extrema where bounds allow', () => {
    expect(maxDim(H, n(1))).toBe(H);
    expect(maxDim(add(H, n(2)), H)).toBe(add(H, n(2)));
    expect(minDim(H, add(H, W))).toBe(H);
    expect(minDim(H, ceilDiv(H, n(2)))).toBe(ceilDiv(H, n(2)));
    expect(show(maxDim(H, n(320)))).toBe('max(H, 320)');
    expect(maxDim(maxDim(H, W), K)).toBe(maxDim(K, maxDim(W, H)));
  });

  it('rounds half to even in float64, and truncates', () => {
    expect([1, 3, 5, 7].map((v) => constantOf(roundScaled(0.5, n(v))))).toEqual([0, 2, 2, 4]);
    expect(constantOf(intScaled(0.2, n(2688)))).toBe(Math.trunc(0.2 * 2688));
    expect(constantOf(intScaled(-0.5, n(3)))).toBe(-1);
    expect(roundScaled(2, H)).toBe(multiply(n(2), H));
    expect(evaluate(roundScaled(0.5, H), { H: 5 })).toBe(2);
    expect(evaluate(intScaled(1.5, H), { H: 5 })).toBe(7);
  });
});

describe('evaluation and substitution', () => {
  it('needs every name', () => {
    expect(evaluate(ceilDiv(H, n(16)), { H: 33 })).toBe(3);
    expect(() => evaluate(add(H, W), { H: 1 })).toThrow(/W/);
    expect(() => evaluate(variable('constructor'), {})).toThrow(DimError);
  });

  it('replaces names at once', () => {
    const swapped = new Map([
      ['H', W],
      ['W', H],
    ]);
    expect(substitute(subtract(H, W), swapped)).toBe(subtract(W, H));
    expect(substitute(ceilDiv(H, n(2)), new Map([['H', multiply(n(4), N)]]))).toBe(multiply(n(2), N));
  });
});

describe('text', () => {
  it('reads as an author writes it', () => {
    expect(show(add(K, n(1)))).toBe('K + 1');
    expect(show(subtract(n(1), K))).toBe('-K + 1');
    expect(show(multiply(n(2), H, W))).toBe('2*H*W');
    expect(show(floorDiv(subtract(H, n(3)), n(2)))).toBe('ceil(H/2) - 2');
    expect(show(floorDiv(H, n(3)))).toBe('floor(H/3)');
    expect(show(floorDiv(subtract(H, W), K))).toBe('floor((H - W)/K)');
    expect(show(roundScaled(0.5, add(H, n(1))))).toBe('round(0.5 * (H + 1))');
    expect(showShape([N, ceilDiv(H, n(16)), add(K, n(1))])).toBe('[N, ceil(H/16), K + 1]');
    expect(show(n(0))).toBe('0');
  });

  it('does not depend on the order in which names first appeared', () => {
    expect(show(add(variable('zz'), variable('aa')))).toBe('aa + zz');
  });
});

describe('JSON', () => {
  it('is small where the size is', () => {
    expect(toJson(n(3))).toBe(3);
    expect(toJson(H)).toBe('H');
    expect(toJson(add(K, n(1)))).toEqual({ sum: [[1, 'K'], [1]] });
  });

  it.each([
    [null],
    [[1]],
    [{}],
    [{ floor: [1] }],
    [{ floor: ['H', 0] }],
    [{ sum: 3 }],
    [{ power: ['H', 2] }],
    [{ exact: [1, 2] }],
    [{ exact: ['H', 0] }],
    [0.5],
    [true],
  ])('refuses %j', (json) => {
    expect(() => fromJson(json)).toThrow(DimError);
  });
});
