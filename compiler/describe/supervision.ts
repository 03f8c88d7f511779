/** What reads labels outside the losses: inference with tags, what a pipeline chooses on ground truth, and what it scores. */
import type { CheckedMethod } from '../check/check.ts';
import type { StageDraft } from '../check/pipeline.ts';
import type { SourceRef } from '../ir/program.ts';

export interface GroundTruthUse {
  /** Stage or program. */
  readonly where: string;
  /** What is read: `tags` of images, or their `masks`. */
  readonly reads: 'tags' | 'masks';
  /** Data set and split, where the pipeline says. */
  readonly on?: string;
  /** `input`: the result depends on them; `selection`: a threshold or a checkpoint is chosen by them; `score`: they only judge. */
  readonly role: 'input' | 'selection' | 'score';
  /** In words. */
  readonly what: string;
}

export function groundTruthUses(method: CheckedMethod): readonly GroundTruthUse[] {
  const stages = method.pipeline?.stages ?? [];
  const inPipeline = stages.flatMap((stage) => ofStage(method, stage, stages));
  const named = new Set(stages.filter((stage) => stage.op === 'infer').map((stage) => stage.args.entry));
  const programs = method.infer.flatMap((program): readonly GroundTruthUse[] =>
    program.readsTags && !named.has(program.name)
      ? [{ where: `infer ${program.name}`, reads: 'tags', role: 'input', what: 'absent classes are known to be absent' }]
      : [],
  );
  return [...inTraining(method), ...programs, ...inPipeline];
}

/** What the train block reads beside its inputs: classes that partners are drawn by, and scores on the way. */
function inTraining({ train }: CheckedMethod): readonly GroundTruthUse[] {
  const pairs = (train?.pairs ?? []).map(
    ({ name, from }): GroundTruthUse => ({
      where: `pair ${name}`,
      reads: 'tags',
      ...(from ? { on: from.map(refText).join(' + ') } : {}),
      role: 'input',
      what: 'partners are drawn by class',
    }),
  );
  const validations = (train?.validate ?? []).map(
    ({ program, on, best }): GroundTruthUse => ({
      where: `validate with ${program}`,
      reads: 'masks',
      on: refText(on),
      role: best ? 'selection' : 'score',
      what: best ? 'the weights with the best mIoU' : 'scores while training',
    }),
  );
  return [...pairs, ...validations];
}

function refText({ dataset, split }: SourceRef): string {
  return `${dataset}.${split}`;
}

function ofStage(method: CheckedMethod, stage: StageDraft, stages: readonly StageDraft[]): readonly GroundTruthUse[] {
  const on = splitOf(stage);
  const use = (reads: GroundTruthUse['reads'], role: GroundTruthUse['role'], what: string): GroundTruthUse => ({
    where: `stage ${stage.name}`,
    reads,
    ...(on === undefined ? {} : { on }),
    role,
    what,
  });
  switch (stage.op) {
    case 'infer': {
      const program = stage.program === method.name ? method.infer.find((p) => p.name === stage.args.entry) : undefined;
      return program?.readsTags ? [use('tags', 'input', `infer ${program.name}: absent classes are known to be absent`)] : [];
    }
    case 'threshold': {
      const readers = stages.filter((other) => other.inputs.threshold === stage.name).map((other) => other.name);
      return [use('masks', 'selection', `the background score with the best mIoU, used by ${readers.join(', ') || 'no stage'}`)];
    }
    case 'evaluate':
      if (stage.args.sweep !== undefined && stage.args.threshold === undefined && stage.inputs.threshold === undefined)
        return [use('masks', 'score', 'scores'), use('masks', 'selection', 'the best background score of the sweep')];
      return [use('masks', 'score', stage.args.sweep === undefined ? 'scores' : 'scores, and those of a sweep beside')];
    case 'baseline':
      return [use('masks', 'score', 'scores of a constant prediction')];
    default:
      return [];
  }
}

function splitOf(stage: StageDraft): string | undefined {
  const { on } = stage.args;
  if (typeof on !== 'object' || on === null || !('dataset' in on)) return undefined;
  return `${String(on.dataset)}.${String(on.split)}`;
}
