import { describe, expect, it } from 'vitest';
import { denseAffinity, pairAffinity } from '../../../runtime/refine/affinity.ts';
import { resizeBilinear } from '../../../runtime/refine/bilinear.ts';
import { argmaxLabels, denseCrf } from '../../../runtime/refine/dense-crf.ts';
import { argmaxWithBackground, argmaxWithScaledBackground, combineIrLabels, refineLabels } from '../../../runtime/refine/ir-label.ts';
import { pathDirections, pathIndices } from '../../../runtime/refine/paths.ts';
import { denseTransition, enlargeAndNormalise, labelsFromMaps, propagate, randomWalk } from '../../../runtime/refine/random-walk.ts';
import { unaryFromLabels } from '../../../runtime/refine/unary.ts';
import { excess, fixture } from '../../fixture.ts';
import { kernelsOf, numberOf, numbersOf } from './kernels.ts';

describe('pixel pairs and paths', () => {
  it.each(['path_indices_radius5', 'path_indices_radius10'])('irn/%s', (name) => {
    const given = fixture('irn', name);
    const [height, width] = given.get('in.size').data;
    const found = pathIndices(height, width, numberOf(given.json, 'radius'));
    const same = (key: string, values: ArrayLike<number>) => expect(Array.from(values), key).toEqual([...given.get(key).data]);
    same(
      'out.search_dst',
      found.directions.flatMap((d) => [d.dy, d.dx]),
    );
    same(
      'out.path_length',
      found.directions.map((d) => d.path.length),
    );
    same(
      'out.path_offsets',
      found.directions.flatMap((d) => d.path.flatMap((p) => [p.dy, p.dx])),
    );
    same('out.src_indices', found.sources);
    same('out.dst_indices', found.destinations);
    if (given.tensors.has('out.path_indices')) same('out.path_indices', found.paths);
  });

  it('refuses a grid without room and a radius without pairs', () => {
    expect(() => pathIndices(9, 18, 10)).toThrow(/9 x 18 has no pair of radius 10; it needs 10 x 19/);
    expect(() => pathDirections(1)).toThrow(/radius of at least 2/);
  });
});

describe('affinity and random walk', () => {
  const cases = [
    { method: 'irn', name: 'random_walk', log2: 'exp_times' },
    { method: 'sipe', name: 'pseudo_label_random_walk', log2: 'log2_steps' },
  ];

  it.each(cases)('$method/$name', ({ method, name, log2 }) => {
    const given = fixture(method, name);
    const tolerance = given.json.tolerance.out;
    const [height, width] = given.get('in.edge').shape.slice(-2);
    const boundary = given.get('in.edge').data;
    const keys = [...given.get('in.keys').data];
    const radius = numberOf(given.json, 'radius');
    const walk = { beta: numberOf(given.json, 'beta'), log2Steps: numberOf(given.json, log2) };

    let maps: Float32Array;
    if (given.tensors.has('in.cam')) {
      maps = given.get('in.cam').data;
    } else {
      const large = given.get('in.is_cam');
      const power = numberOf(given.json, 'power');
      maps = resizeBilinear(large.data, large.shape[0], large.shape[1], large.shape[2], height, width).map((v) => v ** power);
      expect(excess(maps, given.get('out.cam_stride4'), tolerance), 'cam_stride4').toBe(0);
    }
    const pairs = pairAffinity(boundary, height, width, radius);
    expect(excess(denseAffinity(pairs), given.get('out.affinity'), tolerance), 'affinity').toBe(0);
    expect(excess(denseTransition(pairs, walk), given.get('out.transition'), tolerance), 'transition').toBe(0);
    const walked = propagate({ maps, boundary, height, width, radius, walk });
    expect(excess(walked, given.get('out.rw'), tolerance), 'rw').toBe(0);
    const expected = given.get('out.rw_up');
    const image = { height: expected.shape[1], width: expected.shape[2] };
    const large = enlargeAndNormalise(walked, { channels: expected.shape[0], height, width }, image);
    expect(excess(large, expected, tolerance), 'rw_up').toBe(0);
    const background = given.json.hyperparameters.background === undefined ? undefined : numberOf(given.json, 'background');
    const label = given.tensors.has('out.label') ? 'out.label' : 'out.pseudo_label';
    expect([...labelsFromMaps(large, keys, background)]).toEqual([...given.get(label).data]);
  });

  it('the sparse walk is the dense one, and nothing crosses a wall', () => {
    const height = 7;
    const width = 9;
    const boundary = Float32Array.from({ length: height * width }, (_, i) => (i % width === 4 ? 1 : Math.abs(Math.sin(i)) / 3));
    const pairs = pairAffinity(boundary, height, width, 4);
    const walk = { beta: 3, log2Steps: 5 };
    const maps = Float32Array.from({ length: height * width }, (_, i) => (i % width < 4 ? 1 + (i % 5) : 0));
    const sparse = randomWalk(pairs, maps, walk);
    const dense = denseTransition(pairs, walk);
    for (let j = 0; j < maps.length; j++) {
      let sum = 0;
      for (let i = 0; i < maps.length; i++) sum += maps[i] * dense[i * maps.length + j];
      expect(Math.abs(sparse[j] - sum)).toBeLessThan(1e-4);
      if (j % width > 4) expect(sparse[j]).toBe(0);
    }
  });
});

describe('inter-pixel labels', () => {
  it('irn/ir_label: two thresholds, a CRF on labels', () => {
    const given = fixture('irn', 'ir_label');
    const image = given.get('in.image');
    const picture = { height: image.shape[0], width: image.shape[1], image: Uint8Array.from(image.data) };
    const cams = given.get('in.high_res');
    const count = cams.shape[0] + 1;
    const confidence = numberOf(given.json, 'gt_prob');
    const kernels = kernelsOf(given.json);
    const [iterations] = numbersOf(given.json, 'iterations');
    const pass = (name: 'fg' | 'bg') => {
      const labels = argmaxWithBackground(cams.data, cams.shape[0], numberOf(given.json, `${name}_threshold`));
      expect([...labels], `${name}_argmax`).toEqual([...given.get(`out.${name}_argmax`).data]);
      const q = denseCrf({ ...picture, unary: unaryFromLabels(labels, count, confidence), kernels, iterations });
      expect(excess(q, given.get(`out.${name}_q`), given.json.tolerance.out), `${name}_q`).toBe(0);
      const refined = refineLabels(labels, count, picture, { kernels, iterations, confidence });
      expect([...refined], `${name}_crf`).toEqual([...given.get(`out.${name}_crf`).data]);
      expect(refined).toEqual(argmaxLabels(q, count));
      return refined;
    };
    const ids = [0, ...given.get('in.keys').data.map((key) => key + 1)];
    expect([...combineIrLabels(pass('fg'), pass('bg'), ids)]).toEqual([...given.get('out.ir_label').data]);
  });

  it('sipe/ir_label: its own background channel, whole and scaled', () => {
    const given = fixture('sipe', 'ir_label');
    const maps = given.get('in.is_cam');
    const ids = [...given.get('in.keys').data];
    const foreground = argmaxWithScaledBackground(maps.data, maps.shape[0], 1);
    const background = argmaxWithScaledBackground(maps.data, maps.shape[0], numberOf(given.json, 'bg_factor'));
    expect([...foreground].map((c) => ids[c])).toEqual([...given.get('out.fg_conf').data]);
    expect([...background].map((c) => ids[c])).toEqual([...given.get('out.bg_conf').data]);
    expect([...combineIrLabels(foreground, background, ids, numberOf(given.json, 'ignore'))]).toEqual([...given.get('out.ir_label').data]);
  });

  it('refuses labels without a class id', () => {
    expect(() => combineIrLabels([0, 2], [0, 0], [0, 7])).toThrow(/label 2 or 0 at pixel 1 has no class id/);
    expect(() => combineIrLabels([0], [0, 0], [0])).toThrow(/same size/);
  });

  it('one label needs no CRF', () => {
    const picture = { width: 2, height: 1, image: new Uint8Array(6) };
    expect([...refineLabels([0, 0], 1, picture, { kernels: [], iterations: 3, confidence: 0.7 })]).toEqual([0, 0]);
  });
});
