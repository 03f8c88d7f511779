/** Where each output position of a resize reads, along one axis. */

export type ResizeMode = 'bilinear' | 'nearest';
export type ResizeConvention = 'half_pixel' | 'corners' | 'factor' | 'pillow_nearest';

/** Output i is weight·x[first] + (1 - weight)·x[second]; `second` is `first` where one neighbour is enough. */
export interface AxisTable {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Weight of `first`. */
  readonly weight: Float32Array;
}

/**
 * `factor` is used by that convention only. Bilinear half-pixel: source (i + 0.5)·in/out - 0.5, clamped at 0, right neighbour clamped;
 * corners: i·(in - 1)/(out - 1), 0 when out is 1; factor: half-pixel with 1/factor for in/out. Nearest: floor(i·in/out), floor(i/factor), and
 * Pillow's floor((i + 0.5)·in/out).
 */
export function axisTable(input: number, output: number, mode: ResizeMode, convention: ResizeConvention, factor: number): AxisTable {
  const first = new Int32Array(output);
  const second = new Int32Array(output);
  const weight = new Float32Array(output);
  const ratio = convention === 'factor' ? 1 / factor : input / output;
  for (let i = 0; i < output; i++) {
    if (mode === 'nearest' || convention === 'pillow_nearest') {
      first[i] = Math.min(input - 1, nearest(i, input, output, convention, factor));
      second[i] = first[i];
      weight[i] = 1;
      continue;
    }
    const source = convention === 'corners' ? (output > 1 ? (i * (input - 1)) / (output - 1) : 0) : Math.max(0, (i + 0.5) * ratio - 0.5);
    first[i] = Math.min(input - 1, Math.floor(source));
    second[i] = Math.min(input - 1, first[i] + 1);
    weight[i] = second[i] === first[i] ? 1 : 1 - (source - first[i]);
  }
  return { first, second, weight };
}

/** Whole-number arithmetic where the definition has it: no rounding can move a boundary. */
function nearest(i: number, input: number, output: number, convention: ResizeConvention, factor: number): number {
  switch (convention) {
    case 'factor':
      return Math.floor(i / factor);
    case 'pillow_nearest':
      return Math.floor(((2 * i + 1) * input) / (2 * output));
    case 'corners':
      return output > 1 ? Math.round((i * (input - 1)) / (output - 1)) : 0;
    case 'half_pixel':
      return Math.floor((i * input) / output);
  }
}

/** The table as a matrix [output, input]. */
export function axisMatrix(table: AxisTable, input: number): Float32Array {
  const output = table.first.length;
  const matrix = new Float32Array(output * input);
  for (let i = 0; i < output; i++) {
    matrix[i * input + table.first[i]] += table.weight[i];
    matrix[i * input + table.second[i]] += 1 - table.weight[i];
  }
  return matrix;
}
