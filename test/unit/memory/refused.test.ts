/** A training step that wasm cannot hold is refused before it runs. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { evaluateSize } from '../../../runtime/sizes.ts';
import { portsOf } from '../../../runtime/train/device.ts';
import { checkTrainingMemory, type MemoryQuestion, WASM_LIMIT } from '../../../runtime/train/memory-limit.ts';
import { type LoadedMethod, loadMethods } from './programs.ts';

const sipe = fileURLToPath(new URL('../../../specs/methods/sipe.wsss', import.meta.url));
const classes = 20;

let full: LoadedMethod;
let small: LoadedMethod;
beforeAll(async () => {
  [full, small] = await loadMethods(sipe, ['sipe', 'sipe_small']);
}, 120_000);

/** The side of the square that a method's views are cut to. */
function cropOf({ program }: LoadedMethod): number {
  const crop = program.meta.train?.views.flatMap((view) => view.steps).find((step) => step.op === 'crop');
  const side = Object.values(crop?.args ?? {}).find((value) => typeof value === 'number');
  if (typeof side !== 'number') throw new Error('no crop of a fixed size');
  return side;
}

function question({ program, compiled }: LoadedMethod, side: number, more: Partial<MemoryQuestion> = {}): MemoryQuestion {
  const { graphs, train } = program.meta;
  const ports = portsOf(graphs[train?.phases[0].graph ?? ''].inputs, 'batch');
  const dims = { N: 1, K: classes, H: side, W: side };
  const sample = ports.map(({ name, shape }) => [name, { shape: shape.map((size) => evaluateSize(size, dims)), data: new Float32Array() }]);
  return {
    program,
    memory: (graph, sizes) => peakBytes(planMemory(compiled.graphs[graph]), sizes),
    batches: { prepare: async () => Object.fromEntries(sample) },
    ids: ['a'],
    classes,
    backend: 'wasm',
    workers: 1,
    ...more,
  };
}

function doubled(method: LoadedMethod): LoadedMethod {
  const { program } = method;
  const { train } = program.meta;
  if (!train) throw new Error('does not train');
  return { ...method, program: { ...program, meta: { ...program.meta, train: { ...train, batch: 2 * train.batch } } } };
}

describe('the planned peak of a step against what wasm can address', () => {
  test('SIPE at full size, twice its batch, is refused on wasm: what it needs, the limit, and what to lower', async () => {
    const crop = cropOf(full);
    const refused = checkTrainingMemory(question(doubled(full), crop));
    await expect(refused).rejects.toMatchObject({
      code: 'run-memory',
      what: expect.stringMatching(
        new RegExp(
          `of sipe needs \\d+\\.\\d\\d GiB on each worker \\(${2 * (full.program.meta.train?.batch ?? 0)} of .*${crop} x ${crop}.* at most 4\\.00 GiB`,
        ),
      ),
      hint: expect.stringContaining('batch'),
    });
  });

  test('the same step on another backend, the small variant, and a method of unknown size pass', async () => {
    await checkTrainingMemory(question(doubled(full), cropOf(full), { backend: 'tensorflow' }));
    await checkTrainingMemory(question(small, cropOf(small)));
    await checkTrainingMemory(question(doubled(full), cropOf(full), { memory: undefined }));
  });

  test('the limit is where inputs and peak together pass it, and workers count the largest part alone', async () => {
    const batch = full.program.meta.train?.batch ?? 0;
    const asked: number[] = [];
    const memory: MemoryQuestion['memory'] = (_, { N }) => {
      asked.push(N);
      return { inputs: 8, peak: WASM_LIMIT - 8 };
    };
    await checkTrainingMemory(question(full, cropOf(full), { memory, workers: 3 }));
    expect(new Set(asked)).toEqual(new Set([Math.ceil(batch / 3)]));
    const over = question(full, cropOf(full), { memory: () => ({ inputs: 9, peak: WASM_LIMIT - 8 }), workers: 3 });
    await expect(checkTrainingMemory(over)).rejects.toMatchObject({ code: 'run-memory' });
    // A lone worker holds the slots of the optimiser too.
    await expect(checkTrainingMemory(question(full, cropOf(full), { memory }))).rejects.toMatchObject({ code: 'run-memory' });
  });
});
