/**
 * EfficientNet-Lite0 with its published weights against the outputs of the reference code: reading, naming, layout, depthwise convolutions and
 * padding, end to end. The files (20 MB) are not in the repository: WSSS_DATA names the folder that holds them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { emitProgram } from '../../../compiler/emit/eager/emit.ts';
import { choose } from '../../../runtime/backend/choose.ts';
import { readSafetensors, safetensorsBytes } from '../../../runtime/data/safetensors.ts';
import { loadProgram } from '../../../runtime/host/load.ts';
import { Inferrer } from '../../../runtime/pipeline/infer.ts';
import { exportBackbone } from '../../../runtime/train/pretrained/export.ts';
import { readWeights } from '../../../runtime/train/pretrained/file.ts';
import { fillBackbone } from '../../../runtime/train/pretrained/fill.ts';
import { layState } from '../../../runtime/train/state.ts';

const folder = process.env.WSSS_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const weights = join(folder, 'efficientnet-lite0.safetensors');
const fixture = join(folder, 'efficientnet-lite0.fixture.safetensors');
/** Results of the program, and what the fixture calls them. */
const NAMES = {
  layer2: 'blocks.2',
  layer3: 'blocks.4',
  layer4: 'blocks.10',
  features: 'features',
  pooled: 'pooled',
  logits: 'logits',
} as const;

async function program() {
  const diagnostics = new Diagnostics();
  const method = checkFile(diskHost, fileURLToPath(new URL('./lite.wsss', import.meta.url)), diagnostics)?.methods.get('lite');
  const compiled = method && compileMethod(method);
  if (!compiled?.ok) throw new Error('lite.wsss does not compile');
  const { files } = await emitProgram(compiled.program, { specName: 'lite.wsss', compilerVersion: 'test' });
  return loadProgram({ text: files.find(({ path }) => path.endsWith('.js'))?.text ?? '', name: 'lite.js' });
}

describe.skipIf(!existsSync(weights) || !existsSync(fixture))('EfficientNet-Lite0', () => {
  test('gives the outputs that lie beside its weights, and its weights back under their own names', async () => {
    const lite = await program();
    const [backbone] = lite.meta.pretrained ?? [];
    const state = layState(lite.meta.state, { K: 1000 });
    const { tensors } = await readWeights(weights);
    const report = fillBackbone(lite.meta.state, state, 'net', weights, tensors, backbone.namings);
    expect(report).toMatchObject({ layout: 'lite_pytorch_whole', copied: 247, ignored: [] });

    const back = exportBackbone(lite.meta.state, state, backbone, 'lite_pytorch_whole');
    expect([...back.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { shape, data }] of tensors) {
      const written = back.get(name);
      let wrong = 0;
      for (const [i, value] of data.entries()) if (written?.data[i] !== value) wrong++;
      expect([name, written?.shape, wrong]).toEqual([name, shape, 0]);
    }
    expect(safetensorsBytes(back).length).toBeGreaterThan(18e6);

    const { tensors: reference } = await readSafetensors(fixture);
    const photo = reference.get('rgb');
    if (!(photo?.data instanceof Uint8Array)) throw new Error('the fixture has no photo');
    await choose('wasm');
    const inferrer = new Inferrer(lite, 'taps', state, 1000);
    const results = await inferrer.run('photo', { height: 224, width: 224, data: photo.data }, undefined);
    for (const [ours, theirs] of Object.entries(NAMES)) {
      const [found, wanted] = [results.get(ours), reference.get(theirs)];
      if (!found || !wanted) throw new Error(`no ${ours}`);
      const [, channels, height = 1, width = 1] = wanted.shape;
      expect([ours, found.channels, found.height, found.width]).toEqual([ours, channels, height, width]);
      const area = height * width;
      let [worst, largest] = [0, 0];
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < area; p++) {
          const value = Number(wanted.data[c * area + p]);
          worst = Math.max(worst, Math.abs(found.data[p * channels + c] - value));
          largest = Math.max(largest, Math.abs(value));
        }
      // Twenty times the rounding of float32 over its fifty layers.
      expect([ours, worst / largest < 1e-4]).toEqual([ours, true]);
    }
    const logits = results.get('logits')?.data ?? [];
    expect([...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 5)).toEqual([568, 735, 514, 824, 834]);
    inferrer.dispose();
  });
});
