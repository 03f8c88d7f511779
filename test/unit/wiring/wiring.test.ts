/** The wiring that is drawn: a golden of a small method, and what must be seen in SIPE's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { instance } from '@viz-js/viz';
import { describe, expect, test } from 'vitest';
import { type CheckedMethod, checkFile } from '../../../compiler/check/check.ts';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { methodDot } from '../../../compiler/describe/graph.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { shapeText } from '../../../compiler/graph/dot.ts';
import { wiringOf } from '../../../compiler/graph/wiring.ts';
import { add, ceilDiv, constant, variable } from '../../../compiler/shape/dim.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));
const golden = fileURLToPath(new URL('../../golden/wiring/small.dot', import.meta.url));

const SMALL = `language 1
import "datasets/voc"

/// Twice the input, plus a number that is learnt.
module shifted()(x: Features[N, h, w, C]) -> Features[N, h, w, C] {
  weight bias: Tensor[C] init 0
  return (2 * x + bias) as features
}

/// Says "hello".
method small {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer first = shifted()
  layer second = shifted()
  let x = first(image)
  let seen = second(detach(x))
  loss near = mean(square(seen)) as loss
  loss far weight 0.5 from epoch 2 = mean(square(x)) as loss
  train { data voc.train { image = source |> normalize(imagenet) } epochs 3, batch 2, optimizer sgd(lr: 0.1) }
}
`;

function methodOf(file: string, name: string, text?: string): CheckedMethod {
  const read = (path: string): string => (path === file && text !== undefined ? text : readFileSync(specs + path, 'utf8'));
  const method = checkFile({ read }, file, new Diagnostics(), { only: [name] })?.methods.get(name);
  if (!method) throw new Error(`no ${name}`);
  return method;
}

test('a small method as DOT', () => {
  const dot = methodDot(methodOf('small.wsss', 'small', SMALL)) ?? '';
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(golden, dot);
  expect(dot).toBe(readFileSync(golden, 'utf8'));
});

describe('SIPE', () => {
  const method = methodOf('methods/sipe.wsss', 'sipe');
  const frozen = method.train?.frozen ?? new Set<string>();
  const keys = [...method.states.values()].flatMap((state) => (state.role === 'parameter' ? [state.key] : []));
  const wiring = wiringOf(method.forward.graph, keys, new Set(keys.filter((key) => !frozen.has(key))));
  const edge = (from: string, to: string) => wiring.edges.filter((e) => e.from === from && e.to === to);

  test('has every input and every loss, and the modules of its head one by one', () => {
    expect(wiring.boxes.filter((box) => box.kind === 'loss').map((box) => box.label[0])).toEqual(['cls', 'gsc']);
    expect(
      wiring.boxes
        .filter((box) => box.kind === 'input')
        .map((box) => box.label[0])
        .sort(),
    ).toEqual(['image', 'inside', 'tags']);
    for (const path of ['net.stem', 'net.layer4', 'head.head', 'head.hierarchy', 'head.structure_seeds', 'head.image_specific_cam'])
      expect(wiring.boxes.map((box) => box.path)).toContain(path);
    expect(wiring.clusters).toEqual(expect.arrayContaining(['net', 'head']));
  });

  test('is dashed where the flow says that gradients end', () => {
    const ends = (from: string, to: string) => edge(from, to).flatMap((e) => (e.kind === 'cut' ? e.ends.map((node) => node.op) : [e.kind]));
    expect(ends('net.layer4', 'head.hierarchy')).toEqual(['detach']);
    expect(ends('head.structure_seeds', 'head.image_specific_cam')).toEqual(['detach']);
    expect(edge('head.hierarchy', 'head.image_specific_cam').map((e) => e.kind)).toEqual(['gradient']);
    expect(edge('net.layer4', 'head.head').map((e) => e.kind)).toEqual(['gradient']);
    // What the flow lists as an end lies at the end of a dashed arrow.
    const dashed = new Set(wiring.edges.flatMap((e) => (e.kind === 'cut' ? e.ends.map((node) => node.path) : [])));
    for (const loss of flowReport(method).losses) for (const cut of loss.cuts) expect([...dashed]).toContain(cut.path);
  });

  test('shows frozen stages as such: nothing that trains lies behind them', () => {
    expect(edge('net.layer1', 'net.layer2').map((e) => e.kind)).toEqual(['data']);
    expect(edge('net.layer3', 'net.layer4').map((e) => e.kind)).toEqual(['gradient']);
  });

  test('is drawn by Graphviz, as is its inference program', async () => {
    const viz = await instance();
    for (const program of [undefined, 'seeds']) {
      const svg = viz.renderString(methodDot(method, program) ?? '', { format: 'svg' });
      expect(svg).toContain('</svg>');
    }
    expect(methodDot(method, 'nothing')).toBeUndefined();
  });
});

test('shapes are short', () => {
  const [N, H, K] = ['N', 'H', 'K'].map(variable);
  expect(shapeText([N, ceilDiv(H, constant(16)), add(K, constant(1))])).toBe('N·H/16·(K+1)');
  expect(shapeText([])).toBe('');
});
