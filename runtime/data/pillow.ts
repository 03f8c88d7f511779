/**
 * Image resizing with Pillow's exact arithmetic, since the published WSSS data loaders resize with it (fixture `irn/pil_rescale`).
 * Pixels are interleaved [height, width, channels], row-major.
 */

export type ResizeFilter = 'nearest' | 'bilinear' | 'bicubic';

interface Taps {
  /** First source index of each output. */
  readonly first: Int32Array;
  /** Number of source taps of each output. */
  readonly count: Int32Array;
  /** Weights, `width` slots for each output. */
  readonly weights: Float64Array;
  readonly width: number;
}

const PRECISION_BITS = 22;

/** Rounds half to even, as Python's `round` does; sizes after scaling are rounded so. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Resizes 8-bit pixels. `bicubic` (a = -0.5) and `bilinear` widen their support when shrinking (antialiasing), run a horizontal and then a
 * vertical pass with weights rounded to 1/2^22, and round to 8 bits after each.
 */
export function resizeBytes(
  data: Uint8Array,
  height: number,
  width: number,
  channels: number,
  toHeight: number,
  toWidth: number,
  filter: ResizeFilter,
): Uint8Array {
  checkSizes(data.length, height, width, channels, toHeight, toWidth);
  if (filter === 'nearest') return nearest(data, new Uint8Array(toHeight * toWidth * channels), height, width, channels, toHeight, toWidth);
  const across =
    toWidth === width ? data : horizontalBytes(data, height, width, channels, toWidth, integerWeights(taps(width, toWidth, filter)));
  return toHeight === height
    ? across.slice()
    : verticalBytes(across, toWidth * channels, toHeight, integerWeights(taps(height, toHeight, filter)));
}

/** Resizes float pixels with the same taps, unrounded weights and no rounding between the passes (Pillow's mode F). */
export function resizeFloats(
  data: Float32Array,
  height: number,
  width: number,
  channels: number,
  toHeight: number,
  toWidth: number,
  filter: ResizeFilter,
): Float32Array {
  checkSizes(data.length, height, width, channels, toHeight, toWidth);
  if (filter === 'nearest')
    return nearest(data, new Float32Array(toHeight * toWidth * channels), height, width, channels, toHeight, toWidth);
  const horizontal = taps(width, toWidth, filter);
  const across = new Float32Array(height * toWidth * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let t = 0; t < horizontal.count[x]; t++) {
          sum += data[(y * width + horizontal.first[x] + t) * channels + c] * horizontal.weights[x * horizontal.width + t];
        }
        across[(y * toWidth + x) * channels + c] = sum;
      }
    }
  }
  const vertical = taps(height, toHeight, filter);
  const row = toWidth * channels;
  const out = new Float32Array(toHeight * row);
  for (let y = 0; y < toHeight; y++) {
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let t = 0; t < vertical.count[y]; t++)
        sum += across[(vertical.first[y] + t) * row + i] * vertical.weights[y * vertical.width + t];
      out[y * row + i] = sum;
    }
  }
  return out;
}

/** Nearest: source = floor((i + 0.5) * in / out), the position accumulated in double precision, which decides the exact halves. */
function nearestPositions(size: number, toSize: number): Int32Array {
  const step = size / toSize;
  const positions = new Int32Array(toSize);
  let position = step * 0.5;
  for (let i = 0; i < toSize; i++) {
    positions[i] = Math.min(size - 1, Math.floor(position));
    position += step;
  }
  return positions;
}

function nearest<T extends Uint8Array | Float32Array>(
  data: T,
  out: T,
  height: number,
  width: number,
  channels: number,
  toHeight: number,
  toWidth: number,
): T {
  const columns = nearestPositions(width, toWidth);
  const rows = nearestPositions(height, toHeight);
  let to = 0;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const from = (rows[y] * width + columns[x]) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c];
    }
  }
  return out;
}

function kernel(filter: 'bilinear' | 'bicubic', position: number): number {
  const x = Math.abs(position);
  if (filter === 'bilinear') return x < 1 ? 1 - x : 0;
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function taps(size: number, toSize: number, filter: 'bilinear' | 'bicubic'): Taps {
  const scale = size / toSize;
  const widening = Math.max(scale, 1);
  const support = (filter === 'bilinear' ? 1 : 2) * widening;
  const width = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(toSize);
  const count = new Int32Array(toSize);
  const weights = new Float64Array(toSize * width);
  for (let i = 0; i < toSize; i++) {
    const centre = (i + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const to = Math.min(size, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let t = 0; t < to - from; t++) {
      const weight = kernel(filter, (t + from - centre + 0.5) * (1 / widening));
      weights[i * width + t] = weight;
      total += weight;
    }
    if (total !== 0) for (let t = 0; t < to - from; t++) weights[i * width + t] /= total;
    first[i] = from;
    count[i] = to - from;
  }
  return { first, count, weights, width };
}

function integerWeights(real: Taps): Taps {
  const weights = real.weights.map((w) => Math.trunc((w < 0 ? -0.5 : 0.5) + w * 2 ** PRECISION_BITS));
  return { ...real, weights };
}

function toByte(sum: number): number {
  const value = Math.floor(sum / 2 ** PRECISION_BITS);
  return Math.max(0, Math.min(255, value));
}

function horizontalBytes(data: Uint8Array, height: number, width: number, channels: number, toWidth: number, k: Taps): Uint8Array {
  const out = new Uint8Array(height * toWidth * channels);
  const half = 2 ** (PRECISION_BITS - 1);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      const from = (y * width + k.first[x]) * channels;
      const at = x * k.width;
      const n = k.count[x];
      for (let c = 0; c < channels; c++) {
        let sum = half;
        for (let t = 0; t < n; t++) sum += data[from + t * channels + c] * k.weights[at + t];
        out[to++] = toByte(sum);
      }
    }
  }
  return out;
}

function verticalBytes(data: Uint8Array, row: number, toHeight: number, k: Taps): Uint8Array {
  const out = new Uint8Array(toHeight * row);
  const half = 2 ** (PRECISION_BITS - 1);
  const sums = new Float64Array(row);
  for (let y = 0; y < toHeight; y++) {
    sums.fill(half);
    for (let t = 0; t < k.count[y]; t++) {
      const weight = k.weights[y * k.width + t];
      const from = (k.first[y] + t) * row;
      for (let i = 0; i < row; i++) sums[i] += data[from + i] * weight;
    }
    for (let i = 0; i < row; i++) out[y * row + i] = toByte(sums[i]);
  }
  return out;
}

function checkSizes(length: number, height: number, width: number, channels: number, toHeight: number, toWidth: number): void {
  if (length !== height * width * channels) throw new RangeError(`${length} values are not ${height} x ${width} x ${channels}`);
  if (!(toHeight >= 1 && toWidth >= 1)) throw new RangeError(`an image cannot be resized to ${toHeight} x ${toWidth}`);
}
