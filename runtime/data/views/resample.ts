/** Resizing at half-pixel centres without antialiasing: PyTorch's `interpolate` without aligned corners, OpenCV's `resize`. */

interface Taps {
  /** Source indices, `width` for each output. */
  readonly index: Int32Array;
  readonly weight: Float64Array;
  readonly width: number;
}

/**
 * Real pixels [height, width, channels] at another size. Output i lies at (i + 0.5) * size / toSize - 0.5 of the source; `bilinear` clamps that
 * place at 0, `bicubic` is Keys' kernel with a = -0.75; edges are repeated. 8-bit pixels give real numbers, unrounded.
 */
export function resampled(
  data: Uint8Array | Float32Array,
  height: number,
  width: number,
  channels: number,
  toHeight: number,
  toWidth: number,
  filter: 'bilinear' | 'bicubic',
): Float32Array {
  if (data.length !== height * width * channels) throw new RangeError(`${data.length} values are not ${height} x ${width} x ${channels}`);
  const columns = taps(width, toWidth, filter);
  const rows = taps(height, toHeight, filter);
  const row = toWidth * channels;
  const across = new Float64Array(height * row);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      for (let t = x * columns.width; t < (x + 1) * columns.width; t++) {
        const from = (y * width + columns.index[t]) * channels;
        for (let c = 0; c < channels; c++) across[y * row + x * channels + c] += data[from + c] * columns.weight[t];
      }
    }
  }
  const out = new Float32Array(toHeight * row);
  for (let y = 0; y < toHeight; y++) {
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let t = y * rows.width; t < (y + 1) * rows.width; t++) sum += across[rows.index[t] * row + i] * rows.weight[t];
      out[y * row + i] = sum;
    }
  }
  return out;
}

function taps(size: number, toSize: number, filter: 'bilinear' | 'bicubic'): Taps {
  const width = filter === 'bilinear' ? 2 : 4;
  const index = new Int32Array(toSize * width);
  const weight = new Float64Array(toSize * width);
  for (let i = 0; i < toSize; i++) {
    const centre = ((i + 0.5) * size) / toSize - 0.5;
    const place = filter === 'bilinear' ? Math.max(0, centre) : centre;
    const first = Math.floor(place) - (width / 2 - 1);
    for (let t = 0; t < width; t++) {
      index[i * width + t] = Math.max(0, Math.min(size - 1, first + t));
      weight[i * width + t] = filter === 'bilinear' ? 1 - Math.abs(place - first - t) : cubic(Math.abs(place - first - t));
    }
  }
  return { index, weight, width };
}

function cubic(x: number): number {
  const a = -0.75;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}
