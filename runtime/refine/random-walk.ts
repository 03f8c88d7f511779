/**
 * Random-walk propagation of class maps over pixel affinities (Ahn, Cho and Kwak, CVPR 2019; jiwoon-ahn/irn@a2ece00,
 * misc/indexing.py, propagate_to_edge): T = A^beta element by element, each column divided by its sum, 2^log2Steps steps.
 *
 * The authors square the dense T log2Steps times. A map is only ever multiplied from the left, and T has about 70 entries a row, so
 * 2^log2Steps sparse steps give the same numbers in float64 at a tiny part of the work: 0.6 GFLOP instead of 26,000 for a map of
 * 94 x 125 pixels, and no matrix of 0.55 GB. `denseTransition` remains for inspection and small maps.
 */
import { denseAffinity, type PairAffinity, pairAffinity } from './affinity.ts';
import { resizeBilinear } from './bilinear.ts';

export interface WalkOptions {
  /** Exponent of the affinities (IRN and SIPE: 10). */
  readonly beta: number;
  /** The walk takes 2^log2Steps steps (IRN and SIPE: 8, so 256). */
  readonly log2Steps: number;
}

/** `maps` [channels, pixels] as row vectors times T^(2^log2Steps); float64 inside, float32 out. Inputs are not changed. */
export function randomWalk(pairs: PairAffinity, maps: Float32Array, options: WalkOptions): Float32Array {
  const { height, width, directions, values } = pairs;
  const pixels = height * width;
  const channels = maps.length / pixels;
  if (!Number.isInteger(channels))
    throw new RangeError(`randomWalk: ${maps.length} map values do not divide into ${height} x ${width} pixels`);
  const links = Float64Array.from(values, (a) => (a > 0 ? a ** options.beta : 0));
  // Column sums of the symmetric matrix, its diagonal of ones included.
  const perColumn = new Float64Array(pixels).fill(1);
  directions.forEach(({ dy, dx }, d) => {
    const shift = dy * width + dx;
    for (let i = 0, at = d * pixels; i < pixels; i++, at++) {
      const w = links[at];
      if (w === 0) continue;
      perColumn[i] += w;
      perColumn[i + shift] += w;
    }
  });
  for (let i = 0; i < pixels; i++) perColumn[i] = 1 / perColumn[i];
  const shifts = directions.map(({ dy, dx }) => dy * width + dx);
  const result = new Float32Array(maps.length);
  const steps = 2 ** options.log2Steps;
  let current = new Float64Array(pixels);
  let next = new Float64Array(pixels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) current[i] = maps[c * pixels + i];
    for (let step = 0; step < steps; step++) {
      next.set(current);
      for (let d = 0; d < shifts.length; d++) {
        const shift = shifts[d];
        const row = d * pixels;
        // Links outside the map are zero; the range keeps both ends inside the arrays.
        const end = Math.min(pixels, pixels - shift);
        for (let i = Math.max(0, -shift); i < end; i++) {
          const w = links[row + i];
          next[i] += w * current[i + shift];
          next[i + shift] += w * current[i];
        }
      }
      for (let i = 0; i < pixels; i++) next[i] *= perColumn[i];
      const swapped = current;
      current = next;
      next = swapped;
    }
    for (let i = 0; i < pixels; i++) result[c * pixels + i] = current[i];
  }
  return result;
}

/**
 * The dense transition matrix [from pixel, to pixel] after 2^log2Steps steps, as the authors compute it. Holds one matrix and one
 * temporary of pixels^2 float32 (2 x 0.55 GB at 94 x 125) and needs log2Steps dense products: for small maps and for inspection.
 */
export function denseTransition(pairs: PairAffinity, options: WalkOptions): Float32Array {
  const pixels = pairs.height * pairs.width;
  let matrix = denseAffinity(pairs);
  const sums = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < pixels; j++) {
      const v = matrix[i * pixels + j] ** options.beta;
      matrix[i * pixels + j] = v;
      sums[j] += v;
    }
  }
  for (let i = 0; i < pixels; i++) for (let j = 0; j < pixels; j++) matrix[i * pixels + j] /= sums[j];
  let other: Float32Array = new Float32Array(matrix.length);
  for (let k = 0; k < options.log2Steps; k++) {
    square(matrix, other, pixels);
    const swapped = matrix;
    matrix = other;
    other = swapped;
  }
  return matrix;
}

/** to = from x from, in blocks of columns so that the rows read stay in the cache; float64 sums. */
function square(from: Float32Array, to: Float32Array, n: number): void {
  const block = 256;
  const sums = new Float64Array(block);
  for (let left = 0; left < n; left += block) {
    const wide = Math.min(block, n - left);
    for (let i = 0; i < n; i++) {
      sums.fill(0);
      for (let k = 0; k < n; k++) {
        const v = from[i * n + k];
        if (v === 0) continue;
        for (let j = 0, at = k * n + left; j < wide; j++, at++) sums[j] += v * from[at];
      }
      for (let j = 0, at = i * n + left; j < wide; j++, at++) to[at] = sums[j];
    }
  }
}

export interface PropagationInput {
  /** [channels, height, width] class maps on the grid of the boundary (stride 4 of the image). */
  readonly maps: Float32Array;
  /** [height, width] boundary probabilities. */
  readonly boundary: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly radius: number;
  readonly walk: WalkOptions;
}

/** (maps * (1 - boundary)) walked over the affinities of the boundary map: [channels, height, width]. */
export function propagate(input: PropagationInput): Float32Array {
  const { maps, boundary, height, width } = input;
  const pixels = height * width;
  const open = maps.map((v, i) => v * (1 - boundary[i % pixels]));
  return randomWalk(pairAffinity(boundary, height, width, input.radius), open, input.walk);
}

/**
 * Propagated maps back at image size: `factor` times larger (bilinear, corners not aligned), cropped to imageHeight x imageWidth and
 * divided by the one maximum over all channels and pixels (unchanged where that is not above zero).
 */
export function enlargeAndNormalise(
  maps: Float32Array,
  size: { readonly channels: number; readonly height: number; readonly width: number },
  image: { readonly height: number; readonly width: number },
  factor = 4,
): Float32Array {
  const { channels, height, width } = size;
  const tall = height * factor;
  const wide = width * factor;
  if (image.height > tall || image.width > wide) {
    throw new RangeError(
      `enlargeAndNormalise: maps of ${height} x ${width} times ${factor} do not cover an image of ${image.height} x ${image.width}`,
    );
  }
  const large = resizeBilinear(maps, channels, height, width, tall, wide);
  const result = new Float32Array(channels * image.height * image.width);
  let largest = 0;
  for (let c = 0, to = 0; c < channels; c++) {
    for (let y = 0; y < image.height; y++) {
      for (let x = 0, from = (c * tall + y) * wide; x < image.width; x++, from++, to++) {
        const v = large[from];
        result[to] = v;
        if (v > largest) largest = v;
      }
    }
  }
  if (largest > 0) for (let i = 0; i < result.length; i++) result[i] /= largest;
  return result;
}

/**
 * Class ids from maps [channels, pixels]: the argmax mapped through `ids`. With `background`, that constant is prepended as channel 0
 * of class 0 (IRN: .25) and `ids` names the channels after it; without, `ids` names all of them (SIPE: ids[0] = 0).
 */
export function labelsFromMaps(maps: Float32Array, ids: readonly number[], background?: number): Uint8Array {
  const pixels = maps.length / ids.length;
  if (!Number.isInteger(pixels)) throw new RangeError(`labelsFromMaps: ${maps.length} values do not divide into ${ids.length} channels`);
  const labels = new Uint8Array(pixels);
  for (let p = 0; p < pixels; p++) {
    let largest = background === undefined ? maps[p] : Math.fround(background);
    let id = background === undefined ? ids[0] : 0;
    for (let c = background === undefined ? 1 : 0; c < ids.length; c++) {
      const v = maps[c * pixels + p];
      if (v > largest) {
        largest = v;
        id = ids[c];
      }
    }
    labels[p] = id;
  }
  return labels;
}
