/** `kill -9` in the middle of training, then the same command again. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeToyVoc } from '../train/toy-voc.ts';
import { built, type Ended, filesIn, wsss } from './command.ts';

const spec = fileURLToPath(new URL('./tiny.wsss', import.meta.url));
const preload = pathToFileURL(fileURLToPath(new URL('./pause.mjs', import.meta.url))).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-kill-'));
  await makeToyVoc(join(folder, 'voc'), { train: 26, val: 4 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** 26 images in batches of 4 for 4 epochs: 24 steps, a checkpoint after every fifth and at the end. */
function command(name: string, out: string, pause?: { readonly at: number; readonly when: 'before' | 'after' }): Promise<Ended> {
  const data = ['--data', join(folder, 'voc'), '--out', join(folder, out)];
  const args = [name, spec, ...data, '--workers', '1', '--backend', 'wasm', '--seed', '3', '--checkpoint-every', '5'];
  if (!pause) return wsss(args);
  return wsss(args, { preload, env: { PAUSE_AT: String(pause.at), PAUSE_WHEN: pause.when }, killAt: 'PAUSED' });
}

describe.skipIf(!built)('killed while it trains', () => {
  test('wsss run goes on, twice, and ends with the bytes of an uninterrupted run', async () => {
    expect((await command('run', 'whole')).code).toBe(0);

    // First while the second checkpoint is being written: the first one counts.
    expect((await command('run', 'killed', { at: 2, when: 'before' })).signal).toBe('SIGKILL');
    expect(existsSync(join(folder, 'killed', 'classifier'))).toBe(false);
    expect(filesIn(join(folder, 'killed')).filter((file) => file.endsWith('.tmp'))).toHaveLength(1);

    // Then again, after two more checkpoints.
    const second = await command('run', 'killed', { at: 2, when: 'after' });
    expect(second.signal).toBe('SIGKILL');
    expect(second.stderr).toContain('classifier: continues from step 5 of 24');
    expect(existsSync(join(folder, 'killed', 'classifier'))).toBe(false);

    await same('run', 'classifier', 'classifier: continues from step 15 of 24');
  });

  test('wsss train goes on, and ends with the bytes of an uninterrupted run', async () => {
    expect((await command('train', 'train-whole')).code).toBe(0);
    expect((await command('train', 'train-killed', { at: 3, when: 'after' })).signal).toBe('SIGKILL');
    await same('train', 'train', 'train: continues from step 15 of 24', 'train-');
  });

  /** The last of the commands: it says where it goes on, and leaves what the uninterrupted one left. */
  async function same(name: string, stage: string, note: string, prefix = ''): Promise<void> {
    const [whole, killed] = [join(folder, `${prefix}whole`), join(folder, `${prefix}killed`)];
    const last = await command(name, `${prefix}killed`);
    expect(last.code).toBe(0);
    expect(last.stderr).toContain(note);
    expect(filesIn(killed)).toEqual(filesIn(whole));
    const files = filesIn(join(whole, stage));
    expect(files).toContain('checkpoint.safetensors');
    for (const file of files) expect(await readFile(join(killed, stage, file)), file).toEqual(await readFile(join(whole, stage, file)));
  }
});
