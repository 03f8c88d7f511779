/** Ranges of whole methods: with inputs in their declared ranges, every value of the float64 references lies in the range the checker tells. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { inputName } from '../../../compiler/ir/paths.ts';
import { evaluateNodes, randomArray, randomNumbers, shapeOf } from '../../graphs/build.ts';
import type { NdArray } from '../../reference/ndarray.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));
const trials = process.env.WSSS_LONG ? 40 : 4;

const METHODS = [
  { file: 'methods/cam.wsss', method: 'cam_small' },
  { file: 'methods/sipe.wsss', method: 'sipe_small' },
  { file: 'examples/quickstart.wsss', method: 'quickstart' },
  { file: 'examples/quickstart.wsss', method: 'segmenter' },
];

test.each(METHODS)('$method', ({ file, method }) => {
  const read = (name: string): string => readFileSync(specs + name, 'utf8');
  const graph = checkFile({ read }, file, new Diagnostics(), { only: [method] })?.methods.get(method)?.forward.graph;
  if (!graph) throw new Error(`no ${method}`);
  let bounded = 0;
  for (let seed = 1; seed <= trials; seed++) {
    const random = randomNumbers(seed);
    const sizes = { N: 1 + (seed % 2), H: 8 + 5 * seed, W: 16 + 3 * (seed % 4), K: 1 + (seed % 4) };
    const feeds = new Map<string, NdArray>();
    for (const node of graph.nodes) {
      if (node.op !== 'input') continue;
      const { role, name } = inputName(node);
      const { low, high } = node.range;
      const drawn = randomArray(shapeOf(node, sizes), random, Number.isFinite(low) ? low : -2, Number.isFinite(high) ? high : 2);
      const whole = node.type.dtype === 'i32' || node.kind === 'tags' || node.kind === 'region';
      // Variances are positive whatever the checker knows of them.
      const positive = role === 'state' && name.endsWith('var');
      const at = (v: number): number =>
        node.type.dtype === 'i32' ? Math.floor(Math.abs(v)) % (sizes.K + 1) : whole ? Math.round(v) : positive ? 1 + Math.abs(v) : v;
      feeds.set(`${role}:${name}`, { shape: drawn.shape, data: drawn.data.map(at) });
    }
    for (const [node, { data }] of evaluateNodes(graph, feeds, sizes)) {
      const { low, high } = node.range;
      if (!Number.isFinite(low) && !Number.isFinite(high)) continue;
      bounded++;
      const outside = data.find((v) => !(v >= low - 1e-9 * Math.abs(v) && v <= high + 1e-9 * Math.abs(v)));
      expect(outside, `seed ${seed}: %${node.id} ${node.op} ${node.path}.${node.name ?? ''} lies outside ${low} … ${high}`).toBeUndefined();
    }
  }
  expect(bounded).toBeGreaterThan(20 * trials);
});
