/** All images that a training stage reads: those it is named, those its program adds, and those that partners are drawn from. */
import type { Pool } from '../data/pairs.ts';
import type { SourceRef, TrainEntry } from '../program.ts';
import { type SplitSource, type TrainingData, type TrainingSource, trainingData, withMasks } from '../train/source.ts';
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

/** Opens them here, and says how worker threads do. `masks` is a folder that stands in for the masks of the images trained on. */
export async function openTrainingSplits(
  datasets: Datasets,
  train: TrainEntry,
  on: SplitPlan,
  masks: string | undefined,
): Promise<{ readonly data: TrainingData; readonly source: TrainingSource }> {
  const splits = trainingSplits(train, on);
  const open = async (split: SplitPlan, folder?: string): Promise<{ readonly pool: Pool; readonly source: SplitSource }> => {
    const { dataset, source } = await datasets.open(split.dataset);
    return {
      pool: { dataset: folder === undefined ? dataset : withMasks(dataset, folder), ids: splitIds(dataset, split) },
      source: { source: folder === undefined ? source : { ...source, masks: folder }, split: split.split, limit: split.limit },
    };
  };
  const main = await Promise.all(splits.main.map((split) => open(split, masks)));
  const pairs = Object.fromEntries(
    await Promise.all(
      Object.entries(splits.pairs).map(async ([name, parts]) => [name, await Promise.all(parts.map((part) => open(part, masks)))] as const),
    ),
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
