/** What `wsss build` writes: the same bytes every time, and programs that a strict compiler takes with the types of this package. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built, filesIn, json, packageRoot, wsss } from './command.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const sipe = join(repository, 'specs', 'methods', 'sipe.wsss');
const tiny = fileURLToPath(new URL('./tiny.wsss', import.meta.url));

let folder: string;

/** What a strict compiler says of a project, a line a problem. */
async function compile(project: string): Promise<string> {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', project]);
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

describe.skipIf(!built)('wsss build', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-build-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('twice the same bytes, from another folder too', async () => {
    const one = await wsss(['build', `${sipe}#sipe_small`, '--out', join(folder, 'one'), '--json']);
    const two = await wsss(['build', 'methods/sipe.wsss:sipe_small', '--out', join(folder, 'two')], { cwd: join(repository, 'specs') });
    expect([one.code, one.stderr, two.code, two.stderr]).toEqual([0, '', 0, '']);
    const files = filesIn(join(folder, 'one'));
    expect(files).toEqual(['sipe_small.js', 'sipe_small.map.json', 'sipe_small.ts']);
    expect([...(json(one).written as string[])].sort()).toEqual(files.map((file) => join(folder, 'one', file)));
    expect(two.stdout.trim().split('\n').sort()).toEqual(files.map((file) => join(folder, 'two', file)));
    expect(filesIn(join(folder, 'two'))).toEqual(files);
    for (const file of files) expect(await readFile(join(folder, 'two', file))).toEqual(await readFile(join(folder, 'one', file)));
  });

  test('a cell of a grid is checked and built by its name, into files of its own', async () => {
    const grid = join(folder, 'grid.wsss');
    await writeFile(
      grid,
      `${await readFile(tiny, 'utf8')}\ngrid steps of tiny { rate in [0.1, 0.2] }\nvariant steps_rate of tiny { hyper rate = 0.3 }\n`,
    );
    const cell = 'steps[rate=0.1]';
    const checked = await wsss(['check', `${grid}#${cell}`]);
    expect([checked.code, checked.stdout.includes(`${cell} is sound`), checked.stdout.includes('rate=0.2')]).toEqual([0, true, false]);
    expect((await wsss(['build', `${grid}#${cell}`, '--out', join(folder, 'cell')])).code).toBe(0);
    expect(filesIn(join(folder, 'cell'))).toEqual(['js', 'map.json', 'ts'].map((ending) => `steps-rate=0.1.${ending}`));
    expect((await wsss(['build', grid, '--out', join(folder, 'cells')])).code).toBe(0);
    expect(filesIn(join(folder, 'cells')).filter((file) => file.endsWith('.ts'))).toEqual(
      ['steps-rate=0.1', 'steps-rate=0.2', 'steps_rate', 'tiny'].map((name) => `${name}.ts`),
    );
    const wrong = await wsss(['check', `${grid}#${cell}`, '--set', 'rate=fast']);
    expect([wrong.code, wrong.stderr.includes('bad-override')]).toEqual([1, true]);
  }, 60_000);

  test('the folder as it was written compiles under strict, as a project that depends on this package', async () => {
    expect((await wsss(['build', tiny, '--out', join(folder, 'project')])).code).toBe(0);
    await cp(join(folder, 'one'), join(folder, 'project'), { recursive: true });
    const modules = join(folder, 'project', 'node_modules');
    await mkdir(modules);
    await symlink(packageRoot, join(modules, 'wsss'));
    await symlink(join(repository, 'node_modules', '@tensorflow'), join(modules, '@tensorflow'));
    const options = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      types: [],
      skipLibCheck: true,
      noImplicitReturns: true,
      noFallthroughCasesInSwitch: true,
    };
    const config = join(folder, 'project', 'tsconfig.json');
    await writeFile(config, JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
    await writeFile(join(folder, 'project', 'package.json'), JSON.stringify({ name: 'user', type: 'module' }));
    // A file that does not fit the types is found, and is the only one.
    await writeFile(
      join(folder, 'project', 'wrong.ts'),
      "import { program } from './tiny.js';\nexport const wrong: string = program.meta.format;\n",
    );
    const problems = (await compile(config)).trim().split('\n');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/wrong\.ts\(2,14\): error TS2322/);
  });
});
