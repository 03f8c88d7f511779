/** Files of one JSON record a line, which grow while training runs and are cut back where a killed run goes on. */
import { unwritable, writeAtomic } from '../data/atomic.ts';
import { appendText } from '../data/folder.ts';
import { readTextIfThere } from '../host/files.ts';

/** The complete records of a file, none where it is not there; reading ends at a half-written line. */
export async function readRecords<T>(path: string, isRecord: (value: unknown) => value is T): Promise<readonly T[]> {
  const text = (await readTextIfThere(path)) ?? '';
  const records: T[] = [];
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

/** Replaces the file by these records. */
export async function writeRecords<T>(path: string, records: readonly T[]): Promise<void> {
  await writeAtomic(path, lines(records));
}

/** Adds records at the end. Throws what `unwritable` makes of the system's error. */
export async function appendRecords<T>(path: string, records: readonly T[]): Promise<void> {
  try {
    await appendText(path, lines(records));
  } catch (error) {
    throw unwritable(path, error);
  }
}

function lines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
