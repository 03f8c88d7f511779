/** A method's scores beside those that its authors report. */
import type { PipelinePlan } from '../../../runtime/pipeline/plan.ts';
import type { Score } from '../../../runtime/report/scores.ts';

export type Verdict = 'within' | 'above' | 'below' | 'no number to reach' | 'no score';

export interface ReproducedStage {
  readonly stage: string;
  readonly label: string;
  readonly split: string;
  readonly metric: string;
  readonly measured: number | null;
  readonly expected?: { readonly value: number; readonly tolerance: number; readonly source: string };
  readonly verdict: Verdict;
  /** What the number rests on that the authors do not settle. */
  readonly readings: readonly string[];
}

export interface Reproduction {
  readonly stages: readonly ReproducedStage[];
  /** The first stage, in the order of the pipeline, that leaves its band: what comes after it rests on it. */
  readonly first: ReproducedStage | undefined;
}

/** Holds the scores of evaluations, by the names of their stages, against what the plan expects. */
export function reproduction(plan: PipelinePlan, scores: ReadonlyMap<string, readonly Score[]>): Reproduction {
  const stages = plan.stages.flatMap((stage): readonly ReproducedStage[] => {
    if (stage.op !== 'evaluate') return [];
    const expected = stage.args.expectation;
    return (scores.get(stage.name) ?? []).map(({ stage: label, split, metric, value, readings = [] }) => ({
      stage: stage.name,
      label,
      split,
      metric,
      measured: value,
      expected,
      verdict: verdictOf(value, expected),
      readings,
    }));
  });
  return { stages, first: stages.find(({ verdict }) => verdict === 'below' || verdict === 'above' || verdict === 'no score') };
}

/** A number is held against the band as it is printed, to a tenth of a percent. */
function verdictOf(measured: number | null, expected: ReproducedStage['expected']): Verdict {
  if (!expected) return 'no number to reach';
  if (measured === null) return 'no score';
  const apart = Number(measured.toFixed(1)) - expected.value;
  // Tenths have no exact binary form: 58.6 - 58.1 is a little more than 0.5.
  if (Math.abs(apart) <= expected.tolerance + 1e-9) return 'within';
  return apart > 0 ? 'above' : 'below';
}
