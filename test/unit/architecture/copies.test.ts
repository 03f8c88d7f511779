/**
 * Compiler and runtime may not import each other, so what passes between them as data is declared on both sides. The copies are held to each other
 * here, both ways, by the type checker (`npm run types`); what a runtime type leaves out of the compiler's is named.
 */
import { expect, test } from 'vitest';
import type * as compilerCompare from '../../../compiler/compare/plan.ts';
import type { SeparabilityInfo } from '../../../compiler/emit/eager/meta.ts';
import type { Size } from '../../../compiler/emit/eager/sizes.ts';
import type { Separability } from '../../../compiler/flow/report.ts';
import type * as ir from '../../../compiler/ir/program.ts';
import type { DimAssertion, DType, InputRole, OutputRole } from '../../../compiler/ops/graph.ts';
import type * as runtimeCompare from '../../../runtime/compare/plan.ts';
import type * as runtime from '../../../runtime/program.ts';

/** `true` where each is assignable to the other, with the same keys; else a pair that names them. */
type Same<A, B> = [A, B] extends [B, A] ? ([keyof A, keyof B] extends [keyof B, keyof A] ? true : [A, B]) : [A, B];

type Train = runtime.TrainEntry;
type Infer = runtime.InferEntry;

const copies: {
  axes: Same<compilerCompare.AxisOrder, runtimeCompare.AxisOrder>;
  feed: Same<compilerCompare.Feed, runtimeCompare.Feed>;
  result: Same<compilerCompare.ComparedResult, runtimeCompare.ComparedResult>;
  dimension: Same<compilerCompare.DimensionSource, runtimeCompare.DimensionSource>;
  call: Same<compilerCompare.CallPlan, runtimeCompare.CallPlan>;
  stepResult: Same<compilerCompare.StepResult, runtimeCompare.StepResult>;
  stacked: Same<compilerCompare.StackedResult, runtimeCompare.StackedResult>;
  training: Same<compilerCompare.TrainingPlan, runtimeCompare.TrainingPlan>;
  size: Same<Size, runtime.SizeJson>;
  dtype: Same<DType, runtime.GraphPort['dtype']>;
  port: Same<InputRole | OutputRole, runtime.GraphPort['role']>;
  relation: Same<DimAssertion['relation'], runtime.GraphEntry['assertions'][number]['relation']>;
  separability: Same<Separability, runtime.Separability>;
  emittedSeparability: Same<SeparabilityInfo, runtime.Separability>;
  role: Same<ir.StateRole, runtime.StateEntry['role']>;
  initializer: Same<ir.Initializer, runtime.InitializerJson>;
  viewStep: Same<ir.ViewStep, runtime.ViewStepJson>;
  view: Same<ir.ViewPlan, runtime.ViewJson>;
  binding: Same<ir.BatchBinding, Train['bindings'][number]>;
  schedule: Same<ir.SchedulePlan, runtime.ScheduleJson>;
  source: Same<ir.TrainPlan['source'], Train['source']>;
  also: Same<ir.TrainPlan['also'], Train['also']>;
  pair: Same<ir.PairPlan, runtime.PairJson>;
  validation: Same<ir.ValidationPlan, runtime.ValidationJson>;
  phases: Same<ir.TrainPlan['phases'], Train['phases']>;
  group: Same<Pick<ir.ParameterGroup, 'name' | 'rate' | 'schedule'>, Train['groups'][number]>;
  loss: Same<Omit<ir.LossDeclaration, 'span'>, Train['losses'][number]>;
  photoInput: Same<ir.InferInput, Infer['inputs'][number]>;
  photo: Same<ir.InferPlan['photo'], Infer['photo']>;
} = {
  axes: true,
  feed: true,
  result: true,
  dimension: true,
  call: true,
  stepResult: true,
  stacked: true,
  training: true,
  size: true,
  dtype: true,
  port: true,
  relation: true,
  separability: true,
  emittedSeparability: true,
  role: true,
  initializer: true,
  viewStep: true,
  view: true,
  binding: true,
  schedule: true,
  source: true,
  also: true,
  pair: true,
  validation: true,
  phases: true,
  group: true,
  loss: true,
  photoInput: true,
  photo: true,
};

test('types declared on both sides are the same', () => {
  expect(new Set(Object.values(copies))).toEqual(new Set([true]));
});
