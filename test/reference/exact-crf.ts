import { type CrfKernel, kernelFeatures } from '../../runtime/refine/dense-crf.ts';

/**
 * The same mean field with the Gaussian sums computed exactly (self term included) in float64, O(pixels^2): what the lattice
 * approximates. Result [labels, pixels].
 */
export function exactCrf(
  width: number,
  height: number,
  image: Uint8Array,
  unary: Float32Array,
  kernels: readonly CrfKernel[],
  iterations: number,
): Float64Array {
  const pixels = width * height;
  const labels = unary.length / pixels;
  const sums = kernels.map((kernel) => normalisedMatrix(kernelFeatures(kernel, width, height, image), pixels));
  const energy = new Float64Array(labels * pixels);
  let q = softmax(
    energy.map((_, i) => -unary[i]),
    labels,
    pixels,
  );
  for (let step = 0; step < iterations; step++) {
    for (let i = 0; i < energy.length; i++) energy[i] = -unary[i];
    kernels.forEach((kernel, k) => {
      for (let c = 0; c < labels; c++) {
        for (let i = 0; i < pixels; i++) {
          let sum = 0;
          for (let j = 0; j < pixels; j++) sum += sums[k][i * pixels + j] * q[c * pixels + j];
          energy[c * pixels + i] += kernel.weight * sum;
        }
      }
    });
    q = softmax(energy, labels, pixels);
  }
  return q;
}

/** Sum over j of exp(-|f_i - f_j|^2 / 2) for every i. */
export function exactSumOfOnes(features: Float32Array, pixels: number): Float64Array {
  const matrix = gaussianMatrix(features, pixels);
  const sums = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) for (let j = 0; j < pixels; j++) sums[i] += matrix[i * pixels + j];
  return sums;
}

function normalisedMatrix(features: Float32Array, pixels: number): Float64Array {
  const matrix = gaussianMatrix(features, pixels);
  const norm = exactSumOfOnes(features, pixels).map((s) => 1 / Math.sqrt(s + 1e-20));
  for (let i = 0; i < pixels; i++) for (let j = 0; j < pixels; j++) matrix[i * pixels + j] *= norm[i] * norm[j];
  return matrix;
}

function gaussianMatrix(features: Float32Array, pixels: number): Float64Array {
  const d = features.length / pixels;
  const matrix = new Float64Array(pixels * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let j = 0; j < pixels; j++) {
      let distance = 0;
      for (let k = 0; k < d; k++) distance += (features[k * pixels + i] - features[k * pixels + j]) ** 2;
      matrix[i * pixels + j] = Math.exp(-distance / 2);
    }
  }
  return matrix;
}

function softmax(energy: Float64Array, labels: number, pixels: number): Float64Array {
  const q = new Float64Array(energy.length);
  for (let p = 0; p < pixels; p++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < labels; c++) largest = Math.max(largest, energy[c * pixels + p]);
    let sum = 0;
    for (let c = 0; c < labels; c++) sum += Math.exp(energy[c * pixels + p] - largest);
    for (let c = 0; c < labels; c++) q[c * pixels + p] = Math.exp(energy[c * pixels + p] - largest) / sum;
  }
  return q;
}
