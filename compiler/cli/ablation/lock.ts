/** Locks for single artefacts of a folder that several processes, also of several machines, work in together. */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unwritable } from '../../../runtime/data/atomic.ts';
import { systemCode } from '../../../runtime/data/errors.ts';
import { makeFolder } from '../../../runtime/data/folder.ts';
import { lives } from '../lock.ts';

/** A holder touches its lock this often; one on another machine that has not for many times as long has ended. Milliseconds. */
const HEARTBEAT = 20_000;
const DEAD = 15 * HEARTBEAT;
const POLL = 1_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Tells two holders of one process number apart. */
  readonly id: string;
}

/**
 * Waits until no other process holds `name` in `folder`, takes it, and gives what lets it go. The lock of a process that has ended is taken over: on
 * this machine by its number, on another when it has not been touched for five minutes. `waiting` is told once, with who holds it.
 */
export async function waitForLock(folder: string, name: string, waiting: (holder: string) => void): Promise<() => void> {
  const path = join(folder, `${name}.lock`);
  await makeFolder(folder);
  const own: Holder = { host: hostname(), pid: process.pid, id: randomUUID() };
  for (let told = false; !take(path, own); ) {
    const holder = holderOf(path);
    if (holder === undefined || hasEnded(path, holder)) {
      // Two that wait may both find it dead: of both only one makes the new file.
      rmSync(path, { force: true });
      continue;
    }
    if (!told) waiting(`process ${holder.pid} on ${holder.host}`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  const beat = setInterval(() => touch(path), HEARTBEAT);
  beat.unref();
  return () => {
    clearInterval(beat);
    if (holderOf(path)?.id === own.id) rmSync(path, { force: true });
  };
}

/** False where the lock is there already. */
function take(path: string, own: Holder): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(own)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw unwritable(path, error);
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The folder is gone or the disk full: whoever writes there next will say so.
  }
}

/** Undefined where the file is gone. One that is just being written, or damaged, belongs to nobody known here. */
function holderOf(path: string): Holder | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    try {
      return JSON.parse(text);
    } catch {
      return { host: 'an unknown machine', pid: 0, id: '' };
    }
  } catch {
    return undefined;
  }
}

function hasEnded(path: string, { host, pid }: Holder): boolean {
  if (host === hostname()) return !lives(pid);
  try {
    return Date.now() - statSync(path).mtimeMs > DEAD;
  } catch {
    return true;
  }
}
