/** `wsss diff` as a command: exit codes, choice of classes, formats, revisions of git, and what it says of wrong use. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DiffCommand, runDiff } from '../../../compiler/cli/diff.ts';
import { CommandFailure } from '../../../compiler/cli/output.ts';
import { exitCodeOf } from '../../../compiler/diff/classes.ts';

const CAM = fileURLToPath(new URL('../../../specs/methods/cam.wsss', import.meta.url));
const SIPE = fileURLToPath(new URL('../../../specs/methods/sipe.wsss', import.meta.url));

async function diff(
  from: string,
  to: string | undefined,
  options: Partial<DiffCommand> = {},
  columns?: number,
): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const output = {
    out: (text: string) => void lines.push(text),
    error: (text: string) => void lines.push(text),
    colour: false,
    ...(columns === undefined ? {} : { columns }),
  };
  const code = await runDiff(output, from, to, {
    format: 'table',
    json: false,
    cosmetic: false,
    set: [],
    only: [],
    ignore: [],
    ...options,
  });
  return { code, text: lines.join('\n') };
}

async function refusal(body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
  throw new Error('not refused');
}

test('the heaviest class decides the exit code', async () => {
  expect(exitCodeOf([])).toBe(0);
  expect(exitCodeOf(['cosmetic'])).toBe(0);
  expect(exitCodeOf(['hyper-parameter', 'loss', 'schedule'])).toBe(14);
  expect(exitCodeOf(['protocol', 'loss'])).toBe(19);
});

test('classes are chosen and left out, and with them the exit code', async () => {
  const pair = [`${SIPE}#sipe`, `${SIPE}#sipe_no_gsc`] as const;
  expect((await diff(...pair)).code).toBe(16);
  expect((await diff(...pair, { ignore: ['gradient-flow'] })).code).toBe(14);
  expect((await diff(...pair, { only: ['data,schedule'] })).code).toBe(0);
  expect(await refusal(() => diff(...pair, { only: ['architectre'] }))).toContain('architectre');
  expect(await diff(`${SIPE}#sipe`, `${SIPE}#sipe`)).toEqual({ code: 0, text: expect.stringContaining('no difference') });
}, 120_000);

test('cosmetic differences are told where they are asked for by name', async () => {
  const pair = [`${SIPE}#sipe`, `${SIPE}#sipe_no_gsc`] as const;
  const told = await diff(CAM, `${SIPE}#sipe`, { only: ['cosmetic'] });
  expect(told.code).toBe(0);
  expect(told.text).toContain('paper');
  expect(told.text).not.toContain('left out');
  expect((await diff(...pair, { only: ['loss', 'gradient-flow'] })).code).toBe(16);
}, 60_000);

test('the terminal decides how wide a table is', async () => {
  for (const columns of [72, 140]) {
    const { text } = await diff(CAM, `${SIPE}#sipe`, {}, columns);
    // The head has the paths as they were given.
    const table = text.split('\n').filter((line) => !line.includes('.wsss#'));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
  expect((await diff(CAM, `${SIPE}#sipe`, {}, 140)).text).not.toBe((await diff(CAM, `${SIPE}#sipe`, {}, 72)).text);
}, 60_000);

test('json has the rows', async () => {
  const { text, code } = await diff(`${SIPE}#sipe`, `${SIPE}#sipe_r101`, { format: 'json' });
  const told = JSON.parse(text);
  expect(told.exit).toBe(code);
  expect(told.methods[0].rows.map((r: { class: string; from: string; to: string }) => [r.class, r.from, r.to])).toEqual([
    ['architecture', 'resnet50', 'resnet101'],
  ]);
});

test('settings of the command line are differences like written ones', async () => {
  const { text } = await diff(`${SIPE}#sipe`, `${SIPE}#sipe`, { set: ['rate=0.05'] });
  // They hold for both sides.
  expect(text).toContain('no difference');
});

describe('revisions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsss-diff-'));
  const before = process.cwd();
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: folder, stdio: 'ignore' });
  const text = readFileSync(new URL('../../property/diff/base.wsss', import.meta.url), 'utf8').replace('"datasets/voc"', '"./voc"');

  beforeAll(() => {
    process.chdir(folder);
    writeFileSync(join(folder, 'voc.wsss'), readFileSync(new URL('../../../specs/datasets/voc.wsss', import.meta.url)));
    writeFileSync(join(folder, 'mine.wsss'), text);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  test('outside a repository, unknown ones, and files that a revision has not', async () => {
    expect(await refusal(() => diff('HEAD:mine.wsss', 'mine.wsss'))).toContain('no repository');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
    expect(await refusal(() => diff('v9:mine.wsss', 'mine.wsss'))).toContain('no such revision');
    expect(await refusal(() => diff('HEAD:other.wsss', 'mine.wsss'))).toContain('no such file at this revision');
  });

  test('a file against its last commit, imports of that revision included', async () => {
    expect((await diff('HEAD:mine.wsss', 'mine.wsss')).code).toBe(0);
    writeFileSync(join(folder, 'mine.wsss'), text.replace('epochs 8, batch 16', 'epochs 9, batch 16'));
    const { code, text: told } = await diff('HEAD:mine.wsss', 'mine.wsss');
    expect(code).toBe(13);
    expect(told).toContain('HEAD:mine.wsss#base → mine.wsss#base');
    writeFileSync(join(folder, 'voc.wsss'), 'language 1\n');
    expect((await diff('HEAD:mine.wsss', 'HEAD:mine.wsss')).code).toBe(0);
  });
});
