import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashStructure, hashWithNames } from '../../../compiler/ir/canonical.ts';
import { showGraph } from '../../../compiler/ir/display.ts';
import { IrFormatError, programFromJson, programToJson } from '../../../compiler/ir/json.ts';
import type { MethodProgram, StateDeclaration } from '../../../compiler/ir/program.ts';
import { settle } from '../../../compiler/ir/rewrite.ts';
import { sha256 } from '../../../compiler/ir/sha256.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { add, ceilDiv, constant, variable } from '../../../compiler/shape/dim.ts';
import { sourceFile, span } from '../../../compiler/source/source.ts';
import { dims, graphOf, input } from '../../graphs/build.ts';
import { randomGraph } from '../../graphs/random.ts';

describe('SHA-256', () => {
  test('gives the answers of FIPS 180-4', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
  });

  test('agrees with Node on any text, around every block boundary', () => {
    const check = (text: string): void => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    };
    for (let length = 50; length < 140; length++) check('é'.repeat(length / 2) + 'x'.repeat(length % 2));
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), check));
  });
});

const file = sourceFile('cam.wsss', 'loss cls = bce(logits, tags)\n');
const at = span(file, 5, 8);

function program(): MethodProgram {
  const { graph } = randomGraph(3);
  const extra = graphOf((b) => {
    const x = b.with({ path: 'net.layer3.2', span: at }, () =>
      b.add(
        'pad',
        [input(b, 'batch', 'x', ['N', ceilDiv(variable('H'), constant(16))])],
        { before: dims(0, 0), after: dims(0, add(variable('K'), constant(1))), value: Number.NEGATIVE_INFINITY },
        { name: 'padded' },
      ),
    );
    return { 'output:y': x };
  });
  const weight: StateDeclaration = {
    key: 'net.w',
    role: 'parameter',
    type: { dtype: 'f32', shape: dims(3, 'K') },
    init: { kind: 'fan_normal', scale: 2, fan: 'in' },
    backbone: true,
    parameterRole: 'kernel',
    span: at,
  };
  const flag: StateDeclaration = {
    key: 'flag',
    role: 'flag',
    type: { dtype: 'i32', shape: [] },
    init: { kind: 'constant', value: 0 },
    backbone: false,
    parameterRole: undefined,
    span: undefined,
  };
  return {
    name: 'cam',
    state: [weight, flag],
    graphs: {
      forward: graph,
      'infer.cams': {
        ...extra,
        assertions: [{ left: variable('H'), right: constant(16), relation: 'divisible by', reason: 'four strides of two', span: at }],
      },
    },
    batchDim: 'N',
    classDim: 'K',
    train: {
      epochs: 5,
      steps: undefined,
      batch: 16,
      views: [{ name: 'crop', from: 'source', steps: [{ op: 'scale', args: { factors: [0.5, 1], mode: 'bicubic', mirror: true } }] }],
      bindings: [{ input: 'image', view: 'crop', part: 'image' }],
      source: { dataset: 'voc', split: 'train_aug' },
      optimizer: {
        clipNorm: undefined,
        groups: [
          {
            name: 'new',
            keys: ['net.w'],
            rule: { kind: 'muon', momentum: 0.9, nesterov: true, iterations: 5 },
            rate: 0.02,
            weightDecay: 0.05,
          },
        ],
      },
      schedule: { shape: { kind: 'poly', power: 0.9, every: 10 }, warmup: 0.15 },
      losses: [{ name: 'cls', weight: 1, fromEpoch: 0, span: at }],
      phases: [{ fromEpoch: 0, graph: 'gradients' }],
      update: 'update',
    },
    infer: {
      cams: {
        name: 'cams',
        graph: 'infer.cams',
        inputs: [{ input: 'x', part: 'image', steps: [] }],
        photo: { height: 'h0', width: 'w0' },
        readsTags: true,
        returns: [{ name: 'result', kind: 'cam', background: false }],
        span: at,
      },
    },
    supervision: ['tags'],
  };
}

describe('JSON', () => {
  test('a program comes back as it was, through text', () => {
    const before = program();
    const json: unknown = JSON.parse(JSON.stringify(programToJson(before)));
    const after = programFromJson(json);
    expect(JSON.stringify(programToJson(after))).toBe(JSON.stringify(json));
    for (const [name, graph] of Object.entries(before.graphs)) {
      expect(showGraph(after.graphs[name], { origins: true })).toBe(showGraph(graph, { origins: true }));
      expect(hashWithNames(after.graphs[name])).toBe(hashWithNames(graph));
    }
    expect(after.state.map(({ span: _, ...rest }) => rest)).toEqual(before.state.map(({ span: _, ...rest }) => rest));
    const { losses, ...plan } = after.train!;
    const { losses: expected, ...planned } = before.train!;
    expect(plan).toEqual(planned);
    expect(losses.map((loss) => [loss.name, loss.span.start, loss.span.end, loss.span.file.text])).toEqual(
      expected.map((loss) => [loss.name, loss.span.start, loss.span.end, file.text]),
    );
    expect(after.infer.cams.span.file.name).toBe('cam.wsss');
    // Sizes are the shared objects again.
    expect(after.state[0].type.shape[1]).toBe(variable('K'));
  });

  const broken: readonly (readonly [string, (json: Record<string, unknown>) => void, RegExp])[] = [
    ['an unknown key', (json) => (json.colour = 'red'), /'colour'/],
    ['another version', (json) => (json.version = 99), /version: .*1/],
    ['a missing part', (json) => delete json.graphs, /graphs/],
    [
      'an operand from the future',
      (json) => ((json.graphs as { forward: { nodes: { inputs: number[] }[] } }).forward.nodes[0].inputs = [4]),
      /\/graphs\/forward\/nodes\/0: node 4/,
    ],
    ['a size that is none', (json) => ((json.state as { shape: unknown[] }[])[0].shape = [{ cube: 3 }]), /state\/0\/shape/],
    ['a span in no source', (json) => (json.sources = []), /no source 0/],
  ];
  test.each(broken)('%s is an error that says where', (_, damage, message) => {
    const json = JSON.parse(JSON.stringify(programToJson(program()))) as Record<string, unknown>;
    damage(json);
    expect(() => programFromJson(json)).toThrow(IrFormatError);
    expect(() => programFromJson(json)).toThrow(message);
  });

  test('things that are no programs at all', () => {
    for (const json of [null, 3, [], {}, 'x']) expect(() => programFromJson(json)).toThrow(IrFormatError);
  });
});

/** Two-headed graph; the names and the order of its statements can be chosen. */
function heads(
  names: { readonly w: string; readonly v: string; readonly N: string; readonly x: string; readonly loss: string },
  swapped = false,
): Graph {
  return graphOf((b) => {
    const one = (): Node =>
      b.add('mean', [b.unary('tanh', b.mul(input(b, 'batch', names.x, [names.N, 3]), input(b, 'state', names.w, [3])))], {
        axes: [0, 1],
        keep: false,
      });
    const two = (): Node =>
      b.add('mean', [b.unary('exp', b.mul(input(b, 'batch', names.x, [names.N, 3]), input(b, 'state', names.v, [3])))], {
        axes: [0, 1],
        keep: false,
      });
    if (!swapped) return { [`loss:${names.loss}`]: b.addition(one(), b.scalar(1)), 'output:two': two() };
    const second = two();
    return { 'output:two': second, [`loss:${names.loss}`]: b.addition(one(), b.scalar(1)) };
  });
}

describe('hashes', () => {
  const names = { w: 'net.w', v: 'net.v', N: 'N', x: 'image', loss: 'cls' };

  test('do not depend on the order of independent statements', () => {
    expect(hashWithNames(heads(names, true))).toBe(hashWithNames(heads(names)));
    expect(hashStructure(heads(names, true))).toBe(hashStructure(heads(names)));
  });

  test('structure does not depend on names, the other hash does', () => {
    const renamed = { w: 'body.a', v: 'body.b', N: 'B', x: 'photo', loss: 'classification' };
    expect(hashStructure(heads(renamed))).toBe(hashStructure(heads(names)));
    expect(hashWithNames(heads(renamed))).not.toBe(hashWithNames(heads(names)));
    // Even where the names trade places.
    expect(hashStructure(heads({ ...names, w: names.v, v: names.w }))).toBe(hashStructure(heads(names)));
    expect(hashWithNames(heads({ ...names, w: names.v, v: names.w }))).not.toBe(hashWithNames(heads(names)));
  });

  test('renaming two parameters to one is not a renaming', () => {
    expect(hashStructure(heads({ ...names, v: names.w }, false))).not.toBe(hashStructure(heads(names)));
  });

  test('an attribute, a size or an operand that changes changes both', () => {
    const graph = (build: (b: Builder, x: Node) => Node): Graph =>
      graphOf((b) => ({ 'output:y': build(b, input(b, 'batch', 'x', ['N', 4])) }));
    const variants = [
      graph((b, x) => b.add('sum', [x], { axes: [0], keep: false })),
      graph((b, x) => b.add('sum', [x], { axes: [1], keep: false })),
      graph((b, x) => b.add('mean', [x], { axes: [1], keep: false })),
      graph((b, x) => b.sub(x, b.scalar(1))),
      graph((b, x) => b.sub(b.scalar(1), x)),
      graph((b, x) => b.sub(x, b.scalar(2))),
    ];
    expect(new Set(variants.map(hashWithNames)).size).toBe(variants.length);
    expect(new Set(variants.map(hashStructure)).size).toBe(variants.length);
  });

  test('random graphs: statements in any order that respects their inputs hash the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const { graph } = randomGraph(seed);
        // Depth first from the last output: another valid order.
        const nodes: Node[] = [];
        const visit = (node: Node): void => {
          if (nodes.includes(node)) return;
          [...node.inputs].reverse().forEach(visit);
          nodes.push(node);
        };
        for (const output of [...graph.outputs].reverse()) visit(output.node);
        const shuffled = settle(graph.name, nodes, [...graph.outputs].reverse(), []);
        expect(hashWithNames(shuffled)).toBe(hashWithNames(graph));
        expect(hashStructure(shuffled)).toBe(hashStructure(graph));
      }),
      { numRuns: 30 },
    );
  });
});

test('a graph as text', () => {
  const graph = graphOf((b) => {
    const x = b.input(
      'batch',
      'image',
      { dtype: 'f32', shape: dims('N', ceilDiv(variable('H'), constant(16)), 3) },
      { kind: 'image', range: { low: 0, high: 1 } },
    );
    const y = b.with({ path: 'net.head', span: at }, () => b.add('sum', [x], { axes: [1], keep: false }, { name: 'scores' }));
    return { 'output:scores': y };
  });
  expect(showGraph(graph, { origins: true })).toBe(
    [
      'graph test',
      '  %0: f32[N, ceil(H/16), 3] = batch "image"  // image · image',
      '  %1: f32[N, 3] = sum(%0, axes: [1], keep: false)  // image · scores · net.head · cam.wsss:1',
      '  output "scores" = %1',
      '',
    ].join('\n'),
  );
});
