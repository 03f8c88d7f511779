/** All images that a training stage reads: those it is named, those its program adds, and those that partners are drawn from. */
import type { Pool } from '../data/pairs.ts';
import type { SourceRef, TrainEntry } from '../program.ts';
import { RunError } from '../train/errors.ts';
import { type SplitSource, type TrainingData, type TrainingSource, trainingData, withFolders } from '../train/source.ts';
import { type Datasets, splitIds } from './datasets.ts';
import type { SplitPlan } from './plan.ts';

export interface TrainingSplits {
  readonly main: readonly SplitPlan[];
  readonly pairs: Readonly<Record<string, readonly SplitPlan[]>>;
}

/**
 * The splits behind a program's names. What its data block reads first is what the stage reads, whatever its name: partners that come from there
 * come from the stage's images too.
 */
export function trainingSplits(train: TrainEntry, on: SplitPlan): TrainingSplits {
  const { source, also = [], pairs = [] } = train;
  const split = (ref: SourceRef): SplitPlan => (ref.dataset === source?.dataset && ref.split === source.split ? on : ref);
  const main = [on, ...also];
  return { main, pairs: Object.fromEntries(pairs.map(({ name, from }) => [name, from?.map(split) ?? main])) };
}

/** Every split of a training, each once, without what pairs share with the rest. */
export function allSplits({ main, pairs }: TrainingSplits): readonly SplitPlan[] {
  const all = [...main, ...Object.values(pairs).flat()];
  const key = ({ dataset, split, limit }: SplitPlan): string => JSON.stringify([dataset, split, limit]);
  return all.filter((split, i) => all.findIndex((other) => key(other) === key(split)) === i);
}

/** Folders of earlier stages in the place of what the data sets of a training hold. */
export interface StandIns {
  /** Of several each stands in for the images of its data set; a single one for all. */
  readonly masks: readonly { readonly folder: string; readonly on?: SplitPlan }[];
  readonly saliency?: string;
}

/** The folder for the images of a split. Throws RunError `run-plan` where several are given and none is of its data set. */
function masksOf({ masks }: StandIns, { dataset }: SplitPlan): string | undefined {
  if (masks.length <= 1) return masks[0]?.folder;
  const found = masks.find(({ on }) => on?.dataset === dataset);
  if (found) return found.folder;
  throw new RunError(
    'run-plan',
    `no masks are given for the images of '${dataset}'`,
    'Name a stage that makes them: masks: union(first, second).',
  );
}

/** Opens them here, and says how worker threads do. */
export async function openTrainingSplits(
  datasets: Datasets,
  train: TrainEntry,
  on: SplitPlan,
  standIns: StandIns,
): Promise<{ readonly data: TrainingData; readonly source: TrainingSource }> {
  const splits = trainingSplits(train, on);
  const open = async (split: SplitPlan): Promise<{ readonly pool: Pool; readonly source: SplitSource }> => {
    const { dataset, source } = await datasets.open(split.dataset);
    const masks = masksOf(standIns, split);
    const folders = { ...(masks !== undefined && { masks }), ...(standIns.saliency !== undefined && { saliency: standIns.saliency }) };
    return {
      pool: { dataset: withFolders(dataset, folders), ids: splitIds(dataset, split) },
      source: { source: { ...source, ...folders }, split: split.split, limit: split.limit },
    };
  };
  const main = await Promise.all(splits.main.map(open));
  const pairs = Object.fromEntries(
    await Promise.all(Object.entries(splits.pairs).map(async ([name, parts]) => [name, await Promise.all(parts.map(open))] as const)),
  );
  const sides = <T>(pick: (opened: Awaited<ReturnType<typeof open>>) => T): Readonly<Record<string, readonly T[]>> =>
    Object.fromEntries(Object.entries(pairs).map(([name, parts]) => [name, parts.map(pick)]));
  return {
    data: trainingData(
      train,
      main.map(({ pool }) => pool),
      sides(({ pool }) => pool),
    ),
    source: { main: main.map(({ source }) => source), pairs: sides(({ source }) => source) },
  };
}
