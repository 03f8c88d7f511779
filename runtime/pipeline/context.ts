import type { Progress } from '../host/progress.ts';
import type { Program } from '../program.ts';
import { RunError } from '../train/errors.ts';
import type { GraphMemory } from '../train/memory-limit.ts';
import type { ProgramSource } from '../train/program-source.ts';
import { type Artefact, artefactNamed, type ProtocolFacts } from './artefact.ts';
import type { Datasets, OpenedDataset } from './datasets.ts';
import type { ArtefactKind, SplitPlan } from './plan.ts';
import type { Pretraining } from './pretraining.ts';

export interface LoadedProgram {
  readonly program: Program;
  /** From which worker threads load it; without it work that needs the program stays on this thread. */
  readonly source?: ProgramSource;
  /** What its graphs hold; without it nothing is refused for its size. */
  readonly memory?: GraphMemory;
}

/** What a stage finds around it. */
export interface StageContext {
  readonly name: string;
  /** The unfinished folder that the stage fills. */
  readonly work: string;
  readonly key: string;
  readonly programs: Readonly<Record<string, LoadedProgram>>;
  readonly datasets: Datasets;
  /** What this stage rests on that the authors do not settle, in the words of the spec. */
  readonly readings: readonly string[];
  /** Finished stages by name. */
  readonly artefacts: ReadonlyMap<string, Artefact>;
  readonly seed: number;
  readonly backend: string;
  readonly workers: number;
  readonly checkpointEvery?: number;
  /** What becomes of a training in which a loss had nothing to compare in more than a twentieth of its steps; a warning when absent. */
  readonly emptyLosses?: 'warn' | 'fail';
  /** Where the weights of backbones come from. */
  readonly pretraining: Pretraining;
  readonly progress: Progress;
}

/** What a stage says of its outcome. */
export interface StageOutcome {
  readonly kind: ArtefactKind;
  /** Of a record: the kinds of its parts, each a folder inside. */
  readonly parts?: Readonly<Record<string, ArtefactKind>>;
  readonly on?: SplitPlan;
  readonly protocol?: ProtocolFacts;
  /** The folder of an artefact that was not made here. */
  readonly given?: string;
  /** A line for the user. */
  readonly note?: string;
}

/** The artefact of an earlier stage, or of a part of it (`seeds.cam`), held against the kinds that are of use here. */
export function inputOf(context: StageContext, stage: string, ...kinds: readonly ArtefactKind[]): Artefact {
  const found = artefactNamed(context.artefacts, stage);
  if (!found)
    throw new RunError('run-plan', `stage '${context.name}' reads '${stage}', which did not run before it`, 'Build the spec again.');
  if (kinds.includes(found.record.kind)) return found;
  throw new RunError(
    'run-plan',
    `stage '${context.name}' reads ${kinds.join(' or ')}, but '${stage}' makes ${found.record.kind}`,
    'Name another stage in the pipeline.',
  );
}

/** The images that an artefact covers, with their data set. */
export async function coverage(
  context: StageContext,
  artefact: Artefact,
): Promise<{ readonly on: SplitPlan; readonly opened: OpenedDataset }> {
  const { on } = artefact.record;
  if (!on) throw new RunError('run-plan', `'${artefact.record.stage}' covers no images`, 'Name another stage in the pipeline.');
  return { on, opened: await context.datasets.open(on.dataset) };
}

export function programOf(context: Pick<StageContext, 'name' | 'programs'>, name: string): LoadedProgram {
  const found = context.programs[name];
  if (found) return found;
  throw new RunError('run-plan', `stage '${context.name}' runs the program '${name}', which was not built`, 'Build the spec again.');
}

/** The background score of a stage: its own number, or that of a threshold stage. */
export async function backgroundOf(
  context: StageContext,
  threshold: string | undefined,
  own: number | undefined,
  ownSource = 'the spec',
): Promise<{ readonly value: number | undefined; readonly source?: string }> {
  if (threshold === undefined) return { value: own, source: own === undefined ? undefined : ownSource };
  const { record } = inputOf(context, threshold, 'threshold');
  return { value: record.protocol.threshold, source: record.protocol.thresholdSource };
}
