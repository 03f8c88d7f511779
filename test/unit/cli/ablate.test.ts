/** `wsss ablate`: what rows share is made once, a failing row stops no other, a killed one goes on, jobs share a folder. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeToyVoc } from '../train/toy-voc.ts';
import { built, wsss } from './command.ts';

const preload = pathToFileURL(fileURLToPath(new URL('./pause.mjs', import.meta.url))).href;

let folder: string;
let spec: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-ablate-'));
  await makeToyVoc(join(folder, 'voc'), { train: 26, val: 4 });
  spec = join(folder, 'tiny.wsss');
  const tiny = await readFile(new URL('./tiny.wsss', import.meta.url), 'utf8');
  // The first variant trains as its method does, under other names; the second cannot train.
  await writeFile(
    spec,
    `${tiny}
variant cut of tiny {
  pipeline {
    stage first = train(this, on: toy.train)
    stage maps = infer(first, seeds, on: toy.val, tags: given)
    stage scores = evaluate(maps, threshold: 0.2, on: toy.val, label: "seeds")
  }
}

variant explodes of tiny {
  hyper rate = 1e30
}

/// Its second loss never has anything above its margin.
variant idle of tiny {
  loss margin = mean(relu(score - 1000))
}

grid rates of tiny { rate in [0.1, 0.2] }
`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function ablate(out: string, rows: readonly string[], more: readonly string[] = [], options = {}) {
  const fixed = ['--data', join(folder, 'voc'), '--workers', '1', '--backend', 'wasm', '--checkpoint-every', '5'];
  return wsss(['ablate', ...rows.map((row) => `${spec}#${row}`), ...fixed, '--out', join(folder, out), ...more], options);
}

async function table(out: string): Promise<readonly string[]> {
  return (await readFile(join(folder, out, 'results.md'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
}

describe.skipIf(!built)('an ablation', () => {
  test('a variant that trains alike reads what was trained; a row that fails is said to, and the others go on', async () => {
    const ended = await ablate('shared', ['tiny', 'cut', 'explodes']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('first: done before');
    expect(ended.stderr).toContain('maps: done before');
    const [tiny, cut, explodes] = await table('shared');
    expect(tiny).toMatch(/^\| tiny \| \d+\.\d \| – \|$/);
    // Another fixed threshold is another quantity.
    expect(cut).toMatch(/^\| cut \| – \| \d+\.\d \|$/);
    expect(explodes).toBe('| explodes | failed | failed |');
    expect(await readFile(join(folder, 'shared', 'results.md'), 'utf8')).toContain('run-non-finite-loss');

    const again = await ablate('shared', ['tiny', 'cut']);
    expect(again.code).toBe(0);
    expect(again.stderr).not.toMatch(/classifier: \d+ steps/);
  });

  test('killed while it trains, it goes on and ends with the table of an uninterrupted one', async () => {
    const killed = await ablate('killed', ['tiny'], ['--seeds', '3,4'], {
      preload,
      env: { PAUSE_AT: '2', PAUSE_WHEN: 'after' },
      killAt: 'PAUSED',
    });
    expect(killed.signal).toBe('SIGKILL');
    const on = await ablate('killed', ['tiny'], ['--seeds', '3,4']);
    expect(on.code).toBe(0);
    expect(on.stderr).toMatch(/classifier: continues from step \d+ of 24/);
    expect((await ablate('whole', ['tiny'], ['--seeds', '3,4'])).code).toBe(0);
    expect(await table('killed')).toEqual(await table('whole'));
    expect(await readFile(join(folder, 'killed', 'results.csv'), 'utf8')).toBe(
      await readFile(join(folder, 'whole', 'results.csv'), 'utf8'),
    );
    expect(await readdir(join(folder, 'killed', 'cache', 'locks'))).toEqual([]);
  });

  test('two jobs share a folder: each cell once, and the last to end writes the whole table', async () => {
    await mkdir(join(folder, 'jobs'));
    const jobs = await Promise.all(['1/2', '2/2'].map((part) => ablate('jobs', ['rates', 'cut'], ['--slice', part])));
    expect(jobs.map(({ code }) => code)).toEqual([0, 0]);
    const rows = await table('jobs');
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(['| rates[rate=0.1]', '| rates[rate=0.2]', '| cut']);
    expect(rows.join()).not.toContain('…');
  });

  test('a loss that never had anything to compare fails its row; alone it is a warning', async () => {
    const ended = await ablate('idle', ['idle']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("error[run-empty-loss]: classifier: the loss 'margin' was exactly zero in 24 of 24 steps");
    const alone = await wsss(['run', `${spec}#idle`, '--data', join(folder, 'voc'), '--backend', 'wasm', '--out', join(folder, 'alone')]);
    expect(alone.code).toBe(0);
    expect(alone.stderr).toContain("warning: classifier: the loss 'margin' was exactly zero in 24 of 24 steps");
  });

  test('what cannot be meant is told', async () => {
    const unknown = await ablate('none', ['rate']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("declares no method, variant or grid 'rate'");
    expect(unknown.stderr).toContain("'rates'");
    expect((await ablate('none', ['tiny'], ['--seeds', '1,1'])).stderr).toContain('names a seed twice');
    expect((await ablate('none', ['tiny'], ['--slice', '3/2'])).stderr).toContain('I/N');
  });
});
