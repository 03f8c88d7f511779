/** The entries of the package, as a project that depends on it meets them: another folder, another process, built files. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUNTIME_VALUES } from '../../../compiler/emit/eager/emit.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const built = existsSync(join(root, 'dist/compiler/cli/main.js'));

const spec = `language 1
import "std/layers"
import "std/losses"
method mine {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer classify = conv(K, kernel: 3, pad: 1)
  let score = reduce(classify(image), "n h w k -> n k", mean)
  loss cls = soft_margin(score, tags)
  train {
    data toy.train { image = source |> normalize(signed) }
    epochs 4, batch 4
    optimizer sgd(lr: 0.5)
  }
}
dataset toy { format voc }
`;

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'wsss-depends-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules', 'wsss'));
  await copyFile(fileURLToPath(new URL('./use.mjs', import.meta.url)), join(project, 'use.mjs'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

async function use(text: string): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['use.mjs', text], { cwd: project });
  return JSON.parse(stdout);
}

describe.skipIf(!built)('a project that depends on the package', () => {
  test('compiles a spec and loads its program', async () => {
    const result = await use(spec);
    expect(result).toMatchObject({ name: 'mine', files: ['mine.ts', 'mine.js', 'mine.map.json'] });
    expect(result.graphs).toContain('update');
    expect(result.runtime).toEqual(expect.arrayContaining([...RUNTIME_VALUES, 'runProgram']));
  });

  test('gets messages with the place and a candidate', async () => {
    const { problems } = await use(spec.replace('conv(K', 'cnov(K'));
    expect(problems).toContain('--> mine.wsss:8:');
    expect(problems).toContain("did you mean 'conv'?");
  });
});
