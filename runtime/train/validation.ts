/** Scores while training: when they are due, the log of them, and the best weights so far. */
import type { ValidationJson } from '../program.ts';
import { appendRecords, readRecords, writeRecords } from './json-lines.ts';
import type { HostState } from './state.ts';

/** Beside `checkpoint.safetensors`, which holds the last weights. */
export const BEST_CHECKPOINT = 'best.safetensors';

/** The weights after so many epochs, beside it too. */
export function epochCheckpoint(epoch: number): string {
  return `epoch-${epoch}.safetensors`;
}

export interface Validation {
  readonly plan: ValidationJson;
  /** The score of the weights as they are, in percent. */
  score(state: HostState): Promise<number>;
}

/** One score in `validation.jsonl`; no times, so that the file of a resumed run equals that of an uninterrupted one. */
export interface ValidationRecord {
  /** Finished steps. */
  readonly step: number;
  readonly program: string;
  readonly on: string;
  readonly miou: number;
  /** Whether the best weights are chosen by it, and whether they were these then. */
  readonly best?: boolean;
}

/** Whether a validation is due after so many steps: every so many, and at the end. */
export function isDue({ every }: ValidationJson, done: number, total: number, perEpoch: number): boolean {
  return done === total || done % ('steps' in every ? every.steps : every.epochs * perEpoch) === 0;
}

/** Runs what is due, writes it down, and calls `keep` where the weights are the best so far; of equal scores the first stays. */
export class Validator {
  readonly #validations: readonly Validation[];
  readonly #path: string;
  #best: number;

  private constructor(validations: readonly Validation[], path: string, best: number) {
    this.#validations = validations;
    this.#path = path;
    this.#best = best;
  }

  /**
   * Opens the log at a step: what was written after it is cut off. The best weights beside it may be of a later step then; the steps that are run
   * again come by there with the same score, and write the same file.
   */
  static async open(validations: readonly Validation[], path: string, step: number): Promise<Validator> {
    if (validations.length === 0) return new Validator(validations, path, Number.NEGATIVE_INFINITY);
    const kept = (await readValidations(path)).filter((record) => record.step <= step);
    await writeRecords(path, kept);
    return new Validator(validations, path, bestOf(kept)?.miou ?? Number.NEGATIVE_INFINITY);
  }

  due(done: number, total: number, perEpoch: number): readonly Validation[] {
    return this.#validations.filter(({ plan }) => isDue(plan, done, total, perEpoch));
  }

  async run(due: readonly Validation[], done: number, state: HostState, keep: () => Promise<void>): Promise<readonly ValidationRecord[]> {
    const records: ValidationRecord[] = [];
    for (const { plan, score } of due) {
      const miou = await score(state);
      const best = plan.best === undefined ? undefined : miou > this.#best;
      if (best) {
        this.#best = miou;
        await keep();
      }
      records.push({ step: done, program: plan.program, on: `${plan.on.dataset}.${plan.on.split}`, miou, best });
    }
    await appendRecords(this.#path, records);
    return records;
  }
}

/** The record of the best weights. */
export function bestOf(records: readonly ValidationRecord[]): ValidationRecord | undefined {
  return records.findLast((record) => record.best === true);
}

/** The complete records of a log; a half-written last line is passed over. */
export function readValidations(path: string): Promise<readonly ValidationRecord[]> {
  return readRecords(path, isRecord);
}

function isRecord(value: unknown): value is ValidationRecord {
  return typeof value === 'object' && value !== null && 'step' in value && 'miou' in value;
}
