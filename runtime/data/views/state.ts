import type { RgbImage } from '../image.ts';
import { IGNORE_LABEL, type LabelMap } from '../mask.ts';
import { type ResizeFilter, resizeBytes, resizeFloats } from '../pillow.ts';
import type { Padding } from './program.ts';

/**
 * Where a view lies in its source image, in continuous coordinates (the centre of pixel i is i + 0.5):
 * source x = scaleX * x + offsetX, source y = scaleY * y + offsetY. A negative scaleX is a mirrored view.
 */
export interface ViewGeometry {
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  readonly scaleY: number;
  readonly scaleX: number;
  readonly offsetY: number;
  readonly offsetX: number;
}

/** A view in the making. Pixels are [height, width, 3]: 8-bit until a step needs real numbers, 0..255 until `normalize`. */
export interface ViewState {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array | Float32Array;
  /** 1 where the pixel shows the image (mirrored at its border too), 0 in zero padding. */
  readonly inside: Uint8Array;
  /** Class indices, when asked for; 255 in zero padding. */
  readonly labels?: Uint8Array;
  readonly normalized: boolean;
  readonly geometry: ViewGeometry;
}

export function sourceState(image: RgbImage, labels?: LabelMap): ViewState {
  const { height, width } = image;
  return {
    height,
    width,
    pixels: image.data,
    inside: new Uint8Array(height * width).fill(1),
    labels: labels?.data,
    normalized: false,
    geometry: { sourceHeight: height, sourceWidth: width, scaleY: 1, scaleX: 1, offsetY: 0, offsetX: 0 },
  };
}

/** Pixels with the arithmetic of Pillow; `inside` and labels always with its nearest neighbour. */
export function resized(state: ViewState, height: number, width: number, filter: ResizeFilter): ViewState {
  const { height: h, width: w, geometry } = state;
  if (height === h && width === w) return state;
  const pixels =
    state.pixels instanceof Uint8Array
      ? resizeBytes(state.pixels, h, w, 3, height, width, filter)
      : resizeFloats(state.pixels, h, w, 3, height, width, filter);
  return {
    ...state,
    height,
    width,
    pixels,
    inside: resizeBytes(state.inside, h, w, 1, height, width, 'nearest'),
    labels: state.labels && resizeBytes(state.labels, h, w, 1, height, width, 'nearest'),
    geometry: { ...geometry, scaleY: (geometry.scaleY * h) / height, scaleX: (geometry.scaleX * w) / width },
  };
}

/** Mirrored left to right. */
export function mirrored(state: ViewState): ViewState {
  const { geometry, width } = state;
  const columns = Int32Array.from({ length: width }, (_, x) => width - 1 - x);
  const rows = Int32Array.from({ length: state.height }, (_, y) => y);
  return {
    ...gathered(state, rows, columns),
    geometry: { ...geometry, scaleX: -geometry.scaleX, offsetX: geometry.offsetX + geometry.scaleX * width },
  };
}

/** The window of height x width whose upper left pixel is (top, left) of the state; it may reach outside. */
export function windowOf(state: ViewState, top: number, left: number, height: number, width: number, pad: Padding): ViewState {
  const { geometry } = state;
  return {
    ...gathered(state, positions(top, height, state.height, pad), positions(left, width, state.width, pad)),
    geometry: { ...geometry, offsetY: geometry.offsetY + geometry.scaleY * top, offsetX: geometry.offsetX + geometry.scaleX * left },
  };
}

/** Source positions of a run of pixels; -1 is zero padding. Mirroring does not repeat the border pixel. */
function positions(from: number, length: number, size: number, pad: Padding): Int32Array {
  const period = Math.max(1, 2 * (size - 1));
  return Int32Array.from({ length }, (_, i) => {
    const at = from + i;
    if (at >= 0 && at < size) return at;
    if (pad === 'zero') return -1;
    const folded = ((at % period) + period) % period;
    return size === 1 ? 0 : Math.min(folded, period - folded);
  });
}

function gathered(state: ViewState, rows: Int32Array, columns: Int32Array): ViewState {
  const height = rows.length;
  const width = columns.length;
  const { pixels: from, width: fromWidth } = state;
  const pixels = from instanceof Uint8Array ? new Uint8Array(height * width * 3) : new Float32Array(height * width * 3);
  const inside = new Uint8Array(height * width);
  const labels = state.labels && new Uint8Array(height * width).fill(IGNORE_LABEL);
  for (let y = 0; y < height; y++) {
    if (rows[y] < 0) continue;
    for (let x = 0; x < width; x++) {
      if (columns[x] < 0) continue;
      const source = rows[y] * fromWidth + columns[x];
      const target = y * width + x;
      pixels[target * 3] = from[source * 3];
      pixels[target * 3 + 1] = from[source * 3 + 1];
      pixels[target * 3 + 2] = from[source * 3 + 2];
      inside[target] = state.inside[source];
      if (labels && state.labels) labels[target] = state.labels[source];
    }
  }
  return { ...state, height, width, pixels, inside, labels };
}

/** Each channel times `gain[c]` plus `offset[c]`, as real numbers. */
export function scaledChannels(state: ViewState, gain: readonly number[], offset: readonly number[]): Float32Array {
  const { pixels } = state;
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    out[i] = pixels[i] * gain[0] + offset[0];
    out[i + 1] = pixels[i + 1] * gain[1] + offset[1];
    out[i + 2] = pixels[i + 2] * gain[2] + offset[2];
  }
  return out;
}
