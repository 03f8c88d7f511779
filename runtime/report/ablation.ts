/** What the runs of an ablation scored, as one table. Numbers stand in one column only where they were measured in the same way. */
import type { Score } from './scores.ts';

/** One run: a row of the table with one seed. */
export type AblationRun =
  | { readonly seed: number; readonly scores: readonly Score[] }
  | { readonly seed: number; readonly failed: string }
  /** Another process has it, or nobody yet. */
  | { readonly seed: number; readonly pending: true };

export interface AblationRow {
  readonly name: string;
  /** The first line of its documentation. */
  readonly about?: string;
  readonly runs: readonly AblationRun[];
}

/** A number that several rows have: one thing scored under one protocol. */
export interface AblationColumn {
  readonly label: string;
  readonly metric: string;
  readonly unit: string;
  readonly split: string;
  /** All that two numbers must share to be compared, by name; what a run measures or draws itself (seed, a chosen threshold) is not in it. */
  readonly protocol: Readonly<Record<string, string>>;
}

export interface AblationCell {
  /** Values by seed, in the order of the seeds. */
  readonly values: readonly { readonly seed: number; readonly value: number }[];
  readonly mean: number;
  /** Sample standard deviation; undefined for a single value. */
  readonly spread: number | undefined;
  /** Mean over the seeds that both have of this row's value less the first row's; undefined where they share no seed. */
  readonly gain: number | undefined;
}

export interface AblationTable {
  readonly columns: readonly AblationColumn[];
  readonly rows: readonly {
    readonly name: string;
    readonly about?: string;
    /** By column; undefined where the row has no number of this protocol. */
    readonly cells: readonly (AblationCell | undefined)[];
    /** What went wrong, by seed. */
    readonly failed: readonly { readonly seed: number; readonly message: string }[];
    readonly pending: readonly number[];
    /** What its numbers rest on that the authors do not settle. */
    readonly readings: readonly string[];
  }[];
  /** Predictions that need no training, on the same images. */
  readonly trivial: readonly { readonly name: string; readonly split: string; readonly metric: string; readonly value: number | null }[];
}

/** Arranges runs by row and by what was measured; the first row is what the others are held against. */
export function ablationTable(rows: readonly AblationRow[]): AblationTable {
  const columns = new Map<string, AblationColumn>();
  const trivial = new Map<string, AblationTable['trivial'][number]>();
  const values = rows.map(({ runs }) => {
    const byColumn = new Map<string, { seed: number; value: number }[]>();
    for (const run of runs) {
      if (!('scores' in run)) continue;
      for (const score of run.scores) {
        if (score.role === 'baseline') {
          const { stage: name, split, metric, value } = score;
          trivial.set([name, split, metric].join('\n'), { name, split, metric, value });
          continue;
        }
        const column = columnOf(score);
        const key = JSON.stringify(column);
        columns.set(key, column);
        if (score.value === null) continue;
        byColumn.set(key, [...(byColumn.get(key) ?? []), { seed: run.seed, value: score.value }]);
      }
    }
    return byColumn;
  });
  // What is scored in the same words stands side by side.
  const labels = [...new Set([...columns.values()].map(({ label }) => label))];
  const keys = labels.flatMap((label) => [...columns].filter(([, column]) => column.label === label).map(([key]) => key));
  const first = values.at(0);
  return {
    columns: keys.flatMap((key) => columns.get(key) ?? []),
    trivial: [...trivial.values()],
    rows: rows.map(({ name, about, runs }, i) => ({
      name,
      about,
      cells: keys.map((key) => cellOf(values[i].get(key), i === 0 ? undefined : first?.get(key))),
      failed: runs.flatMap((run) => ('failed' in run ? [{ seed: run.seed, message: run.failed }] : [])),
      readings: [...new Set(runs.flatMap((run) => ('scores' in run ? run.scores.flatMap((score) => score.readings ?? []) : [])))],
      pending: runs.flatMap((run) => ('pending' in run ? [run.seed] : [])),
    })),
  };
}

/**
 * The column of a score. A threshold that was chosen on ground truth differs from run to run and belongs to what is measured: how it was chosen is
 * the protocol. The share of pixels that predictions left out belongs there too.
 */
function columnOf({ stage, split, metric, unit = '%', protocol }: Score): AblationColumn {
  const { other, seed: _seed, coverage: _coverage, threshold, thresholdSource, ...rest } = protocol;
  const stated = thresholdSource === undefined || thresholdSource === 'the spec';
  const facts: Readonly<Record<string, unknown>> = {
    ...rest,
    threshold: stated ? threshold : undefined,
    'threshold chosen': stated ? undefined : thresholdSource,
    ...other,
  };
  const said = Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, plain(fact)]]));
  return { label: stage, metric, unit, split, protocol: Object.fromEntries(said) };
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(' ') : String(value);
}

function cellOf(
  values: readonly { readonly seed: number; readonly value: number }[] | undefined,
  base: readonly { readonly seed: number; readonly value: number }[] | undefined,
): AblationCell | undefined {
  if (!values || values.length === 0) return undefined;
  const mean = average(values.map(({ value }) => value));
  const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const spread = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined;
  const gains = values.flatMap(({ seed, value }) => {
    const other = base?.find((b) => b.seed === seed);
    return other ? [value - other.value] : [];
  });
  return { values, mean, spread, gain: gains.length > 0 ? average(gains) : undefined };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
