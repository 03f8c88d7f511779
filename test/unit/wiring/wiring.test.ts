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
import { type Wiring, wiringOf } from '../../../compiler/graph/wiring.ts';
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

const siamese = readFileSync(fileURLToPath(new URL('../../golden/wiring/siamese.wsss', import.meta.url)), 'utf8');

function wired(method: CheckedMethod): Wiring {
  const states = [...method.states.values()];
  const frozen = method.train?.frozen ?? new Set<string>();
  return wiringOf(method.forward.graph, {
    keys: new Set(states.flatMap(({ key, role }) => (role === 'parameter' || role === 'average' ? [key] : []))),
    trained: new Set(states.flatMap(({ key, role }) => (role === 'parameter' && !frozen.has(key) ? [key] : []))),
    callOf: (node) => method.forward.E.frameOf(node),
  });
}

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
  const wiring = wired(method);
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
    expect(wiring.clusters.map((cluster) => cluster.path)).toEqual(expect.arrayContaining(['net', 'head']));
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

describe('two views of one network, and a slow copy of it', () => {
  const method = methodOf('siamese.wsss', 'siamese', siamese);
  const wiring = wired(method);
  const box = (id: string) => wiring.boxes.find((b) => b.id === id);
  const kinds = (from: string, to: string) => wiring.edges.filter((e) => e.from === from && e.to === to).map((e) => e.kind);

  test('every call has a box, and calls that share parameters say so', () => {
    expect(wiring.clusters.map(({ path }) => path).sort()).toEqual(['judge', 'teacher', 'view', 'view_2']);
    expect(['net', 'net@2', 'head', 'head@2'].map((id) => [box(id)?.cluster, box(id)?.shared])).toEqual([
      ['view', { index: 1, of: 2 }],
      ['view_2', { index: 2, of: 2 }],
      ['view', { index: 1, of: 2 }],
      ['view_2', { index: 2, of: 2 }],
    ]);
    expect(box('net')?.keys).toEqual(box('net@2')?.keys);
    expect(kinds('net', 'head')).toEqual(['gradient']);
    expect(kinds('net', 'head@2')).toEqual([]);
  });

  test('prototypes of the second view are constants of the first, and nothing trains behind the slow copy', () => {
    expect(new Set(kinds('head@2', 'weighted_prototypes'))).toEqual(new Set(['cut']));
    expect(kinds('weighted_prototypes', 'prototype_contrast')).toEqual(['cut']);
    expect(kinds('head', 'prototype_contrast')).toEqual(['gradient']);
    expect(wiring.edges.filter((e) => e.from.startsWith('judge') || e.from.startsWith('teacher')).map((e) => e.kind)).not.toContain(
      'gradient',
    );
    expect(kinds('refined[0]', 'refined[1]')).toEqual(['gradient']);
  });

  test('arrows never lead in a circle, and the losses stand at the end', () => {
    const after = new Map<string, Set<string>>();
    for (const { from, to } of wiring.edges) after.set(from, (after.get(from) ?? new Set()).add(to));
    for (const { id } of wiring.boxes) {
      const reached = new Set(after.get(id));
      for (const next of reached) for (const further of after.get(next) ?? []) reached.add(further);
      expect(reached.has(id), id).toBe(false);
    }
    for (const { id } of wiring.boxes.filter((b) => b.kind === 'loss')) expect(after.has(id)).toBe(false);
  });

  test('says what follows what, what a loss depends on, and what the signs mean', () => {
    const dot = methodDot(method) ?? '';
    for (const text of [
      'follows net, ema 0.99',
      'shared: call 1 of 2',
      'from epoch 1, until epoch 4',
      'when any(tags > 0)',
      '27 tensors, 1 frozen',
    ])
      expect(dot).toContain(text);
    expect(dot).toContain('shares its parameters with another call');
  });
});

/** Where a text stands in an SVG: its middle, and about how wide and high it is. */
function textsOf(
  svg: string,
  of: 'cluster' | 'edge',
): readonly { readonly text: string; readonly x: readonly [number, number]; readonly y: number }[] {
  return [...svg.matchAll(/<g id="[^"]*" class="(\w+)">([\s\S]*?)<\/g>\s*(?=<!--|<\/g>|<g id="(?!a_))/g)]
    .filter(([, kind]) => kind === of)
    .flatMap(([, , body]) =>
      [...body.matchAll(/<text[^>]*text-anchor="(\w+)" x="([-\d.]+)" y="([-\d.]+)"[^>]*font-size="([\d.]+)"[^>]*>([^<]*)</g)].map(
        ([, anchor, x, y, size, raw]) => {
          const text = raw.replace(/&#\w+;|&\w+;/g, ' ').trim();
          const width = 0.5 * Number(size) * text.length;
          const left = Number(x) - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
          return { text, x: [left, left + width] as const, y: Number(y) };
        },
      ),
    );
}

test.each([
  ['methods/sipe.wsss', 'sipe', undefined],
  ['methods/cam.wsss', 'cam', undefined],
  ['examples/quickstart.wsss', 'quickstart', undefined],
  ['siamese.wsss', 'siamese', siamese],
])('titles of opened calls in %s lie under no label of an arrow', async (file, name, text) => {
  const svg = (await instance()).renderString(methodDot(methodOf(file, name, text)) ?? '', { format: 'svg' });
  const titles = textsOf(svg, 'cluster');
  const labels = textsOf(svg, 'edge');
  expect(titles.length).toBeGreaterThan(0);
  expect(labels.length).toBeGreaterThan(3);
  const over = titles.flatMap((title) =>
    labels
      .filter((label) => Math.abs(label.y - title.y) < 10 && label.x[0] < title.x[1] && title.x[0] < label.x[1])
      .map((label) => [title.text, label.text]),
  );
  expect(over).toEqual([]);
});

test('behind an end nothing is drawn as if a gradient came back', () => {
  const { edges } = wired(methodOf('small.wsss', 'small', SMALL));
  const kinds = (from: string) => edges.filter((e) => e.from === from).map((e) => e.kind);
  // `first` is read once through `detach`, and what `detach` gives trains nothing further back.
  expect(kinds('first').sort()).toEqual(['cut', 'gradient']);
  expect(edges.filter((e) => e.to === 'second').map((e) => e.kind)).toEqual(['past']);
  expect(kinds('second')).toEqual(['gradient']);
});

describe('what is frozen is shaded', () => {
  const shades = (freeze: string): string => {
    const text = SMALL.replace('let x = first(image)', 'let x = relu(both(image))')
      .replace('  layer first = shifted()', '  layer both = pair()\n')
      .replace(
        '/// Says',
        'module pair()(x: Features[N, h, w, C]) -> Features[N, h, w, C] {\n  layer one = shifted()\n  layer two = shifted()\n  return relu(two(one(x)))\n}\n\n/// Says',
      )
      .replace('optimizer', `${freeze} optimizer`);
    return methodDot(methodOf('small.wsss', 'small', text)) ?? '';
  };
  test('wholly, in part, and not at all', () => {
    const boxes = (dot: string) => [...dot.matchAll(/label="(?:one|two): shifted[^"]*", fillcolor="([^"]*)"/g)].map(([, fill]) => fill);
    expect(boxes(shades(''))).toEqual(['#FFFFFF', '#FFFFFF']);
    expect(boxes(shades('freeze both.one'))).toEqual(['#DADADA', '#FFFFFF']);
    expect(boxes(shades('freeze both'))).toEqual(['#DADADA', '#DADADA']);
  });
  test('a network that is one box: as much of it as is frozen', () => {
    const dot = methodDot(methodOf('methods/cam.wsss', 'cam')) ?? '';
    const [, share] = /label="net: resnet[^"]*72 frozen", fillcolor="#DADADA;([\d.]+):/.exec(dot) ?? [];
    expect(Number(share)).toBeCloseTo(72 / 159, 2);
  });
});

describe('what one line repeats is one box', () => {
  const seeds = methodDot(methodOf('methods/sipe.wsss', 'sipe'), 'seeds') ?? '';
  test('for every scale of a photo', () => {
    expect(seeds).toContain('mirrored_image_specific_cam ×4');
    expect(seeds).toContain('photo |> scale(1, 0.5, 1.5, 2) |> normalize(imagenet)');
    expect(seeds).not.toContain('mirrored_image_specific_cam_2');
  });
  test('turns of a loop one by one, and many of them together', () => {
    const text = (turns: number): string =>
      SMALL.replace(
        'let seen = second(detach(x))',
        `iterate t = x times ${turns} {\n    t = relu(t - 0.1)\n  }\n  let seen = second(detach(t))`,
      );
    const boxes = (turns: number) =>
      wired(methodOf('small.wsss', 'small', text(turns))).boxes.filter((b) => b.kind === 'module' && b.path.startsWith('t'));
    expect(boxes(3).map(({ times }) => times)).toEqual([1, 1, 1]);
    expect(boxes(9).map(({ times }) => times)).toEqual([9]);
  });
});

test('a deep network is drawn in rows: of one module, trained alike, with what is read elsewhere at the end of a row', () => {
  const method = methodOf('methods/rtc.wsss', 'rtc');
  const { boxes, edges, boxOf } = wired(method);
  const rows = boxes.filter((box) => box.last !== undefined && box.path.startsWith('net.') && box.shared?.index === 1);
  expect(rows.map(({ path, last, times }) => [path, last, times])).toEqual([
    ['net.b2', 'net.b2_2', 3],
    ['net.b3', 'net.b4', 4],
    ['net.b4_1', 'net.b5', 6],
    ['net.b5_1', 'net.b5_2', 2],
  ]);
  const ids = new Set(boxes.map(({ id }) => id));
  for (const { from, to } of edges) expect([ids.has(from), ids.has(to), from === to]).toEqual([true, true, false]);
  for (const id of boxOf.values()) expect(ids.has(id)).toBe(true);
  // Random draws are nobody's input.
  expect(
    boxes
      .filter(({ kind }) => kind === 'input')
      .map(({ label }) => label[0])
      .sort(),
  ).toEqual(['image', 'inside', 'tags']);
});

test('a long way leads down the page, a short one across, and either where it is asked for', () => {
  const [long, short] = [methodOf('methods/sipe.wsss', 'sipe'), methodOf('small.wsss', 'small', SMALL)];
  expect(methodDot(long)).toContain('rankdir=TB');
  expect(methodDot(short)).toContain('rankdir=LR');
  expect(methodDot(long, undefined, { direction: 'across' })).toContain('rankdir=LR');
});

test('shapes are short', () => {
  const [N, H, K] = ['N', 'H', 'K'].map(variable);
  expect(shapeText([N, ceilDiv(H, constant(16)), add(K, constant(1))])).toBe('N·H/16·(K+1)');
  expect(shapeText([])).toBe('');
});
