import { describe, expect, it } from 'vitest';
import { argmaxLabels, type CrfKernel, denseCrf, kernelFeatures } from '../../../runtime/refine/dense-crf.ts';
import { buildLattice, filterLanes, filterScratch, latticeFilter, symmetricNormalisation } from '../../../runtime/refine/lattice.ts';
import {
  prependBackgroundPower,
  unaryFromLabels,
  unaryFromProbabilities,
  unaryFromSaliency,
  unaryFromScorePowers,
  unaryFromScores,
} from '../../../runtime/refine/unary.ts';
import { vectorFilters, withoutVectorCode } from '../../../runtime/refine/vector-filter.ts';
import { excess, type Fixture, fixture } from '../../fixture.ts';
import { exactCrf, exactSumOfOnes } from '../../reference/exact-crf.ts';
import { kernelsOf, numberOf, numbersOf } from './kernels.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly image: Uint8Array;
}

function picture(given: Fixture): Picture {
  const image = given.get('in.image');
  return { height: image.shape[0], width: image.shape[1], image: Uint8Array.from(image.data) };
}

/** Checks out.q_T and out.label_T for every T of the case, then the exact Gaussian sums where it has them. */
function checkMeanField(given: Fixture, unary: Float32Array): void {
  const photo = picture(given);
  const kernels = kernelsOf(given.json);
  const pixels = photo.width * photo.height;
  const labels = unary.length / pixels;
  for (const iterations of numbersOf(given.json, 'iterations')) {
    const q = denseCrf({ ...photo, unary, kernels, iterations });
    expect(excess(q, given.get(`out.q_${iterations}`), given.json.tolerance.out), `q_${iterations}`).toBe(0);
    const plain = withoutVectorCode(() => denseCrf({ ...photo, unary, kernels, iterations }));
    expect(excess(plain, given.get(`out.q_${iterations}`), given.json.tolerance.out), `q_${iterations} without vector code`).toBe(0);
    expect([...argmaxLabels(q, labels)], `label_${iterations}`).toEqual([...given.get(`out.label_${iterations}`).data]);
    const exact = given.tensors.get(`out.q_exact_${iterations}`);
    if (exact) {
      const found = exactCrf(photo.width, photo.height, photo.image, unary, kernels, iterations);
      expect(excess(found, exact, given.json.tolerance.out), `q_exact_${iterations}`).toBe(0);
      expect([...argmaxLabels(Float32Array.from(found), labels)]).toEqual([...given.get(`out.label_exact_${iterations}`).data]);
    }
  }
}

describe('permutohedral lattice', () => {
  const given = fixture('dense-crf', 'lattice_filter');
  const photo = picture(given);
  const kernels = [...given.tensors.keys()].flatMap((name) => /^out\.(.*)_features$/.exec(name)?.[1] ?? []);

  /** "gaussian3" or "bilateral50_5": the standard deviations are in the names of the case. */
  function kernelNamed(name: string): CrfKernel {
    const [kind] = /^[a-z]+/.exec(name) ?? [''];
    const [sxy, srgb] = name.slice(kind.length).split('_').map(Number);
    return kind === 'bilateral' ? { kind, weight: 1, sxy, srgb } : { kind: 'gaussian', weight: 1, sxy };
  }

  it('has kernels to check', () => expect(kernels.length).toBeGreaterThan(0));

  it.each(kernels)('%s: features, vertices and filter as pydensecrf', (name) => {
    const tolerance = given.json.tolerance.out;
    const pixels = photo.width * photo.height;
    const features = kernelFeatures(kernelNamed(name), photo.width, photo.height, photo.image);
    expect(excess(features, given.get(`out.${name}_features`), tolerance)).toBe(0);
    const lattice = buildLattice(features, features.length / pixels, pixels);
    expect(lattice.vertices).toBe(given.get(`out.${name}_vertices`).data[0]);
    const ones = latticeFilter(lattice, new Float32Array(pixels).fill(1), 1);
    expect(excess(ones, given.get(`out.${name}_filter_of_ones`), tolerance)).toBe(0);
    const values = given.get('in.values');
    const channels = values.shape[0];
    expect(excess(latticeFilter(lattice, values.data, channels), given.get(`out.${name}_filter_of_values`), tolerance)).toBe(0);
    const norm = symmetricNormalisation(lattice);
    const scaled = latticeFilter(
      lattice,
      values.data.map((v, i) => v * norm[i % pixels]),
      channels,
    ).map((v, i) => v * norm[i % pixels]);
    expect(excess(scaled, given.get(`out.${name}_normalised`), tolerance)).toBe(0);
    expect(excess(exactSumOfOnes(features, pixels), given.get(`out.${name}_exact_sum_of_ones`), tolerance)).toBe(0);
  });

  it('vector code filters as the plain loops do, also after its memory grew', () => {
    for (const side of [5, 40, 9]) {
      const image = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * i * 31) % 256);
      const lattices = [kernelNamed('gaussian2'), kernelNamed('bilateral11_20')].map((kernel) => {
        const features = kernelFeatures(kernel, side, side, image);
        const lattice = buildLattice(features, features.length / side / side, side * side);
        return { lattice, weights: lattice.barycentric };
      });
      const filters = vectorFilters(lattices);
      if (!filters) throw new Error('every supported version of Node has vector instructions');
      const input = Float32Array.from({ length: side * side * 4 }, (_, i) => Math.sin(i));
      lattices.forEach(({ lattice, weights }, k) => {
        const found = new Float32Array(input.length).fill(1);
        const plain = found.slice();
        filters[k](input, found, 0.7);
        filterLanes(lattice, weights, input, plain, 0.7, filterScratch());
        const apart = Math.max(...found.map((v, i) => Math.abs(v - plain[i])));
        expect(apart).toBeLessThan(1e-5);
        expect(Math.max(...plain.map((v) => Math.abs(v - 1)))).toBeGreaterThan(0.01);
      });
    }
  });

  it('barycentric weights of every point sum to one', () => {
    const pixels = photo.width * photo.height;
    const lattice = buildLattice(kernelFeatures(kernelNamed('bilateral7_9'), photo.width, photo.height, photo.image), 5, pixels);
    for (let p = 0; p < pixels; p++) {
      const row = lattice.barycentric.subarray(p * 6, p * 6 + 6);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(Math.min(...row)).toBeGreaterThan(-1e-5);
    }
  });

  it('refuses features that do not fit', () => {
    expect(() => buildLattice(new Float32Array(5), 2, 3)).toThrow(/5 feature values, expected 2 dimensions x 3 points/);
    expect(() => buildLattice(new Float32Array([0, Number.NaN]), 1, 2)).toThrow(/feature 1 is NaN/);
  });
});

describe('unary energies', () => {
  it('from probabilities and labels as pydensecrf', () => {
    const given = fixture('dense-crf', 'unary_energies');
    const { data: prob, shape } = given.get('in.prob');
    const labels = given.get('in.labels').data;
    const count = shape[0];
    let checked = 0;
    for (const [name, expected] of given.tensors) {
      const [, kind, value] = /^out\.([a-z_]+?)(?:_([0-9.]+))?$/.exec(name) ?? [];
      const check = (found: Float32Array) => expect(excess(found, expected, given.json.tolerance.out), name).toBe(0);
      if (kind === 'softmax') check(unaryFromProbabilities(prob));
      else if (kind === 'softmax_scale') check(unaryFromProbabilities(prob, undefined, { scale: Number(value), labels: count }));
      else if (kind === 'softmax_noclip') check(unaryFromScores(prob));
      else if (kind === 'labels') check(unaryFromLabels(labels, count, Number(value)));
      else if (kind === 'labels_unsure') check(unaryFromLabels(labels, expected.shape[0], Number(value), { zeroUnsure: true }));
      else continue;
      checked++;
    }
    expect(checked).toBe([...given.tensors.keys()].filter((name) => name.startsWith('out.')).length);
  });

  it('from sharpened scores: probabilities that sum to one', () => {
    const scores = Float32Array.from([0.2, 0, 0.2, 1, 0.7, 0]);
    const p = unaryFromScorePowers(scores, 3, { power: 2, epsilon: 1e-3 }).map((u) => Math.exp(-u));
    const raw = Array.from(scores, (v) => (v + 1e-3) ** 2);
    p.forEach((v, i) => {
      expect(v).toBeCloseTo(raw[i] / (raw[i % 2] + raw[(i % 2) + 2] + raw[(i % 2) + 4]), 6);
    });
  });

  it('refuses one label and labels out of range', () => {
    expect(() => unaryFromLabels([0, 0], 1, 0.7)).toThrow(/needs at least 2/);
    expect(() => unaryFromLabels([0, 3], 3, 0.7)).toThrow(/label 3 at pixel 1, expected 0 to 2/);
  });
});

describe('dense CRF', () => {
  it.each([
    'kernel_gaussian',
    'kernel_bilateral',
    'kernel_bilateral_wide',
    'crf_inference',
    'crf_inference_wsfcn',
    'crf_unnormalised_scores',
    'crf_deeplabv2',
    'crf_seam',
    'crf_mcis',
    'crf_auxsegnet',
  ])('%s: from probabilities', (name) => {
    const given = fixture('dense-crf', name);
    const unary = unaryFromProbabilities(given.get('in.prob').data, numberOf(given.json, 'clip'));
    expect(excess(unary, given.get('out.unary'), given.json.tolerance.out)).toBe(0);
    checkMeanField(given, unary);
  });

  it('crf_inference_label: from a label map', () => {
    const given = fixture('dense-crf', 'crf_inference_label');
    const labels = given.get('in.labels').data;
    const confidence = numberOf(given.json, 'gt_prob');
    const expected = given.get('out.unary');
    const unary = unaryFromLabels(labels, expected.shape[0], confidence);
    expect(excess(unary, expected, given.json.tolerance.out)).toBe(0);
    const unsure = given.get('out.unary_unsure');
    expect(excess(unaryFromLabels(labels, unsure.shape[0], confidence, { zeroUnsure: true }), unsure, given.json.tolerance.out)).toBe(0);
    checkMeanField(given, unary);
  });

  it('crf_cam_alpha: background power before the CRF', () => {
    const given = fixture('dense-crf', 'crf_cam_alpha');
    const photo = picture(given);
    const cams = given.get('in.cams');
    const iterations = numberOf(given.json, 'iterations');
    const tolerance = given.json.tolerance.out;
    const kernels = kernelsOf(given.json);
    const check = (name: string, scores: Float32Array, used: readonly CrfKernel[]) => {
      const q = denseCrf({ ...photo, unary: unaryFromProbabilities(scores), kernels: used, iterations });
      expect(excess(q, given.get(`out.q_${name}`), tolerance), name).toBe(0);
      expect([...argmaxLabels(q, cams.shape[0] + 1)]).toEqual([...given.get(`out.label_${name}`).data]);
    };
    for (const alpha of numbersOf(given.json, 'alphas')) {
      const scores = prependBackgroundPower(cams.data, cams.shape[0], alpha);
      expect(excess(scores, given.get(`out.score_${alpha}`), tolerance), `score_${alpha}`).toBe(0);
      check(`${alpha}`, scores, kernels);
    }
    for (const [, alpha, sxy] of given.json.description.matchAll(/q_wsfcn_\d+: a = (\d+) with bilateral sxy ([0-9.]*\d)/g)) {
      const used = kernels.map((k): CrfKernel => (k.kind === 'bilateral' ? { ...k, sxy: Number(sxy) } : k));
      check(`wsfcn_${alpha}`, prependBackgroundPower(cams.data, cams.shape[0], Number(alpha)), used);
    }
  });

  it('crf_saliency: the energies of AuxSegNet', () => {
    const given = fixture('dense-crf', 'crf_saliency');
    const photo = picture(given);
    const pixels = photo.width * photo.height;
    const kernels = kernelsOf(given.json);
    const unary = unaryFromSaliency(given.get('in.saliency').data);
    expect(excess(unary, given.get('out.unary'), given.json.tolerance.out)).toBe(0);
    const iterations = numberOf(given.json, 'iterations');
    const q = denseCrf({ ...photo, unary, kernels, iterations });
    expect(excess(q.subarray(pixels), given.get('out.refined'), given.json.tolerance.out)).toBe(0);
    const exact = exactCrf(photo.width, photo.height, photo.image, unary, kernels, iterations);
    expect(excess(exact.subarray(pixels), given.get('out.refined_exact'), given.json.tolerance.out)).toBe(0);
  });

  it('takes the two axes apart and needs no image for a Gaussian kernel', () => {
    const width = 5;
    const height = 4;
    const unary = Float32Array.from({ length: 2 * width * height }, (_, i) => Math.sin(i * 7) + 1);
    const turned = Float32Array.from({ length: unary.length }, (_, i) => {
      const c = Math.floor(i / 20);
      const y = Math.floor((i % 20) / height);
      const x = i % height;
      return unary[c * 20 + x * width + y];
    });
    const image = new Uint8Array(0);
    const one = denseCrf({ width, height, image, unary, kernels: [{ kind: 'gaussian', weight: 2, sxy: [1.5, 2.5] }], iterations: 3 });
    const two = denseCrf({
      width: height,
      height: width,
      image,
      unary: turned,
      kernels: [{ kind: 'gaussian', weight: 2, sxy: [2.5, 1.5] }],
      iterations: 3,
    });
    // The lattice is not symmetric in x and y, so only nearly the same; with the axes swapped wrongly the difference is far larger.
    const wrong = denseCrf({
      width: height,
      height: width,
      image,
      unary: turned,
      kernels: [{ kind: 'gaussian', weight: 2, sxy: [1.5, 2.5] }],
      iterations: 3,
    });
    const apart = (q: Float32Array) =>
      Math.max(...one.subarray(0, 20).map((v, i) => Math.abs(v - q[(i % width) * height + Math.floor(i / width)])));
    expect(apart(two)).toBeLessThan(apart(wrong));
  });

  it('more than one block of labels gives the same as each label apart from the rest would', () => {
    const width = 6;
    const height = 4;
    const pixels = width * height;
    const image = Uint8Array.from({ length: pixels * 3 }, (_, i) => (i * 37) % 256);
    const kernels: CrfKernel[] = [
      { kind: 'gaussian', weight: 3, sxy: 2 },
      { kind: 'bilateral', weight: 2, sxy: 9, srgb: 60 },
    ];
    const few = Float32Array.from({ length: 3 * pixels }, (_, i) => 1 + Math.cos(i * i));
    // Labels that are (nearly) impossible change nothing, wherever they stand.
    const many = new Float32Array(7 * pixels).fill(60);
    [1, 4, 6].forEach((row, c) => {
      many.set(few.subarray(c * pixels, (c + 1) * pixels), row * pixels);
    });
    const a = denseCrf({ width, height, image, unary: few, kernels, iterations: 5 });
    const b = denseCrf({ width, height, image, unary: many, kernels, iterations: 5 });
    [1, 4, 6].forEach((row, c) => {
      for (let p = 0; p < pixels; p++) expect(b[row * pixels + p]).toBeCloseTo(a[c * pixels + p], 5);
    });
  });

  it('says what does not fit', () => {
    const input = { width: 3, height: 2, image: new Uint8Array(18), unary: new Float32Array(12), kernels: [], iterations: 1 };
    expect(() => denseCrf({ ...input, unary: new Float32Array(11) })).toThrow(/11 unary energies do not divide into 3 x 2 pixels/);
    expect(() => denseCrf({ ...input, image: new Uint8Array(5), kernels: [{ kind: 'bilateral', weight: 1, sxy: 1, srgb: 1 }] })).toThrow(
      /5 image bytes, expected 2 x 3 x 3 = 18/,
    );
    expect(() => denseCrf({ ...input, kernels: [{ kind: 'gaussian', weight: 1, sxy: 0 }] })).toThrow(/standard deviation 0/);
  });
});
