/** Plans of one piece of work each (train, infer, score), run through the same stages as a whole pipeline. */
import type { DatasetPlan, EvaluateStage, InferStage, PipelinePlan, SplitPlan, StagePlan } from './plan.ts';

export type DatasetPlans = Readonly<Record<string, DatasetPlan>>;

export interface TrainRequest {
  /** Name of the program, which names the plan too. */
  readonly program: string;
  readonly on: SplitPlan;
  readonly epochs?: number;
  readonly steps?: number;
  /** The first batch again and again. */
  readonly oneBatch?: boolean;
  /** A checkpoint whose matching parameters and statistics are the first values. */
  readonly init?: string;
  /** Folder of `ID.png` masks to learn from. */
  readonly masks?: string;
  readonly datasets?: DatasetPlans;
}

/** Stage `train` leaves `checkpoint.safetensors` and `log.jsonl`. */
export function trainPlan({ program, on, epochs, steps, oneBatch, init, masks, datasets = {} }: TrainRequest): PipelinePlan {
  const stages: StagePlan[] = [];
  if (init !== undefined) stages.push({ op: 'given', name: 'init', inputs: {}, args: { path: init, kind: 'checkpoint' } });
  if (masks !== undefined) stages.push({ op: 'given', name: 'masks', inputs: {}, args: { path: masks, kind: 'masks', on } });
  stages.push({
    op: 'train',
    name: 'train',
    program,
    inputs: { init: init === undefined ? undefined : 'init', masks: masks === undefined ? undefined : 'masks' },
    args: { on, epochs, steps, oneBatch },
  });
  return { format: 1, name: program, datasets, stages };
}

/** The plan of a training with a page of its loss curves behind it, in stage `curves`. */
export function withCurves(plan: PipelinePlan, on: SplitPlan): PipelinePlan {
  const page: StagePlan = {
    op: 'report',
    name: 'curves',
    inputs: { scores: [], training: ['train'], thresholds: [], panels: [] },
    args: { title: `Training of ${plan.name}`, on, images: 0 },
  };
  return { ...plan, stages: [...plan.stages, page] };
}

export interface InferRequest {
  readonly program: string;
  /** The inference program, after which its stage is called. */
  readonly entry: string;
  readonly checkpoint: string;
  readonly on: SplitPlan;
  readonly save: InferStage['args']['save'];
  readonly datasets?: DatasetPlans;
}

/** A stage called after the inference program leaves one file an image. */
export function inferPlan({ program, entry, checkpoint, on, save, datasets = {} }: InferRequest): PipelinePlan {
  // Two stages of one name are refused: a program may well be called `weights`.
  const weights = entry === 'weights' ? 'given_weights' : 'weights';
  return {
    format: 1,
    name: program,
    datasets,
    stages: [
      { op: 'given', name: weights, inputs: {}, args: { path: checkpoint, kind: 'checkpoint' } },
      { op: 'infer', name: entry, program, inputs: { checkpoint: weights }, args: { entry, on, save } },
    ],
  };
}

export interface EvalRequest {
  readonly predictions: string;
  readonly kind: 'cams' | 'maps' | 'masks';
  readonly on: SplitPlan;
  readonly label: string;
  readonly threshold?: number;
  readonly thresholdSource?: string;
  /** Background thresholds: without `threshold` the best of them is taken, and said to be chosen on this very ground truth. */
  readonly sweep?: EvaluateStage['args']['sweep'];
  readonly predicted255?: EvaluateStage['args']['predicted255'];
  readonly datasets?: DatasetPlans;
}

/** Stage `scores` leaves `scores.json` and `details.json`. */
export function evalPlan(request: EvalRequest): PipelinePlan {
  const { predictions, kind, on, label, threshold, thresholdSource, sweep, predicted255, datasets = {} } = request;
  const chosen = sweep !== undefined && threshold === undefined;
  const stages: StagePlan[] = [{ op: 'given', name: 'predictions', inputs: {}, args: { path: predictions, kind, on } }];
  if (chosen) stages.push({ op: 'threshold', name: 'cut', inputs: { cams: 'predictions' }, args: { on, ...sweep } });
  stages.push({
    op: 'evaluate',
    name: 'scores',
    inputs: { predictions: 'predictions', threshold: chosen ? 'cut' : undefined },
    args: { on, label, threshold, thresholdSource, sweep, predicted255 },
  });
  return { format: 1, name: 'eval', datasets, stages };
}
