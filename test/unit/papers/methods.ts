/** What the tests of papers ask of a spec. */
import { expect } from 'vitest';
import type { CheckedMethod } from '../../../compiler/check/check.ts';
import { stateCost } from '../../../compiler/cost/cost.ts';
import { checkSpec } from '../check/checking.ts';

/** A method of `specs/`, which has to be sound without a warning. */
export function methodOf(file: string, name: string): CheckedMethod {
  const { checked, diagnostics } = checkSpec(file);
  expect(diagnostics.toJson()).toEqual([]);
  const method = checked?.methods.get(name);
  if (!method) throw new Error(`${file} has no ${name}`);
  return method;
}

/** Parameters of a layer with VOC's twenty classes. */
export function parameters(method: CheckedMethod, layer: string): number {
  const states = [...method.states.values()].filter(({ key, role }) => role === 'parameter' && key.startsWith(`${layer}.`));
  return stateCost(states, { K: 20 }).parameters;
}
