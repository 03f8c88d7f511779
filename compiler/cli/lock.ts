/** One process at a time works in an output folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwritable } from '../../runtime/data/atomic.ts';
import { systemCode } from '../../runtime/data/errors.ts';
import { makeFolder } from '../../runtime/data/folder.ts';
import { CommandFailure, EXIT } from './output.ts';

/** Holds the process number of whoever works in the folder. */
export const LOCK_FILE = '.wsss.lock';

/**
 * Takes an output folder for this process, and gives what lets it go again. The lock of a process that has ended (killed, power lost) is taken over.
 * Throws CommandFailure `run-locked` while another process works there, DataError `output-unwritable`.
 */
export async function lockFolder(out: string): Promise<() => void> {
  const path = join(out, LOCK_FILE);
  await makeFolder(out).catch((error: unknown) => {
    throw unwritable(out, error);
  });
  if (!take(path)) {
    const holder = holderOf(path);
    if (holder !== undefined && holder !== process.pid && lives(holder)) {
      throw new CommandFailure(EXIT.failure, {
        code: 'run-locked',
        message: `another process (${holder}) works in this folder`,
        file: path,
        hint: 'Wait until it has ended, or choose another --out. If no such wsss runs, remove the file.',
      });
    }
    rmSync(path, { force: true });
    if (!take(path))
      throw new CommandFailure(EXIT.failure, { code: 'run-locked', message: 'another process works in this folder', file: path });
  }
  return () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
}

/** False where the lock is there already. */
function take(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw unwritable(path, error);
  }
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine runs. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
