import type { RgbImage } from '../image.ts';
import { IGNORE_LABEL } from '../mask.ts';
import { resizeBytes, resizeFloats } from '../pillow.ts';
import { resampled } from './resample.ts';
import type { Padding, ResizeChoice } from './steps.ts';

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

/** What lies on an image, pixel by pixel, and follows its geometry: always by the nearest cell centre, never mixed. */
export type PlaneName = 'inside' | 'mask' | 'saliency';
type Planes = { readonly [name in PlaneName]?: Uint8Array };

/** What a plane holds in zero padding. */
const OUTSIDE: { readonly [name in PlaneName]: number } = { inside: 0, mask: IGNORE_LABEL, saliency: 0 };

/** An image with what belongs to it: class indices, 8-bit saliency. */
export interface SourceImage {
  readonly image: RgbImage;
  readonly mask?: Uint8Array;
  readonly saliency?: Uint8Array;
}

/** A view in the making. Pixels are [height, width, 3]: 8-bit until a step needs real numbers, 0..255 until `normalize`. */
export interface ViewState {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array | Float32Array;
  /** `inside` is 1 where the pixel shows the image (mirrored at its border too). */
  readonly planes: Planes & { readonly inside: Uint8Array };
  readonly normalized: boolean;
  readonly geometry: ViewGeometry;
}

export function sourceState({ image, mask, saliency }: SourceImage): ViewState {
  const { height, width } = image;
  return {
    height,
    width,
    pixels: image.data,
    planes: { inside: new Uint8Array(height * width).fill(1), ...(mask && { mask }), ...(saliency && { saliency }) },
    normalized: false,
    geometry: { sourceHeight: height, sourceWidth: width, scaleY: 1, scaleX: 1, offsetY: 0, offsetX: 0 },
  };
}

/** Every plane through a function of it. */
function eachPlane(planes: ViewState['planes'], change: (plane: Uint8Array, outside: number) => Uint8Array): ViewState['planes'] {
  const { inside, mask, saliency } = planes;
  return {
    inside: change(inside, OUTSIDE.inside),
    ...(mask && { mask: change(mask, OUTSIDE.mask) }),
    ...(saliency && { saliency: change(saliency, OUTSIDE.saliency) }),
  };
}

/** Bicubic with the arithmetic of Pillow where nothing is said; planes by Pillow's nearest neighbour whatever is said. */
export function resized(state: ViewState, height: number, width: number, choice: ResizeChoice): ViewState {
  const { height: h, width: w, geometry } = state;
  if (height === h && width === w) return state;
  return {
    ...state,
    height,
    width,
    pixels: resizedPixels(state, height, width, choice),
    planes: eachPlane(state.planes, (plane) => resizeBytes(plane, h, w, 1, height, width, 'nearest')),
    geometry: { ...geometry, scaleY: (geometry.scaleY * h) / height, scaleX: (geometry.scaleX * w) / width },
  };
}

function resizedPixels(state: ViewState, toHeight: number, toWidth: number, choice: ResizeChoice): Uint8Array | Float32Array {
  const { pixels, height, width } = state;
  const { filter = 'bicubic', convention = 'pillow' } = choice;
  if (filter === 'nearest' || convention === 'pillow')
    return pixels instanceof Uint8Array
      ? resizeBytes(pixels, height, width, 3, toHeight, toWidth, filter)
      : resizeFloats(pixels, height, width, 3, toHeight, toWidth, filter);
  const real = resampled(pixels, height, width, 3, toHeight, toWidth, filter);
  if (convention === 'half_pixel' || pixels instanceof Float32Array) return real;
  return Uint8Array.from(real, (value) => Math.max(0, Math.min(255, Math.round(value))));
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
  eachPlace(rows, columns, fromWidth, (source, target) => {
    pixels[target * 3] = from[source * 3];
    pixels[target * 3 + 1] = from[source * 3 + 1];
    pixels[target * 3 + 2] = from[source * 3 + 2];
  });
  const planes = eachPlane(state.planes, (plane, outside) => {
    const moved = new Uint8Array(height * width).fill(outside);
    eachPlace(rows, columns, fromWidth, (source, target) => {
      moved[target] = plane[source];
    });
    return moved;
  });
  return { ...state, height, width, pixels, planes };
}

/** The places of a window that lie in the image. */
function eachPlace(rows: Int32Array, columns: Int32Array, fromWidth: number, visit: (source: number, target: number) => void): void {
  for (let y = 0; y < rows.length; y++) {
    if (rows[y] < 0) continue;
    for (let x = 0; x < columns.length; x++) if (columns[x] >= 0) visit(rows[y] * fromWidth + columns[x], y * columns.length + x);
  }
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
