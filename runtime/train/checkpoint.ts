/** A checkpoint is the state of a program, exactly, and where it stands in its schedule: one safetensors file, the same bytes for the same run. */
import { readSafetensors, type Safetensors, writeSafetensors } from '../data/safetensors.ts';
import type { StateEntry } from '../program.ts';
import { RunError } from './errors.ts';
import type { HostState } from './state.ts';

/** Where a run stands, and everything that decides what it computes. */
export interface Position {
  /** Finished steps, and of how many. */
  readonly step: number;
  readonly steps: number;
  readonly seed: number;
  readonly program: string;
  /** Of everything in the program that decides training. */
  readonly hash: string;
  readonly compiler: string;
  readonly backend: string;
  readonly workers: number;
  /** Fingerprint of data, split, initial weights and options of the run. */
  readonly data: string;
}

const FORMAT = 'wsss-checkpoint-1';

/** Writes state and position atomically; no times, no host names. Throws DataError `output-unwritable`. */
export async function writeCheckpoint(path: string, state: HostState, position: Position): Promise<void> {
  const metadata: Record<string, string> = { format: FORMAT };
  for (const [key, value] of Object.entries(position)) metadata[key] = String(value);
  await writeSafetensors(path, state.slots, metadata);
}

export interface Checkpoint {
  readonly tensors: Safetensors['tensors'];
  readonly position: Position;
}

/** Reads a checkpoint of wsss. Throws DataError `data-bad-safetensors`, RunError `run-bad-checkpoint` for a safetensors file of another kind. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const text = (key: string): string => {
    const value = metadata.get(key);
    if (value === undefined || metadata.get('format') !== FORMAT) {
      throw new RunError(
        'run-bad-checkpoint',
        `${path} is not a checkpoint of wsss`,
        'Give a checkpoint.safetensors that a training run wrote.',
      );
    }
    return value;
  };
  return {
    tensors,
    position: {
      step: Number(text('step')),
      steps: Number(text('steps')),
      seed: Number(text('seed')),
      program: text('program'),
      hash: text('hash'),
      compiler: text('compiler'),
      backend: text('backend'),
      workers: Number(text('workers')),
      data: text('data'),
    },
  };
}

/** Copies a checkpoint's tensors into the state; every declared key must be there with its shape. Throws RunError `run-missing-state`. */
export function restore(state: HostState, tensors: Safetensors['tensors'], path: string): void {
  for (const slot of state.slots.values()) {
    const stored = tensors.get(slot.key);
    if (!stored || !sameShape(stored.shape, slot.shape) || !(stored.data instanceof Float32Array)) {
      const found = stored ? `[${stored.shape.join(', ')}] ${stored.dtype}` : 'nothing';
      throw new RunError(
        'run-missing-state',
        `${path}: '${slot.key}' should be [${slot.shape.join(', ')}] float32, found ${found}`,
        'The checkpoint belongs to another program or another number of classes; train again or give the right one.',
      );
    }
    slot.data.set(stored.data);
  }
}

/** What a partial initialisation did; the caller shows it. */
export interface InitReport {
  readonly copied: readonly string[];
  /** Declared here, absent or of another shape there. */
  readonly unmatched: readonly string[];
}

/** Copies parameters, statistics and averages with the same key and shape from another program's file; slots and flags start afresh. */
export function initializeFrom(entries: readonly StateEntry[], state: HostState, tensors: Safetensors['tensors']): InitReport {
  const copied: string[] = [];
  const unmatched: string[] = [];
  for (const { key, role } of entries) {
    if (role === 'slot' || role === 'flag') continue;
    const slot = state.slots.get(key);
    const stored = tensors.get(key);
    if (slot && stored && stored.data instanceof Float32Array && sameShape(stored.shape, slot.shape)) {
      slot.data.set(stored.data);
      copied.push(key);
    } else unmatched.push(key);
  }
  return { copied, unmatched };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}
