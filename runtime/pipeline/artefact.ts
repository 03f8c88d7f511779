/** What a stage leaves behind: a folder of files and, beside them, the record of everything that decided them. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BEST_CHECKPOINT, epochCheckpoint } from '../train/validation.ts';
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

/** The weights of a checkpoint, the last, those after an epoch, or the best by validation: in its folder, or the very file that was given. */
export function checkpointFile({ folder }: Artefact, which: 'last' | 'best' | { readonly epoch: number } = 'last'): string {
  if (folder.endsWith('.safetensors')) return folder;
  if (typeof which === 'object') return join(folder, epochCheckpoint(which.epoch));
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
