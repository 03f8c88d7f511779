import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readTextIfThere } from '../../host/files.ts';
import { RunError } from '../../train/errors.ts';
import { hashOf, type ProtocolFacts, type StageRecord } from '../artefact.ts';
import type { StageOutcome } from '../context.ts';
import type { GivenStage, StagePlan } from '../plan.ts';

const CHECKPOINT = 'checkpoint.safetensors';

export async function runGiven(stage: GivenStage): Promise<StageOutcome> {
  const { kind, on, path } = stage.args;
  const given = await placeOf(stage);
  if (kind === 'checkpoint') return { kind, on, given, protocol: { checkpoint: `given (${basename(path)})` } };
  return { kind, on, given, protocol: (await factsOf(given)) ?? { crf: 'unknown', checkpoint: `given (${basename(given)})` } };
}

/** What a stage of an earlier run wrote of the maps or masks in its folder; nothing for those from elsewhere. */
async function factsOf(folder: string): Promise<ProtocolFacts | undefined> {
  const text = await readTextIfThere(join(folder, 'stage.json'));
  if (text === undefined) return undefined;
  try {
    const record: StageRecord = JSON.parse(text);
    return record.format === 1 ? record.protocol : undefined;
  } catch {
    return undefined;
  }
}

/** What stands for the content of a given artefact: the bytes of its files. Maps of another training have the same names and sizes. */
export async function givenKey(stage: GivenStage): Promise<string> {
  const place = await placeOf(stage);
  if (stage.args.kind === 'checkpoint') return digest(place);
  const names = (await readdir(place)).filter((name) => name.endsWith(endingOf(stage))).sort();
  const digests: string[] = [];
  for (const name of names) digests.push(await digest(join(place, name)));
  return hashOf([names.map((name, i) => [name, digests[i]]), await factsOf(place)]);
}

function endingOf({ args }: GivenStage): string {
  if (args.kind === 'masks' || args.kind === 'saliency') return '.png';
  return args.kind === 'boxes' ? '.xml' : '.npy';
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Looks for all that is given before the first stage runs. Throws RunError `run-plan` that names everything missing. */
export async function checkGiven(stages: readonly StagePlan[]): Promise<void> {
  const problems: string[] = [];
  for (const stage of stages) {
    const found = stage.op === 'given' ? await locate(stage) : undefined;
    if (found && 'problem' in found) problems.push(`${stage.name}: ${found.problem}`);
  }
  if (problems.length > 0) throw missing(problems);
}

/** The folder of maps or masks; the safetensors file of a checkpoint, or the folder with `checkpoint.safetensors`. Throws RunError `run-plan`. */
async function placeOf(stage: GivenStage): Promise<string> {
  const found = await locate(stage);
  if ('problem' in found) throw missing([found.problem]);
  return found.path;
}

function missing(problems: readonly string[]): RunError {
  return new RunError('run-plan', problems.join('\n'), problems.length === 1 ? 'Check the path.' : 'Check the paths.');
}

async function locate({ args }: GivenStage): Promise<{ readonly path: string } | { readonly problem: string }> {
  const path = resolve(args.path);
  const found = await stat(path).catch(() => undefined);
  if (args.kind !== 'checkpoint' && found?.isDirectory()) return { path };
  if (args.kind === 'checkpoint' && found?.isFile() && path.endsWith('.safetensors')) return { path };
  if (args.kind === 'checkpoint' && found?.isDirectory()) {
    const inside = join(path, CHECKPOINT);
    if (await stat(inside).catch(() => undefined)) return { path: inside };
  }
  const wanted = args.kind === 'checkpoint' ? `a .safetensors file, or a folder with ${CHECKPOINT}` : `a folder of ${args.kind}`;
  const what = found ? 'which is not' : 'which is not there; it should be';
  return { problem: `given is ${args.path}, ${what} ${wanted}` };
}
