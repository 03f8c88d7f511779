/** The TensorFlow column of the operator table: complete for what training uses, and right against the float64 references, bytes and all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operatorNames } from '../../../compiler/ops/table.ts';
import { tensorflowRule, withoutTensorFlow } from '../../../compiler/ops/tensorflow/column.ts';
import { Session } from './interpret.ts';
import { drawnOperator } from './operators.ts';
import { bareProgram, caseProgram, decoded, methodProgram, trainingCase } from './programs.ts';
import { problemsOf } from './validate.ts';

const runs = { seed: 4242, numRuns: process.env.WSSS_LONG ? 100 : 6 };

/** Operators that have no TensorFlow rule yet. None of them may occur in a training step of the methods; see docs/tensorflow-graph.md. */
const MISSING: readonly string[] = [];

describe('coverage', () => {
  it('lacks exactly the operators that are listed', () => {
    expect(withoutTensorFlow()).toEqual(MISSING);
  });

  it.each([
    ['sipe/head_e2e', () => caseProgram('sipe', 'head_e2e', 'all results').program],
    ['sipe/train_3_steps', () => trainingCase('sipe', 'train_3_steps', 'all results').program],
    ['irn/cam_train_step', () => caseProgram('irn', 'cam_train_step', 'all results').program],
    ['sipe_small', () => methodProgram('specs/methods/sipe.wsss', 'sipe_small')],
    ['sipe', () => methodProgram('specs/methods/sipe.wsss', 'sipe')],
    ['cam', () => methodProgram('specs/methods/cam.wsss', 'cam')],
  ] as const)('holds every operator of %s', (_, program) => {
    const used = new Set(Object.values(program().graphs).flatMap((graph) => graph.nodes.map(({ op }) => op)));
    expect(used.size).toBeGreaterThan(20);
    expect([...used].filter((op) => op !== 'input' && !tensorflowRule(op))).toEqual([]);
  });
});

describe('each rule', () => {
  it.each(operatorNames.filter((name) => !MISSING.includes(name)))('%s', (name) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { graph, feeds, value } = drawnOperator(name, seed);
        const model = decoded(bareProgram(name, { [name]: graph }));
        expect(problemsOf(model)).toEqual([]);
        const found = new Session(model).run(name, feeds).get('output:y');
        expect(found?.shape).toEqual(value.shape);
        const largest = Math.max(1, ...value.data.map(Math.abs));
        // Constants in the file are float32.
        value.data.forEach((v, i) => {
          if (Number.isFinite(v)) expect(Math.abs(v - (found?.data[i] ?? Number.NaN)), `element ${i}`).toBeLessThanOrEqual(1e-5 * largest);
        });
      }),
      runs,
    );
  });
});
