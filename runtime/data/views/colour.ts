/**
 * Changes of colour with the arithmetic of Pillow, on which torchvision's transforms of images rest: 8-bit pixels stay 8-bit, rounded where Pillow
 * rounds; real pixels of 0..255 are clipped and not rounded.
 */
import type { DrawStream } from '../../random/counter.ts';

type Pixels = Uint8Array | Float32Array;

/** Pixels [height * width, 3] towards `toward` (a value, or one a pixel) for factor 0, away from it above 1: Pillow's `Image.blend`. */
function blended(pixels: Pixels, toward: number | Pixels, factor: number): Pixels {
  const bytes = pixels instanceof Uint8Array;
  const out = bytes ? new Uint8Array(pixels.length) : new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const base = typeof toward === 'number' ? toward : toward[Math.floor(i / 3)];
    const value = Math.max(0, Math.min(255, base + factor * (pixels[i] - base)));
    out[i] = bytes ? Math.floor(value) : value;
  }
  return out;
}

/** ITU-R 601 luminance, one value a pixel; Pillow's `convert('L')` for 8-bit pixels. */
function luminance(pixels: Pixels): Pixels {
  const bytes = pixels instanceof Uint8Array;
  const out = bytes ? new Uint8Array(pixels.length / 3) : new Float32Array(pixels.length / 3);
  for (let i = 0; i < out.length; i++) {
    const sum = pixels[3 * i] * 19595 + pixels[3 * i + 1] * 38470 + pixels[3 * i + 2] * 7471;
    out[i] = bytes ? Math.floor((sum + 0x8000) / 65536) : sum / 65536;
  }
  return out;
}

/** The luminance in all three channels. */
export function greyed(pixels: Pixels): Pixels {
  return blended(pixels, luminance(pixels), 0);
}

/** The hue turned by a share of the circle, in [-0.5, 0.5]; through Pillow's 8-bit hue, saturation and value for 8-bit pixels. */
export function hueTurned(pixels: Pixels, turn: number): Pixels {
  const bytes = pixels instanceof Uint8Array;
  const out = bytes ? new Uint8Array(pixels.length) : new Float32Array(pixels.length);
  // torchvision adds the turn in 256ths of the circle, cut off towards zero.
  const by = bytes ? Math.trunc(turn * 255) / 255 : turn;
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    const value = Math.max(r, g, b);
    const spread = value - Math.min(r, g, b);
    let hue = 0;
    if (spread > 0) {
      const sector = value === r ? (g - b) / spread : value === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
      hue = (sector / 6 + 1) % 1;
    }
    let saturation = value > 0 ? spread / value : 0;
    if (bytes) {
      // Pillow keeps hue and saturation in 8 bits; torchvision's sum wraps at 256.
      const step = ((((Math.floor(hue * 255) + Math.round(by * 255)) % 256) + 256) % 256) / 255;
      hue = step;
      saturation = Math.floor(saturation * 255) / 255;
    } else hue = (((hue + by) % 1) + 1) % 1;
    const sector = Math.floor(hue * 6);
    const rest = hue * 6 - sector;
    const down = value * (1 - saturation);
    const falling = value * (1 - saturation * rest);
    const rising = value * (1 - saturation * (1 - rest));
    const colours = [
      [value, rising, down],
      [falling, value, down],
      [down, value, rising],
      [down, falling, value],
      [rising, down, value],
      [value, down, falling],
    ][sector % 6];
    for (let c = 0; c < 3; c++) out[i + c] = bytes ? Math.max(0, Math.min(255, Math.round(colours[c]))) : colours[c];
  }
  return out;
}

export interface JitterAmounts {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

/** torchvision's ColorJitter: draws 0 to 3 are the amounts, 4 to 6 the order. */
export function colourJittered(pixels: Pixels, amounts: JitterAmounts, stream: DrawStream): Pixels {
  const factor = (index: number, x: number): number => stream.uniformBetween(index, Math.max(0, 1 - x), 1 + x);
  const brightness = factor(0, amounts.brightness);
  const contrast = factor(1, amounts.contrast);
  const saturation = factor(2, amounts.saturation);
  const turn = stream.uniformBetween(3, -amounts.hue, amounts.hue);
  const changes: readonly ((p: Pixels) => Pixels)[] = [
    (p) => (amounts.brightness === 0 ? p : blended(p, 0, brightness)),
    (p) => (amounts.contrast === 0 ? p : blended(p, meanLuminance(p), contrast)),
    (p) => (amounts.saturation === 0 ? p : blended(p, luminance(p), saturation)),
    (p) => (amounts.hue === 0 ? p : hueTurned(p, turn)),
  ];
  const left = [...changes];
  let changed = pixels;
  for (let i = 0; i < changes.length; i++) {
    const [next] = left.splice(left.length > 1 ? stream.integer(4 + i, 0, left.length - 1) : 0, 1);
    changed = next(changed);
  }
  return changed;
}

/** Pillow's contrast turns about the mean luminance, rounded for 8-bit pixels. */
function meanLuminance(pixels: Pixels): number {
  const grey = luminance(pixels);
  let sum = 0;
  for (const value of grey) sum += value;
  const mean = grey.length === 0 ? 0 : sum / grey.length;
  return pixels instanceof Uint8Array ? Math.floor(mean + 0.5) : mean;
}

/** Gaussian blur of [height, width, 3], cut off at three sigma, mirrored at the border (its pixel not repeated). */
export function blurred(pixels: Pixels, height: number, width: number, sigma: number): Pixels {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const folded = (at: number, size: number): number => {
    if (size === 1) return 0;
    const period = 2 * (size - 1);
    const place = ((at % period) + period) % period;
    return Math.min(place, period - place);
  };
  const pass = (from: ArrayLike<number>, across: boolean): Float64Array => {
    const out = new Float64Array(pixels.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let t = -radius; t <= radius; t++) {
          const source = across ? y * width + folded(x + t, width) : folded(y + t, height) * width + x;
          const weight = kernel[t + radius] / total;
          for (let c = 0; c < 3; c++) out[(y * width + x) * 3 + c] += from[source * 3 + c] * weight;
        }
      }
    }
    return out;
  };
  const smooth = pass(pass(pixels, true), false);
  return pixels instanceof Uint8Array ? Uint8Array.from(smooth, Math.round) : Float32Array.from(smooth);
}
