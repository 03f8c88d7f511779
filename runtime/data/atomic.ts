import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, reason, systemCode } from './errors.ts';
import { makeFolder } from './folder.ts';

export interface WriteOptions {
  /**
   * Whether the bytes are on the disk before the name is theirs. Without it the file is still whole or absent after the process is killed, but may
   * be empty after the power fails: for the thousands of small files of a stage, which `flushFolder` brings to the disk together.
   */
  readonly flush: boolean;
}

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never a part: temporary name in the same folder, flushed to the disk,
 * renamed. Missing folders are made. Throws DataError `output-unwritable`; then nothing of the temporary file is left.
 */
export async function writeAtomic(path: string, bytes: Uint8Array | string, { flush }: WriteOptions = { flush: true }): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, error);
  }
}

/** The system's codes in the user's words; anything else is told as the system says it. */
const WORDS: Readonly<Record<string, string>> = {
  ENOTDIR: 'a file where a folder should be',
  EEXIST: 'a file where a folder should be',
  EISDIR: 'a folder where a file should be',
  EACCES: 'no right to write there',
  EPERM: 'no right to write there',
  EROFS: 'a disk that is read-only',
  ENOSPC: 'a disk that is full',
  EDQUOT: 'a quota that is used up',
};

/** Waits until every file of a folder is on the disk. */
export async function flushFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(folder, entry.name), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** The DataError for a file or folder that cannot be written. */
export function unwritable(path: string, error: unknown): DataError {
  return new DataError('output-unwritable', {
    what: 'The output cannot be written',
    file: path,
    expected: 'a folder that this user may write to, with room left',
    found: WORDS[systemCode(error) ?? ''] ?? reason(error),
    hint: 'Choose another output folder, or make room for this one (rights, disk, a file in its way).',
  });
}
