/**
 * Fully connected CRF with Gaussian edge potentials (Kraehenbuehl and Koltun 2011), solved by mean field as in pydensecrf: Potts
 * compatibility, symmetric normalisation, permutohedral-lattice filter. See the parameters of the papers in the card of dense CRF.
 */
import { expNonPositive } from './fast-exp.ts';
import { buildLattice, type FilterScratch, filterLanes, filterScratch, LANES, type Lattice, symmetricNormalisation } from './lattice.ts';
import { type LaneFilter, vectorFilters } from './vector-filter.ts';

/** Standard deviation in pixels: one number for both axes, or [x, y]. */
export type SpatialDeviation = number | readonly [number, number];

/** Smoothness: features (x, y) / sxy. */
export interface GaussianKernel {
  readonly kind: 'gaussian';
  readonly weight: number;
  readonly sxy: SpatialDeviation;
}

/** Appearance: features (x, y) / sxy and the three colours / srgb, colours 0 to 255 in the image's own channel order. */
export interface BilateralKernel {
  readonly kind: 'bilateral';
  readonly weight: number;
  readonly sxy: SpatialDeviation;
  readonly srgb: number | readonly [number, number, number];
}

export type CrfKernel = GaussianKernel | BilateralKernel;

export interface DenseCrfInput {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] bytes; read by bilateral kernels only. */
  readonly image: Uint8Array;
  /** [labels, height * width] energies. */
  readonly unary: Float32Array;
  readonly kernels: readonly CrfKernel[];
  readonly iterations: number;
}

interface PreparedKernel {
  readonly lattice: Lattice;
  /** Barycentric weights times the point's normalisation: splat and slice then normalise for free. */
  readonly weights: Float32Array;
}

/** Gaussian lattices depend on the size alone; a data set has few sizes. The oldest goes first. */
const gaussianCache = new Map<string, PreparedKernel>();
const GAUSSIAN_CACHE_ENTRIES = 8;

const scratch: FilterScratch = filterScratch();

/**
 * Label probabilities Q [labels, height * width] after `iterations` mean-field steps:
 * Q = softmax(-U), then Q <- softmax(-U + sum over kernels of weight * K~ Q). The number of labels is `unary.length / pixels`.
 * Throws RangeError when a size or parameter does not fit.
 */
export function denseCrf(input: DenseCrfInput): Float32Array {
  const { width, height, image, unary, kernels, iterations } = input;
  const pixels = width * height;
  const labels = unary.length / pixels;
  if (!(Number.isInteger(width) && Number.isInteger(height) && pixels > 0)) {
    throw new RangeError(`denseCrf: image of ${width} x ${height} pixels; both sides must be positive integers`);
  }
  if (!Number.isInteger(labels) || labels < 1) {
    throw new RangeError(`denseCrf: ${unary.length} unary energies do not divide into ${width} x ${height} pixels`);
  }
  if (!Number.isInteger(iterations) || iterations < 0) throw new RangeError(`denseCrf: ${iterations} iterations, expected 0 or more`);
  const prepared = kernels.map((kernel) => prepareKernel(kernel, width, height, image));

  const blocks = Math.ceil(labels / LANES);
  const blockSize = pixels * LANES;
  const potential = packNegated(unary, labels, pixels);
  const energy = Array.from({ length: blocks }, () => new Float32Array(blockSize));
  const q = Array.from({ length: blocks }, () => new Float32Array(blockSize));
  softmax(potential, q, labels, pixels);
  const filters = vectorFilters(prepared) ?? prepared.map(plainFilter);
  for (let step = 0; step < iterations; step++) {
    for (let b = 0; b < blocks; b++) {
      energy[b].set(potential[b]);
      for (let k = 0; k < kernels.length; k++) filters[k](q[b], energy[b], kernels[k].weight);
    }
    softmax(energy, q, labels, pixels);
  }
  const result = new Float32Array(labels * pixels);
  for (let c = 0; c < labels; c++) {
    const from = q[Math.floor(c / LANES)];
    for (let p = 0, at = c % LANES; p < pixels; p++, at += LANES) result[c * pixels + p] = from[at];
  }
  return result;
}

/** Row of the largest value for each pixel of `scores` [labels, pixels]; the lowest row among equals, as numpy's argmax. */
export function argmaxLabels(scores: Float32Array, labels: number): Uint8Array {
  const pixels = scores.length / labels;
  if (!Number.isInteger(pixels) || labels > 255) throw new RangeError(`argmaxLabels: ${scores.length} scores for ${labels} labels`);
  const best = new Uint8Array(pixels);
  const largest = scores.slice(0, pixels);
  for (let c = 1; c < labels; c++) {
    for (let p = 0, at = c * pixels; p < pixels; p++, at++) {
      if (scores[at] > largest[p]) {
        largest[p] = scores[at];
        best[p] = c;
      }
    }
  }
  return best;
}

/** Pixel features of a kernel, [2 or 5, height * width] float32 in standard deviations, as the lattice takes them. */
export function kernelFeatures(kernel: CrfKernel, width: number, height: number, image: Uint8Array): Float32Array {
  const pixels = width * height;
  const [sx, sy] = typeof kernel.sxy === 'number' ? [kernel.sxy, kernel.sxy] : kernel.sxy;
  const colours =
    kernel.kind === 'bilateral' ? (typeof kernel.srgb === 'number' ? [kernel.srgb, kernel.srgb, kernel.srgb] : kernel.srgb) : [];
  for (const s of [sx, sy, ...colours]) {
    if (!(s > 0)) throw new RangeError(`denseCrf: ${kernel.kind} kernel with standard deviation ${s}; it must be above 0`);
  }
  const features = new Float32Array((2 + colours.length) * pixels);
  const f = Math.fround;
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      features[p] = x / f(sx);
      features[pixels + p] = y / f(sy);
    }
  }
  if (colours.length > 0 && image.length !== pixels * 3) {
    throw new RangeError(`denseCrf: ${image.length} image bytes, expected ${height} x ${width} x 3 = ${pixels * 3}`);
  }
  for (let c = 0; c < colours.length; c++) {
    const s = f(colours[c]);
    for (let p = 0, at = (2 + c) * pixels; p < pixels; p++, at++) features[at] = image[p * 3 + c] / s;
  }
  return features;
}

function prepareKernel(kernel: CrfKernel, width: number, height: number, image: Uint8Array): PreparedKernel {
  if (kernel.kind === 'bilateral') return prepare(kernelFeatures(kernel, width, height, image), 5, width * height);
  const key = `${width}x${height}:${kernel.sxy}`;
  const known = gaussianCache.get(key);
  if (known) return known;
  const made = prepare(kernelFeatures(kernel, width, height, image), 2, width * height);
  if (gaussianCache.size >= GAUSSIAN_CACHE_ENTRIES) {
    for (const oldest of gaussianCache.keys()) {
      gaussianCache.delete(oldest);
      break;
    }
  }
  gaussianCache.set(key, made);
  return made;
}

function plainFilter({ lattice, weights }: PreparedKernel): LaneFilter {
  return (input, output, scale) => filterLanes(lattice, weights, input, output, scale, scratch);
}

function prepare(features: Float32Array, dimensions: number, pixels: number): PreparedKernel {
  const lattice = buildLattice(features, dimensions, pixels);
  const norm = symmetricNormalisation(lattice, vectorFilters([{ lattice, weights: lattice.barycentric }])?.[0]);
  const corners = dimensions + 1;
  const weights = new Float32Array(lattice.barycentric.length);
  for (let p = 0, at = 0; p < pixels; p++) {
    const n = norm[p];
    for (const end = at + corners; at < end; at++) weights[at] = lattice.barycentric[at] * n;
  }
  return { lattice, weights };
}

/** -unary as blocks of four labels, each [pixels, 4]; lanes beyond the last label stay zero. */
function packNegated(unary: Float32Array, labels: number, pixels: number): Float32Array[] {
  const blocks = Array.from({ length: Math.ceil(labels / LANES) }, () => new Float32Array(pixels * LANES));
  for (let c = 0; c < labels; c++) {
    const to = blocks[Math.floor(c / LANES)];
    for (let p = 0, at = c % LANES; p < pixels; p++, at += LANES) to[at] = -unary[c * pixels + p];
  }
  return blocks;
}

/** Softmax over the labels of every pixel; unused lanes of the last block stay as they are (zero). */
function softmax(from: readonly Float32Array[], to: readonly Float32Array[], labels: number, pixels: number): void {
  const size = pixels * LANES;
  for (let base = 0; base < size; base += LANES) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let first = 0, b = 0; first < labels; first += LANES, b++) {
      const block = from[b];
      for (let at = base, end = base + Math.min(LANES, labels - first); at < end; at++) if (block[at] > largest) largest = block[at];
    }
    let sum = 0;
    for (let first = 0, b = 0; first < labels; first += LANES, b++) {
      const block = from[b];
      const result = to[b];
      for (let at = base, end = base + Math.min(LANES, labels - first); at < end; at++) {
        const e = expNonPositive(block[at] - largest);
        result[at] = e;
        sum += e;
      }
    }
    const inverse = 1 / sum;
    for (let b = 0; b < to.length; b++) {
      const result = to[b];
      for (let at = base; at < base + LANES; at++) result[at] *= inverse;
    }
  }
}
