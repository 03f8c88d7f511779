import { unwritable, writeAtomic } from '../data/atomic.ts';
import { appendText, readTextIfThere } from '../host/files.ts';

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
  #lines: string[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the log at a step: what is written from there on is cut off, so that steps run again are not listed twice. */
  static async open(path: string, step: number): Promise<TrainLog> {
    const kept = (await readLog(path)).filter((record) => record.step < step);
    await writeAtomic(path, kept.map(line).join(''));
    return new TrainLog(path);
  }

  add(record: LogRecord): void {
    this.#lines.push(line(record));
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    try {
      await appendText(this.#path, text);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }
}

/** The complete records of a log; a half-written last line is passed over. */
export async function readLog(path: string): Promise<readonly LogRecord[]> {
  const text = (await readTextIfThere(path)) ?? '';
  const records: LogRecord[] = [];
  for (const part of text.split('\n').slice(0, -1)) {
    try {
      const record: unknown = JSON.parse(part);
      if (isRecord(record)) records.push(record);
    } catch {
      break;
    }
  }
  return records;
}

function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && 'step' in value && 'losses' in value;
}

function line(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}
