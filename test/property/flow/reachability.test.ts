/** The flow table against real gradients: a loss reaches a parameter exactly if its gradient there is not zero, for values that are nowhere special. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type CheckedMethod, checkFile } from '../../../compiler/check/check.ts';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { evaluateGraph, type Feeds, randomArray, randomFeeds, randomNumbers, shapeOf } from '../../graphs/build.ts';
import type { Sizes } from '../../reference/attributes.ts';
import type { NdArray } from '../../reference/ndarray.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));
const methods = process.env.WSSS_LONG ? 300 : 50;

function check(name: string, text: string | undefined, method: string): CheckedMethod {
  // What no loss reaches is reported as an error; the table is asked for all the same.
  const read = (file: string): string | undefined =>
    file === name && text !== undefined ? text : readFileSync(specs + file.replace(/^\.\.\//, ''), 'utf8');
  const found = checkFile({ read }, name, new Diagnostics(), { only: [method] })?.methods.get(method);
  if (!found) throw new Error(`${name} declares no ${method}`);
  return found;
}

/** For each loss and parameter whether some entry of the gradient is not zero. */
function gradients(method: CheckedMethod, feeds: Feeds, sizes: Sizes): ReadonlyMap<string, boolean> {
  const { graph, losses } = method.forward;
  const parameters = [...method.states.values()].filter((state) => state.role === 'parameter');
  const found = new Map<string, boolean>();
  for (const { name } of losses) {
    const wanted = parameters.map(({ key, type }) => ({ role: 'state' as const, name: key, type }));
    const result = differentiate(graph, { losses: [{ name, weight: 1 }], wanted, unreached: 'zero', name: 'gradients' });
    if (!result.ok) throw new Error(result.problems.map((p) => `${p.kind} ${p.subject}`).join());
    const values = evaluateGraph(result.graph, feeds, sizes);
    for (const { key } of parameters)
      found.set(
        `${name} → ${key}`,
        values.get(`gradient:${key}`)!.data.some((v) => v !== 0),
      );
  }
  return found;
}

/** What the table says of the same. */
function promised(method: CheckedMethod): ReadonlyMap<string, boolean | undefined> {
  const report = flowReport(method);
  const parameters = [...method.states.values()].flatMap((state) => (state.role === 'parameter' ? [state.key] : []));
  const found = new Map<string, boolean | undefined>();
  for (const row of report.rows)
    for (const [loss, cell] of Object.entries(row.cells))
      for (const key of parameters.filter((k) => row.parts.some((part) => k === part || k.startsWith(`${part}.`))))
        found.set(`${loss} → ${key}`, cell.kind === 'still' ? undefined : cell.kind === 'reached');
  return found;
}

const LAYERS = 5;

/** A method whose values are sums and products of layers, some detached, cut or only compared; nothing in it is zero by design. */
function randomMethod(seed: number): string {
  const random = randomNumbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const pool = ['image'];
  const lines: string[] = [];
  const layers = Array.from({ length: LAYERS }, (_, i) => `layer l${i} = conv(3, kernel: 1)`);
  for (let i = 0; i < 12; i++) {
    const x = pick(pool);
    const y = pick(pool);
    const layer = `l${Math.floor(random() * LAYERS)}`;
    const value = pick([
      `${layer}(${x})`,
      `${layer}(${x})`,
      `tanh(${x}) + 0.5 * sigmoid(${y})`,
      `sigmoid(${x}) * (2 + tanh(${y}))`,
      `detach(${x})`,
      `one_hot(argmax(${x}, channel), 3) + 0.1`,
      `float(${x} > 0.1) + 0.3`,
      `where(${x} > ${y}, tanh(${x}), sigmoid(${y}) + 0.2)`,
      `sum(${x} * ${x}, over: channel, keep: true) + ${y}`,
      `softplus(${x} - mean(${y}, over: space, keep: true))`,
    ]);
    // A convolution takes features, whatever they were before.
    lines.push(`let v${i} = (${value}) as features`);
    pool.push(`v${i}`);
  }
  const losses = ['first', 'second'].map((name) => `loss ${name} = mean(square(${pick(pool.slice(-5))} - 0.37)) as loss`);
  return [
    'language 1',
    'import "std/layers"',
    'import "datasets/voc"',
    'method random_one {',
    'supervision tags',
    'input image: Image[N, H, W, 3]',
    ...layers,
    ...lines,
    ...losses,
    'train {',
    'data voc.train { image = source |> normalize(imagenet) |> crop(8, pad: zero) }',
    `epochs 1, batch 2, optimizer sgd(lr: 0.1)`,
    ...(random() < 0.5 ? ['freeze l0'] : []),
    '}',
    '}',
  ].join('\n');
}

test('random methods: reached exactly where the gradient is not zero', () => {
  const sizes = { N: 2, H: 2, W: 3, K: 3 };
  let reached = 0;
  let not = 0;
  let still = 0;
  for (let seed = 1; seed <= methods; seed++) {
    const text = randomMethod(seed);
    const method = check('random.wsss', text, 'random_one');
    expect(
      method.forward.losses.map((loss) => loss.name),
      `seed ${seed}`,
    ).toEqual(['first', 'second']);
    const real = new Map<string, boolean>();
    // A choice may happen to take one side everywhere: values are drawn several times.
    for (let draw = 0; draw < 4; draw++) {
      const feeds = randomFeeds(method.forward.graph, sizes, randomNumbers((seed + 1000 * draw) ^ 0x2545f491));
      for (const [pair, nonzero] of gradients(method, feeds, sizes)) real.set(pair, nonzero || real.get(pair) === true);
    }
    const table = promised(method);
    expect([...table.keys()].sort()).toEqual([...real.keys()].sort());
    for (const [pair, says] of table) {
      if (says === undefined) {
        still++;
        continue;
      }
      expect(real.get(pair), `seed ${seed}: ${pair}\n${text}`).toBe(says);
      if (says) reached++;
      else not++;
    }
  }
  // The methods hold both answers, and frozen parts.
  expect(Math.min(reached, not, still)).toBeGreaterThan(methods / 2);
});

test('sipe_small: reached exactly where the gradient is not zero', () => {
  const method = check('methods/sipe.wsss', undefined, 'sipe_small');
  const sizes = { N: 2, H: 24, W: 24, K: 3 };
  const random = randomNumbers(7);
  const feeds = new Map<string, NdArray>(randomFeeds(method.forward.graph, sizes, random));
  for (const node of method.forward.graph.nodes) {
    if (node.op !== 'input') continue;
    const { role, name } = { role: String(node.attrs.role), name: String(node.attrs.name) };
    const shape = shapeOf(node, sizes);
    // Tags hold both answers, the whole crop is image, variances are positive, and scales keep the rectified units alive.
    const array = randomArray(shape, random, -1, 1);
    if (name === 'tags') feeds.set(`${role}:${name}`, { shape, data: array.data.map((_, i) => (i % 2 === 0 ? 1 : 0)) });
    else if (name === 'inside') feeds.set(`${role}:${name}`, { shape, data: array.data.map(() => 1) });
    else if (role === 'state' && name.endsWith('var')) feeds.set(`${role}:${name}`, { shape, data: array.data.map((v) => 1 + 0.5 * v) });
    else if (role === 'state' && shape.length === 1) feeds.set(`${role}:${name}`, { shape, data: array.data.map((v) => 0.5 + 0.4 * v) });
  }
  const real = gradients(method, feeds, sizes);
  for (const [pair, says] of promised(method)) if (says !== undefined) expect(real.get(pair), pair).toBe(says);
  expect([...real].some(([pair, nonzero]) => nonzero && pair.startsWith('gsc → head.hierarchy'))).toBe(true);
});
