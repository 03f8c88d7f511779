import { describe, expect, it } from 'vitest';
import { pairAffinity } from '../../../runtime/refine/affinity.ts';
import { combineIrLabels } from '../../../runtime/refine/ir-label.ts';
import { pathDirections, pathIndices } from '../../../runtime/refine/paths.ts';
import { denseTransition, randomWalk } from '../../../runtime/refine/random-walk.ts';
import { fixture } from '../../fixture.ts';
import { numberOf } from './kernels.ts';

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
  it('refuses labels without a class id', () => {
    expect(() => combineIrLabels([0, 2], [0, 0], [0, 7])).toThrow(/label 2 or 0 at pixel 1 has no class id/);
    expect(() => combineIrLabels([0], [0, 0], [0])).toThrow(/same size/);
  });
});
