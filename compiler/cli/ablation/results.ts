/** What is known of every run of an ablation: one small file each, so that processes that share a folder see each other's. */
import { join } from 'node:path';
import { writeAtomic } from '../../../runtime/data/atomic.ts';
import { readTextIfThere } from '../../../runtime/host/files.ts';
import type { AblationRun } from '../../../runtime/report/ablation.ts';
import { formatScores, parseScores } from '../../../runtime/report/scores.ts';

/** A folder for a row and a seed. Names of grid cells (`backgrounds[rate=0.3]`) hold characters that some systems refuse. */
export function runFolder(out: string, row: string, seed: number): string {
  return join(rowFolder(out, row), `seed-${seed}`);
}

export function rowFolder(out: string, row: string): string {
  return join(out, 'runs', row.replaceAll(/[^\p{L}\p{N}_.=-]+/gu, '_').replace(/_+$/, ''));
}

/** `key` is of the programs, the plan and the seed: a run of another spec is not taken for one of this. */
export async function writeRun(folder: string, key: string, run: AblationRun): Promise<void> {
  const said = 'scores' in run ? { ...run, scores: JSON.parse(formatScores(run.scores)).scores } : run;
  await writeAtomic(join(folder, 'run.json'), `${JSON.stringify({ format: 1, key, ...said }, null, 2)}\n`);
}

/** The run as somebody has left it; pending where nobody has, or under another key. */
export async function readRun(folder: string, key: string, seed: number): Promise<AblationRun> {
  const pending: AblationRun = { seed, pending: true };
  const path = join(folder, 'run.json');
  const text = await readTextIfThere(path);
  if (text === undefined) return pending;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null || Reflect.get(found, 'key') !== key) return pending;
    const failed: unknown = Reflect.get(found, 'failed');
    if (typeof failed === 'string') return { seed, failed };
    return { seed, scores: parseScores(JSON.stringify({ version: 1, scores: Reflect.get(found, 'scores') }), path) };
  } catch {
    return pending;
  }
}
