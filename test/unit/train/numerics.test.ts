/** `--check-numerics` within one process: what is found, what is meant, and which line is named. */
import { memory, tensor } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import type { GraphFunction } from '../../../runtime/program.ts';
import { RunError } from '../../../runtime/train/errors.ts';
import { tellingNonFinite } from '../../../runtime/train/numerics/found.ts';
import { locate } from '../../../runtime/train/numerics/line-map.ts';
import { openProgram } from '../../../runtime/train/program-source.ts';
import { reviveError } from '../../../runtime/train/revive.ts';

/** A program of one graph in the form the compiler writes; the body's first line is line 5. */
function source(body: readonly string[]): string {
  return [
    "import { ops, scope } from 'wsss/runtime';",
    'export const meta = { format: 1 };',
    'export function gradients({ state }) {',
    '  return scope((s) => {',
    ...body.map((line) => `    ${line}`),
    '  });',
    '}',
    'export const program = { meta, graphs: { gradients } };',
  ].join('\n');
}

async function graph(body: readonly string[], lines: Parameters<typeof locate>[2] = {}): Promise<GraphFunction> {
  const program = await openProgram({ text: source(body), name: 'case.js', checkNumerics: lines });
  return program.graphs.gradients;
}

const END = 'return { gradients: {}, state: {}, losses: {}, outputs: { y } };';

function call(run: GraphFunction, x: readonly number[]): unknown {
  const state = { x: tensor([...x]) };
  try {
    return tellingNonFinite(
      () => ({ during: 'step 7', ids: ['a', 'b'], given: { state } }),
      () => run({ state, batch: {}, draws: {}, scalars: {}, gradients: {}, dims: {} }),
    );
  } catch (error) {
    return error;
  } finally {
    state.x.dispose();
  }
}

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeEach(async () => {
    await choose(backend);
  });

  test('the first value is told: operator, line, path, inputs, step and images', async () => {
    const run = await graph(['const half = ops.mul(state.x, state.x);', 'const y = ops.log(half);', 'const z = ops.exp(y);', END], {
      '5': { file: 'a.wsss', line: 11, path: 'net' },
      '6': { file: 'std/b.wsss', line: 22, path: 'net.head' },
      '7': { file: 'a.wsss', line: 33, path: '' },
    });
    const before = memory().numBytes;
    const error = call(run, [2, 0, -3]);
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({ code: 'run-non-finite', file: 'std/b.wsss', line: 22, hint: expect.stringContaining('zero') });
    const { what } = error as RunError;
    expect(what).toContain('comes from log at std/b.wsss:22 in net.head (step 7, images a b)');
    expect(what).toContain('1 of 3 are -Infinity');
    expect(what).toContain('input 1: float32 [3]: finite values from 0 to 9, 1 of 3 are 0');
    expect(what).toContain('generated line 6: const y = ops.log(half);');
    expect(memory().numBytes).toBe(before);
  });

  test('an input from outside is called by its name', async () => {
    const error = call(await graph(['const y = ops.sqrt(state.x);', END]), [1, -1]);
    expect(String(error)).toContain('input 1 (state x)');
    expect(String(error)).toContain('1 of 2 are NaN');
  });

  test('finite values pass, and so does an infinity that the spec wrote down; what becomes of it may not be NaN', async () => {
    const masked = [
      "const none = ops.fill({ shape: [2], value: -Infinity, dtype: 'f32' });",
      "const zero = ops.constant({ value: 0, dtype: 'f32' });",
      'const kept = ops.select(ops.greater(state.x, zero), state.x, none);',
    ];
    const highest = 'const y = ops.max(kept, { axes: [0], keep: false });';
    expect(call(await graph([...masked, highest, END]), [-1, 5])).not.toBeInstanceOf(Error);
    const error = call(await graph([...masked, 'const y = ops.sub(kept, kept);', END]), [-1, 5]);
    expect(String(error)).toContain('comes from sub');
  });

  test('without the check the same program runs on', async () => {
    const program = await openProgram({ text: source(['const y = ops.log(state.x);', END]), name: 'case.js' });
    expect(call(program.graphs.gradients, [0])).not.toBeInstanceOf(Error);
  });
});

test('a shared function is told under the path of the call that is on the stack', () => {
  const text = ['function block(s) {', '  one', '  two', '}', 'export function g() {', '  block(s); // a', '  block(s); // b', '}'].join(
    '\n',
  );
  const place = (line: number, path: string) => ({ file: 'm.wsss', line, path });
  const map = { '2': place(1, 'net.first'), '3': place(2, 'net.first.norm'), '6': place(1, 'net.first'), '7': place(1, 'net.second') };
  expect(locate([3, 6], text, map)).toEqual({ statement: 'two', generatedLine: 3, place: place(2, 'net.first.norm') });
  expect(locate([3, 7], text, map).place).toEqual(place(2, 'net.second.norm'));
  expect(locate([2, 7], text, map).place).toEqual(place(1, 'net.second'));
  expect(locate([4], text, map).place).toBeUndefined();
});

test('the place of an error of a worker thread arrives', () => {
  const failure = { name: 'RunError', message: 'm', fields: { code: 'run-non-finite', what: 'w', hint: 'h', file: 'a.wsss', line: 3 } };
  expect(reviveError(failure)).toMatchObject({ code: 'run-non-finite', file: 'a.wsss', line: 3 });
});
