/**
 * Peak memory of one SIPE training step on wasm (small backbone, 256 × 256, batch 2): the gradients by the emitted program, and by
 * `tf.variableGrads` over the same network written by hand with stock operators (`sipe-by-hand.ts`). That both compute the same loss and the same
 * gradients is checked before anything is printed.
 *
 *     npx vite-node bench/memory.ts [side] [batch]
 *
 * Bytes are those of tensor data beyond weights and batch, temporary buffers of kernels included, at the fullest moment.
 */
import * as tf from '@tensorflow/tfjs-core';
import { peakBytes, planMemory } from '../compiler/transform/plan-memory.ts';
import { choose } from '../runtime/backend/choose.ts';
import { measurePeak } from '../runtime/ops/memory.ts';
import { argumentsFor, disposeTensors, loadMethods } from '../test/unit/memory/programs.ts';
import { registerFilterGradient, sipeLoss, type Weights } from './sipe-by-hand.ts';

const LIMIT = 0.6;

const numbers = process.argv.slice(2).map(Number).filter(Number.isInteger);
const [side, batch] = [numbers[0] ?? 256, numbers[1] ?? 2];
if (side % 8 !== 0) throw new Error('the side must be a multiple of eight: the hand-written network knows no other sizes');
const dims = { N: batch, H: side, W: side, K: 20, h0: side, w0: side };

const chosen = await choose('wasm');
const [method] = await loadMethods('specs/methods/sipe.wsss', ['sipe_small']);
const args = argumentsFor(method, 'gradients', dims);
const step = method.program.graphs.gradients;
// Constant tables are made once, not in every step.
disposeTensors(step(args));
const ours = measurePeak(() => step(args));
const planned = peakBytes(planMemory(method.compiled.graphs.gradients), dims);

registerFilterGradient();
const weights: Weights = Object.fromEntries(Object.entries(args.state).map(([key, value]) => [key, tf.variable(value, true, key)]));
const { image, tags, inside } = args.batch;
const inputs = {
  image: tf.reshape<tf.Rank.R4>(image, [batch, side, side, 3]),
  tags: tf.reshape<tf.Rank.R2>(tags, [batch, dims.K]),
  inside: tf.reshape<tf.Rank.R3>(inside, [batch, side, side]),
};
const theirs = measurePeak(() => tf.variableGrads(() => sipeLoss(inputs, weights)));

const losses = [ours.result.losses.total.dataSync()[0], theirs.result.value.dataSync()[0]];
if (!(Math.abs(losses[0] - losses[1]) <= 1e-4)) throw new Error(`the losses differ: ${losses.join(' and ')}`);
for (const [key, gradient] of Object.entries(theirs.result.grads)) {
  // tfjs's gradient of a resize with half-pixel centres is another one, and these two are resized.
  if (key === 'head.hierarchy.sides.0.weight' || key === 'head.hierarchy.sides.1.weight') continue;
  const [own, other] = [ours.result.gradients[key].dataSync(), gradient.dataSync()];
  let largest = 0;
  for (const v of own) largest = Math.max(largest, Math.abs(v));
  const off = Array.from(own).findIndex((v, i) => !(Math.abs(v - other[i]) <= 1e-3 * largest + 1e-7));
  if (off >= 0) throw new Error(`the gradients of ${key} differ: ${own[off]} and ${other[off]}`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1).padStart(7)} MB`;
const ratio = ours.peak / theirs.peak;
console.log(`SIPE, small backbone, ${side} × ${side}, batch ${batch}, ${chosen.version}`);
console.log(`loss             ${losses[0].toFixed(6)} in both; gradients agree`);
console.log(`emitted program  ${megabytes(ours.peak)}   planned ${megabytes(planned.peak)}`);
console.log(`tf.variableGrads ${megabytes(theirs.peak)}`);
console.log(`ratio            ${(100 * ratio).toFixed(1)}%${ratio <= LIMIT ? '' : `   more than ${100 * LIMIT}%`}`);
console.log('held at the fullest moment of the emitted program:');
for (const { node, bytes } of planned.live.slice(0, 8))
  console.log(`  ${megabytes(bytes)}  ${node.op.padEnd(12)} ${node.path} (${node.phase})`);
if (ratio > LIMIT) process.exitCode = 1;
