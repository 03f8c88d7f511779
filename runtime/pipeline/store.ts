/** Artefacts on disk: one folder each, with `stage.json` written last. A folder without it is not an artefact. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder, unwritable, writeAtomic } from '../data/atomic.ts';
import { DataError } from '../data/errors.ts';
import { exists, readTextIfThere } from '../host/files.ts';
import { RunError } from '../train/errors.ts';
import type { Artefact, StageRecord } from './artefact.ts';

/** A folder of artefacts, and how they are called in it. */
export interface ArtefactStore {
  readonly folder: string;
  /** The name of an artefact: letters, digits, `-` and `_`. */
  nameOf(stage: string, key: string): string;
  /** Waits until no other process makes this artefact, and gives what lets the next one at it. Absent where one process has the whole folder. */
  readonly lock?: (name: string) => Promise<() => void>;
}

/** One artefact a stage, under the stage's name: the output folder of a run. */
export function storeByStage(folder: string): ArtefactStore {
  return { folder, nameOf: (stage) => stage };
}

/** Artefacts by what decided them, so that runs whose stages have equal inputs share them. */
export function storeByContent(folder: string, lock: ArtefactStore['lock']): ArtefactStore {
  return { folder, nameOf: (_stage, key) => key.slice(0, 32), lock };
}

/** The finished artefact of a name, whatever its key. */
export async function finishedArtefact({ folder: store }: ArtefactStore, name: string): Promise<Artefact | undefined> {
  const folder = join(store, name);
  const text = await readTextIfThere(join(folder, 'stage.json'));
  if (text === undefined) return undefined;
  try {
    const record: StageRecord = JSON.parse(text);
    return record.format === 1 ? { folder: record.given ?? folder, record } : undefined;
  } catch {
    return undefined;
  }
}

/** Failures after which the same command may well succeed. */
const PASSING: ReadonlySet<string> = new Set(['output-unwritable', 'run-worker']);

/** As `writeAtomic` names a file until it is complete. */
const TEMPORARY = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

export interface WorkFolder {
  readonly folder: string;
  /** An unfinished run of this stage with another key was here and is gone: what decides the outcome has changed since. */
  readonly givenUp: boolean;
}

/**
 * The folder in which a stage works until it is finished. One of the same key is used again, so that a killed run continues; those of the same name
 * and other keys are removed.
 */
export async function workFolder({ folder: store }: ArtefactStore, artefact: string, key: string): Promise<WorkFolder> {
  let givenUp = false;
  const name = `.${artefact}.${key.slice(0, 12)}.partial`;
  try {
    await mkdir(join(store, name), { recursive: true });
    // What a killed run was writing: the file itself is whole or not there.
    for (const file of await readdir(join(store, name))) if (TEMPORARY.test(file)) await rm(join(store, name, file), { force: true });
    for (const other of await readdir(store)) {
      if (
        other !== name &&
        other.startsWith(`.${artefact}.`) &&
        /^\.[^/]*\.[0-9a-f]{12}\.(partial|old)$/.test(other) &&
        artefactOf(other) === artefact
      ) {
        if (other.endsWith('.partial') && (await readdir(join(store, other))).length > 0) givenUp = true;
        await rm(join(store, other), { recursive: true, force: true });
      }
    }
  } catch (error) {
    throw unwritable(store, error);
  }
  return { folder: join(store, name), givenUp };
}

/**
 * Removes the folder of a stage that failed on data or spec, since the key changes with what has to be put right there. A folder with a checkpoint
 * stays, as do all folders after other failures (a full disk, a lost thread): the same command goes on from what they hold.
 */
export async function abandon(work: string, error: unknown): Promise<void> {
  if (!(error instanceof DataError || error instanceof RunError) || PASSING.has(error.code)) return;
  if (await exists(join(work, 'checkpoint.safetensors'))) return;
  await rm(work, { recursive: true, force: true }).catch(() => undefined);
}

function artefactOf(folder: string): string {
  return folder.slice(1).replace(/\.[0-9a-f]{12}\.(partial|old)$/, '');
}

/** Writes `stage.json` and gives the folder its final name; an older artefact of that name makes room. */
export async function publish({ folder: store }: ArtefactStore, name: string, work: string, record: StageRecord): Promise<Artefact> {
  const folder = join(store, name);
  try {
    await flushFolder(work);
    await writeAtomic(join(work, 'stage.json'), `${JSON.stringify(record, null, 2)}\n`);
    if (await exists(folder)) {
      const old = join(store, `.${name}.${record.key.slice(0, 12)}.old`);
      await rm(old, { recursive: true, force: true });
      await rename(folder, old);
      await rename(work, folder);
      await rm(old, { recursive: true, force: true });
    } else {
      await rename(work, folder);
    }
  } catch (error) {
    throw unwritable(folder, error);
  }
  return { folder: record.given ?? folder, record };
}
