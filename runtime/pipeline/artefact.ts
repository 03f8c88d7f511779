/** Artefacts on disk: one folder a stage, with `stage.json` written last. A folder without it is not an artefact. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder, unwritable, writeAtomic } from '../data/atomic.ts';
import { DataError } from '../data/errors.ts';
import { exists, readTextIfThere } from '../host/files.ts';
import { RunError } from '../train/errors.ts';
import { BEST_CHECKPOINT } from '../train/validation.ts';
import type { ArtefactKind, SplitPlan, StagePlan } from './plan.ts';

/** What is written beside an artefact: everything that decided it. No times, no host names. */
export interface StageRecord {
  readonly format: 1;
  readonly stage: string;
  readonly op: StagePlan['op'];
  readonly kind: ArtefactKind;
  /** Of a record: the kinds of its parts, each a folder inside. */
  readonly parts?: Readonly<Record<string, ArtefactKind>>;
  /** Hash of what the program says about this stage, arguments, keys of the inputs, data, seed, backend, workers and runtime version. */
  readonly key: string;
  readonly args: StagePlan['args'];
  readonly inputs: Readonly<Record<string, string>>;
  /** `hash` is of the slice that the stage depends on: training, or one inference program. */
  readonly program?: { readonly name: string; readonly hash: string; readonly spec: string; readonly compiler: string };
  /** The images that the artefact covers. */
  readonly on?: SplitPlan;
  readonly seed: number;
  readonly backend: string;
  readonly workers: number;
  readonly runtime: string;
  /** Where the artefact lies when it was given and not made. */
  readonly given?: string;
  /** How numbers made from this artefact have to be read; grows from stage to stage. */
  readonly protocol: ProtocolFacts;
}

/** Facts that a score measured on an artefact inherits. */
export interface ProtocolFacts {
  readonly checkpoint?: string;
  /** What training started from. */
  readonly initialWeights?: string;
  readonly threshold?: number;
  readonly thresholdSource?: string;
  readonly crf?: string;
  readonly readsTags?: boolean;
  /** Scales at which inference looked at each photo. */
  readonly scales?: readonly number[];
}

export interface Artefact {
  /** For given weights it may be the safetensors file itself: see `checkpointFile`. */
  readonly folder: string;
  readonly record: StageRecord;
}

/** The artefact of a stage by its name, or the part of one that a record holds: `seeds.cam`. */
export function artefactNamed(artefacts: ReadonlyMap<string, Artefact>, name: string): Artefact | undefined {
  const [stage, part] = name.split('.', 2);
  const found = artefacts.get(stage);
  if (!found || part === undefined) return found;
  const kind = found.record.parts?.[part];
  return kind && { folder: join(found.folder, part), record: { ...found.record, kind } };
}

/** The weights of a checkpoint, the last or the best by validation: in its folder, or the very file that was given. */
export function checkpointFile({ folder }: Artefact, which: 'last' | 'best' = 'last'): string {
  if (folder.endsWith('.safetensors')) return folder;
  return join(folder, which === 'best' ? BEST_CHECKPOINT : 'checkpoint.safetensors');
}

/** SHA-256 over canonical JSON. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** JSON with sorted keys; undefined fields left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/** The finished artefact of a stage, whatever its key. */
export async function finishedArtefact(out: string, stage: string): Promise<Artefact | undefined> {
  const folder = join(out, stage);
  const text = await readTextIfThere(join(folder, 'stage.json'));
  if (text === undefined) return undefined;
  try {
    const record: StageRecord = JSON.parse(text);
    return record.format === 1 ? { folder: record.given ?? folder, record } : undefined;
  } catch {
    return undefined;
  }
}

/** What tells two records of a stage apart, in words; empty where only the data themselves differ. */
export function changedBetween(before: StageRecord, now: StageRecord): readonly string[] {
  const said: readonly (readonly [string, (record: StageRecord) => unknown])[] = [
    ['program', ({ program }) => program && [program.hash, program.compiler]],
    ['arguments', ({ args }) => args],
    ['inputs', ({ inputs }) => inputs],
    ['images', ({ on }) => on],
    ['seed', ({ seed }) => seed],
    ['backend', ({ backend }) => backend],
    ['workers', ({ workers }) => workers],
    ['runtime', ({ runtime }) => runtime],
  ];
  return said.filter(([, of]) => canonical(of(before)) !== canonical(of(now))).map(([name]) => name);
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
 * The folder in which a stage works until it is finished. One of the same key is used again, so that a killed run continues; those of other keys
 * of the stage are removed.
 */
export async function workFolder(out: string, stage: string, key: string): Promise<WorkFolder> {
  let givenUp = false;
  const name = `.${stage}.${key.slice(0, 12)}.partial`;
  try {
    await mkdir(join(out, name), { recursive: true });
    // What a killed run was writing: the file itself is whole or not there.
    for (const file of await readdir(join(out, name))) if (TEMPORARY.test(file)) await rm(join(out, name, file), { force: true });
    for (const other of await readdir(out)) {
      if (
        other !== name &&
        other.startsWith(`.${stage}.`) &&
        /^\.[^/]*\.[0-9a-f]{12}\.(partial|old)$/.test(other) &&
        stageOf(other) === stage
      ) {
        if (other.endsWith('.partial') && (await readdir(join(out, other))).length > 0) givenUp = true;
        await rm(join(out, other), { recursive: true, force: true });
      }
    }
  } catch (error) {
    throw unwritable(out, error);
  }
  return { folder: join(out, name), givenUp };
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

function stageOf(folder: string): string {
  return folder.slice(1).replace(/\.[0-9a-f]{12}\.(partial|old)$/, '');
}

/** Writes `stage.json` and gives the folder its final name; an older artefact of the stage makes room. */
export async function publish(out: string, work: string, record: StageRecord): Promise<Artefact> {
  const folder = join(out, record.stage);
  try {
    await flushFolder(work);
    await writeAtomic(join(work, 'stage.json'), `${JSON.stringify(record, null, 2)}\n`);
    if (await exists(folder)) {
      const old = join(out, `.${record.stage}.${record.key.slice(0, 12)}.old`);
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
