/** flow, cost, graph and the looks of check through the command line: exit codes, JSON, files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { built, filesIn, json, wsss } from './command.ts';

const tiny = fileURLToPath(new URL('./tiny.wsss', import.meta.url));
const two = fileURLToPath(new URL('./two.wsss', import.meta.url));

/** A method whose loss compares two values. */
const comparing = (name: string, one: string, other: string): string => `language 1
import "std/layers"
dataset voc { format voc }
method ${name} {
  supervision tags
  input image: Image[N, H, W, 3]
  input small: Image[N, h2, w2, 3]
  layer stem = conv(4, kernel: 1)
  layer wide = conv(5, kernel: 1)
  loss far = mean(square(${one} - ${other}))
  train {
    data voc.train {
      plain = source |> crop(64, pad: zero)
      image = plain |> normalize(imagenet)
      small = plain |> square(32) |> normalize(imagenet)
    }
    epochs 1, batch 2
    optimizer sgd(lr: 0.1)
    freeze wide
  }
}
`;
/** 4 channels are compared with 5. */
const WRONG = comparing('wrong', 'stem(image)', 'wide(image)');
/** Two sizes of which nothing says that they agree. */
const UNPROVED = comparing('unproved', 'stem(image)', 'wide(small)[channel: 0..4]');

let folder: string;
const inside = (name: string): string => join(folder, name);

describe.skipIf(!built)('looking at a method', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-looking-'));
    await writeFile(inside('wrong.wsss'), WRONG);
    await writeFile(inside('unproved.wsss'), UNPROVED);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('flow --json: each row answers for each loss; text and Markdown tell the same losses', async () => {
    const ended = await wsss(['flow', tiny, '--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { methods } = json(ended) as {
      methods: { method: string; losses: { name: string; off: string }[]; rows: { cells: object; standing: string }[] }[];
    };
    expect(methods.length).toBeGreaterThan(0);
    for (const { losses, rows } of methods) {
      expect(losses.length).toBeGreaterThan(0);
      for (const row of rows) expect(Object.keys(row.cells)).toEqual(losses.map(({ name }) => name));
      expect(rows.some(({ standing }) => standing === 'trained')).toBe(true);
    }
    const text = await wsss(['flow', tiny]);
    const markdown = await wsss(['flow', tiny, '--markdown']);
    expect([text.code, markdown.code]).toEqual([0, 0]);
    for (const { name } of methods[0].losses) {
      expect(text.stdout).toContain(name);
      expect(markdown.stdout).toContain(name);
    }
    expect(markdown.stdout).toContain('### Gradients');
  });

  test('cost --json: totals are those of the modules, and grow with the batch', async () => {
    const of = async (batch: string) => {
      const ended = await wsss(['cost', tiny, '--size', '32', '--batch', batch, '--classes', '20', '--json']);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      const found = JSON.parse(ended.stdout) as { methods?: Cost[] } & Cost;
      return found.methods?.[0] ?? found;
    };
    interface Cost {
      readonly parameters: { total: number; trained: number; frozen: number };
      readonly multiplyAdds: { forward: number; step: number };
      readonly memory: { peak: number };
      readonly modules: { path: string; parameters: number; forward: number }[];
    }
    const [one, four] = [await of('1'), await of('4')];
    const whole = one.modules.find(({ path }) => path === '');
    expect(whole).toMatchObject({ parameters: one.parameters.total, forward: one.multiplyAdds.forward });
    expect(one.parameters.trained + one.parameters.frozen).toBe(one.parameters.total);
    expect(four.parameters).toEqual(one.parameters);
    expect(four.multiplyAdds.forward).toBe(4 * one.multiplyAdds.forward);
    expect(four.memory.peak).toBeGreaterThan(one.memory.peak);
  });

  test('graph writes SVG or DOT, and nothing where it refuses', async () => {
    expect((await wsss(['graph', tiny, '--out', inside('tiny.svg')])).code).toBe(0);
    expect(await readFile(inside('tiny.svg'), 'utf8')).toContain('</svg>');
    const dot = await wsss(['graph', tiny, '--out', inside('tiny.dot'), '--json']);
    expect(dot.code).toBe(0);
    expect(await readFile(inside('tiny.dot'), 'utf8')).toMatch(/^digraph /);
    expect(json(dot)).toMatchObject({ file: tiny, out: inside('tiny.dot'), bytes: expect.any(Number) });
    const before = filesIn(folder);
    const refused: readonly (readonly string[])[] = [
      ['graph', tiny, '--out', inside('tiny.pdf')],
      ['graph', tiny, '--out', inside('no.svg'), '--program', 'nothing'],
      ['graph', tiny, '--out', inside('missing/no.svg')],
      ['graph', `${tiny}#nothing`, '--out', inside('no.svg')],
    ];
    for (const args of refused) {
      const { code, stderr } = await wsss(args);
      expect([1, 2]).toContain(code);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(filesIn(folder)).toEqual(before);
  });

  test('a spec with a mistake: 1, the same message from every command, and no file', async () => {
    for (const args of [['check'], ['flow'], ['cost'], ['graph', '--out', inside('wrong.svg')]]) {
      const [command, ...more] = args;
      const { code, stderr } = await wsss([command, inside('wrong.wsss'), ...more]);
      expect([command, code]).toEqual([command, 1]);
      expect(stderr).toMatch(/error\[[\w-]+\].*\n.*wrong\.wsss:10/);
    }
    expect(filesIn(folder)).not.toContain('wrong.svg');
  });

  test('check --kinds lists every input with its kind and shape', async () => {
    const { code, stdout } = await wsss(['check', tiny, '--kinds']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}value +kind +shape +range +type +place$/m);
    expect(stdout).toMatch(/^ {2}image +image +\[N, H, W, 3\]/m);
    expect(stdout).toMatch(/: \d+ values? inside +--all-kinds$/m);
    const all = await wsss(['check', '--all-kinds', tiny]);
    expect(all.stdout).not.toContain('inside ');
    const named = /^ {2}\w+\.[\w.]+ +\w+ +\[/m;
    expect(all.stdout).toMatch(named);
    expect(stdout).not.toMatch(named);
    // The option takes no value: what stands behind it is the spec.
    expect((await wsss(['check', '--kinds', tiny])).stdout).toBe(stdout);
    const found = json(await wsss(['check', two, '--kinds', '--json']));
    expect(JSON.stringify(found)).toContain('"shape"');
  });

  test('check --strict-shapes makes an error of what is a warning else', async () => {
    const lax = await wsss(['check', inside('unproved.wsss')]);
    const strict = await wsss(['check', inside('unproved.wsss'), '--strict-shapes']);
    expect([lax.code, strict.code]).toEqual([0, 1]);
    expect(lax.stderr).toContain('warning[');
    expect(strict.stderr).toContain('error[');
    expect((await wsss(['check', tiny, '--strict-shapes'])).code).toBe(0);
  });
});
