/**
 * Bilinear resizing of maps [channels, height, width] to [channels, toHeight, toWidth], corners not aligned and no antialiasing:
 * source = (target + .5) * from / to - .5, clamped at 0 (PyTorch's interpolate with align_corners = False).
 */
export function resizeBilinear(
  maps: Float32Array,
  channels: number,
  height: number,
  width: number,
  toHeight: number,
  toWidth: number,
): Float32Array {
  if (maps.length !== channels * height * width) {
    throw new RangeError(`resizeBilinear: ${maps.length} values, expected ${channels} x ${height} x ${width}`);
  }
  const rows = samples(height, toHeight);
  const columns = samples(width, toWidth);
  const result = new Float32Array(channels * toHeight * toWidth);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let y = 0; y < toHeight; y++) {
      const top = (c * height + rows.low[y]) * width;
      const bottom = (c * height + rows.high[y]) * width;
      const v = rows.fraction[y];
      for (let x = 0; x < toWidth; x++, to++) {
        const left = columns.low[x];
        const right = columns.high[x];
        const u = columns.fraction[x];
        const above = maps[top + left] * (1 - u) + maps[top + right] * u;
        const below = maps[bottom + left] * (1 - u) + maps[bottom + right] * u;
        result[to] = above * (1 - v) + below * v;
      }
    }
  }
  return result;
}

interface Samples {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float32Array;
}

function samples(from: number, to: number): Samples {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const fraction = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const source = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    low[i] = Math.min(from - 1, Math.floor(source));
    high[i] = Math.min(from - 1, low[i] + 1);
    fraction[i] = source - low[i];
  }
  return { low, high, fraction };
}
