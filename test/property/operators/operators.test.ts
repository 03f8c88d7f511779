/** The operator table against plain float64 loops: shapes, ranges, gradients and adjoints of every primitive, for random sizes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operator, operatorNames } from '../../../compiler/ops/table.ts';
import { evaluate } from '../../../compiler/shape/dim.ts';
import { dot } from '../../reference/ndarray.ts';
import { references } from '../../reference/primitives.ts';
import { CASES } from './cases.ts';
import { differences, gradients, trial } from './trial.ts';

const runs = { seed: 20240607, numRuns: process.env.WSSS_LONG ? 300 : 12 };
const seeds = fc.integer();

function forSeeds(body: (seed: number) => void): void {
  fc.assert(fc.property(seeds, body), runs);
}

describe('the table', () => {
  it('has a reference and a test case for every operator, and nothing besides', () => {
    expect([...references.keys()].sort()).toEqual([...operatorNames].sort());
    expect(Object.keys(CASES).sort()).toEqual([...operatorNames].sort());
  });

  it('has a VJP rule exactly where it says so', () => {
    const smooth = operatorNames.filter((name) => operator(name).differentiability === 'smooth');
    expect(operatorNames.filter((name) => operator(name).vjp)).toEqual(smooth);
  });
});

describe.each(operatorNames)('%s', (name) => {
  const definition = operator(name);

  it('has the shape that its values have, within the range it claims', () => {
    forSeeds((seed) => {
      const { node, value, draw } = trial(name, seed);
      expect(node.type.shape.map((d) => evaluate(d, draw.sizes))).toEqual(value.shape);
      for (const v of value.data) {
        expect(v).toBeGreaterThanOrEqual(node.range.low - 1e-9 * Math.abs(v));
        expect(v).toBeLessThanOrEqual(node.range.high + 1e-9 * Math.abs(v));
      }
    });
  });

  if (!definition.vjp) return;

  it('has gradients equal to differences', () => {
    forSeeds((seed) => {
      const t = trial(name, seed);
      const { dy, nodes, values } = gradients(t);
      expect(nodes).toHaveLength(t.inputs.length);
      t.inputs.forEach((input, i) => {
        const found = values[i];
        if (input.type.dtype !== 'f32') {
          expect(nodes[i]).toBeUndefined();
          return;
        }
        expect(nodes[i]?.type.dtype).toBe('f32');
        expect(nodes[i]?.type.shape.map((d) => evaluate(d, t.draw.sizes))).toEqual(found?.shape);
        const expected = differences(t, dy, i);
        expect(found?.shape).toEqual(expected.shape);
        const largest = Math.max(1, ...expected.data.map(Math.abs));
        expected.data.forEach((e, k) => {
          expect(Math.abs((found?.data[k] ?? Number.NaN) - e), `input ${i}, element ${k}`).toBeLessThanOrEqual(1e-6 * largest);
        });
      });
    });
  });

  if (definition.inputs.filter((port) => port.dtype !== 'i32' && port.dtype !== 'bool').length > 1) {
    it('builds nothing for inputs that need no gradient', () => {
      forSeeds((seed) => {
        const t = trial(name, seed);
        t.inputs.forEach((input, i) => {
          if (input.type.dtype !== 'f32') return;
          const only = t.inputs.map((_, k) => k === i);
          expect(gradients(t, only).nodes.map((node) => node !== undefined)).toEqual(only);
        });
      });
    });
  }

  const linearIn = definition.linear ? [0] : definition.bilinear ? [0, 1] : [];
  it.each(linearIn)('satisfies the adjoint identity in input %i', (i) => {
    forSeeds((seed) => {
      const t = trial(name, seed);
      const { dy, values } = gradients(t);
      const x = t.feeds.get(`x${i}`);
      const dx = values[i];
      if (!x || !dx) throw new Error('a linear operator has a gradient');
      const left = dot(t.value, dy);
      expect(Math.abs(left - dot(x, dx))).toBeLessThanOrEqual(1e-10 * (1 + Math.abs(left)));
    });
  });
});
