import { appendRecords, readRecords, writeRecords } from './json-lines.ts';

/** One step in `log.jsonl`; plain numbers, no times, so that the file of a resumed run equals that of an uninterrupted one. */
export interface LogRecord {
  readonly step: number;
  readonly epoch: number;
  /** The schedule's factor on every rate. */
  readonly factor: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** Writes losses as they come, a line a step. */
export class TrainLog {
  readonly #path: string;
  #records: LogRecord[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the log at a step: what is written from there on is cut off, so that steps run again are not listed twice. */
  static async open(path: string, step: number): Promise<TrainLog> {
    const kept = (await readLog(path)).filter((record) => record.step < step);
    await writeRecords(path, kept);
    return new TrainLog(path);
  }

  add(record: LogRecord): void {
    this.#records.push(record);
  }

  async flush(): Promise<void> {
    if (this.#records.length === 0) return;
    const records = this.#records;
    this.#records = [];
    await appendRecords(this.#path, records);
  }
}

/** The complete records of a log; a half-written last line is passed over. */
export function readLog(path: string): Promise<readonly LogRecord[]> {
  return readRecords(path, isRecord);
}

function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && 'step' in value && 'losses' in value;
}
