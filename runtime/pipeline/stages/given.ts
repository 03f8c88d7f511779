import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readTextIfThere } from '../../host/files.ts';
import { RunError } from '../../train/errors.ts';
import { hashOf, type ProtocolFacts, type StageRecord } from '../artefact.ts';
import type { StageOutcome } from '../context.ts';
import type { GivenStage } from '../plan.ts';

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

/** The folder of maps or masks; the safetensors file of a checkpoint, or the folder with `checkpoint.safetensors`. Throws RunError `run-plan`. */
async function placeOf({ args }: GivenStage): Promise<string> {
  const path = resolve(args.path);
  const found = await stat(path).catch(() => undefined);
  if (args.kind !== 'checkpoint' && found?.isDirectory()) return path;
  if (args.kind === 'checkpoint' && found?.isFile() && path.endsWith('.safetensors')) return path;
  if (args.kind === 'checkpoint' && found?.isDirectory()) {
    const inside = join(path, CHECKPOINT);
    if (await stat(inside).catch(() => undefined)) return inside;
  }
  const wanted = args.kind === 'checkpoint' ? `a .safetensors file, or a folder with ${CHECKPOINT}` : `a folder of ${args.kind}`;
  const what = found ? 'which is not' : 'which is not there; it should be';
  throw new RunError('run-plan', `given is ${args.path}, ${what} ${wanted}`, 'Check the path.');
}
