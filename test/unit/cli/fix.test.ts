/** `wsss check --fix`: what it writes, what it only shows, and what it leaves alone. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { built, json, wsss } from './command.ts';

const MISTAKEN = `language 1

import "std/losses"
import { gap, max_normalize } from "std/cam"
import "std/backbones/small"

method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
  layer classify = conv(K, kernel=1)
  let x = net(imgae)  // allow numeric-trap
  cam maps = self.classify(x.layer4)
  loss cls = soft_margin(gap(maps as cam), tags)
  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
  }
}

dataset voc { format voc }
`;

const RIGHT = MISTAKEN.replace('gap, max_normalize', 'gap')
  .replace('small"\n', 'small"\nimport "std/layers"\n')
  .replace('kernel=1', 'kernel: 1')
  .replace('imgae)  // allow numeric-trap', 'image)')
  .replace('self.', '')
  .replace(' as cam', '');

let folder: string;
const read = (): Promise<string> => readFile(join(folder, 'm.wsss'), 'utf8');

describe.skipIf(!built)('check --fix', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-fix-'));
  });
  beforeEach(() => writeFile(join(folder, 'm.wsss'), MISTAKEN));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('applies all, until nothing is left to fix', async () => {
    const { code, stdout, stderr } = await wsss(['check', 'm.wsss', '--fix'], { cwd: folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(await read()).toBe(RIGHT);
    expect(stdout).toContain("m.wsss:13: write 'image' (unknown-name)");
    expect(stdout).toContain('m is sound');
    expect(await readdir(folder)).toEqual(['m.wsss']);
    const again = await wsss(['check', 'm.wsss', '--fix'], { cwd: folder });
    expect([again.code, again.stdout.split('\n')[0]]).toEqual([0, 'nothing has a fix']);
  });

  test('--dry-run prints a diff and writes nothing', async () => {
    const { code, stdout } = await wsss(['check', 'm.wsss', '--fix', '--dry-run'], { cwd: folder });
    expect(code).toBe(0);
    expect(await read()).toBe(MISTAKEN);
    expect(stdout).toContain('--- m.wsss\n+++ m.wsss\n@@ -1,');
    expect(stdout).toContain('\n-  layer classify = conv(K, kernel=1)\n');
    expect(stdout).toContain('\n+  layer classify = conv(K, kernel: 1)\n');
  });

  test('tells what is left, and ends by it; --json lists what was done', async () => {
    await writeFile(join(folder, 'm.wsss'), MISTAKEN.replace('sgd(', 'quux('));
    const ended = await wsss(['check', 'm.wsss', '--fix', '--json'], { cwd: folder });
    expect(ended.code).toBe(1);
    const document = json(ended);
    expect(document).toMatchObject({ file: 'm.wsss', written: ['m.wsss'] });
    expect(document.fixes).toContainEqual({ file: 'm.wsss', line: 12, code: 'foreign-argument', title: 'use a colon' });
    expect(document.diagnostics).toHaveLength(1);
  });

  test('files that are imported are fixed too, the standard library never', async () => {
    await writeFile(join(folder, 'part.wsss'), 'language 1\nmodule part(x: Tensor) -> Tensor {\n  return x ** 2\n}\n');
    await writeFile(
      join(folder, 'm.wsss'),
      RIGHT.replace('import "std/layers"', 'import "std/layers"\nimport { part } from "part"').replace('gap(maps', 'gap(part(maps)'),
    );
    const { code, stdout } = await wsss(['check', 'm.wsss', '--fix'], { cwd: folder });
    expect(stdout).toContain('part.wsss:3: write ^ (foreign-power)');
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'part.wsss'), 'utf8')).toContain('return x ^ 2');
    await rm(join(folder, 'part.wsss'));
  });

  test('--dry-run alone is a mistake', async () => {
    const { code, stderr } = await wsss(['check', 'm.wsss', '--dry-run'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('--dry-run goes with --fix');
  });
});
