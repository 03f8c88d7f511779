import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../../data/errors.ts';
import { RunError } from '../../train/errors.ts';
import { hashOf } from '../artefact.ts';
import type { StageOutcome } from '../context.ts';
import type { GivenStage } from '../plan.ts';

const CHECKPOINT = 'checkpoint.safetensors';

export async function runGiven(stage: GivenStage): Promise<StageOutcome> {
  const { kind, on, path } = stage.args;
  const given = await folderOf(stage);
  return { kind, on, given, protocol: kind === 'checkpoint' ? { checkpoint: `given (${basename(path)})` } : {} };
}

/** What stands for the content of a given artefact: the bytes of a checkpoint, names and sizes of the files of a folder. */
export async function givenKey(stage: GivenStage): Promise<string> {
  const folder = await folderOf(stage);
  if (stage.args.kind === 'checkpoint')
    return createHash('sha256')
      .update(await readFile(join(folder, CHECKPOINT)))
      .digest('hex');
  const ending = stage.args.kind === 'masks' ? '.png' : '.npy';
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return hashOf(names.map((name, i) => [name, sizes[i]]));
}

async function folderOf({ name, args }: GivenStage): Promise<string> {
  const path = resolve(args.path);
  const found = await stat(path).catch((error: unknown) => systemCode(error) ?? 'error');
  const folder = typeof found !== 'string' && found.isFile() && basename(path) === CHECKPOINT ? dirname(path) : path;
  const inside = args.kind === 'checkpoint' ? await stat(join(folder, CHECKPOINT)).catch(() => undefined) : found;
  if (typeof found !== 'string' && inside) return folder;
  const wanted = args.kind === 'checkpoint' ? `a ${CHECKPOINT}, or the folder of one` : `a folder of ${args.kind}`;
  throw new RunError('run-plan', `stage '${name}' is given ${args.path}, which is not ${wanted}`, 'Check the path.');
}
