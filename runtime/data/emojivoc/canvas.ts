import type { DrawStream } from '../../random/counter.ts';
import type { Sprite } from './sprites.ts';

/** An object laid out for an image: colours premultiplied by alpha, 0..255, [size, size, 4], drawn only within its box. */
export interface PlacedSprite {
  readonly pixels: Float32Array;
  /** 1 where alpha is over one half, [size, size]. */
  readonly mask: Uint8Array;
  readonly area: number;
  readonly box: readonly [top: number, left: number, bottom: number, right: number];
}

/** How a sprite lies in the image: centre and longest side in pixels, angle in radians. */
export interface Pose {
  readonly centreX: number;
  readonly centreY: number;
  readonly side: number;
  readonly angle: number;
  readonly mirrored: boolean;
}

/** A colour change: saturation and gain as factors, an offset for each channel in 0..255. */
export interface ColourChange {
  readonly saturation: number;
  readonly gain: number;
  readonly offset: readonly [number, number, number];
}

/** Resamples a sprite (bilinear, from the level nearest above the wanted size) into an image of size x size. */
export function placeSprite(sprite: Sprite, pose: Pose, colour: ColourChange, size: number): PlacedSprite {
  const full = sprite.levels[0];
  const scale = pose.side / Math.max(full.width, full.height);
  const level = sprite.levels[scale <= 0.5 && sprite.levels.length > 1 ? 1 : 0];
  const toLevel = Math.max(level.width, level.height) / pose.side;
  const cos = Math.cos(pose.angle);
  const sin = Math.sin(pose.angle);
  const halfWidth = (full.width * scale) / 2;
  const halfHeight = (full.height * scale) / 2;
  const reachX = Math.abs(cos) * halfWidth + Math.abs(sin) * halfHeight + 1;
  const reachY = Math.abs(sin) * halfWidth + Math.abs(cos) * halfHeight + 1;
  const top = Math.max(0, Math.floor(pose.centreY - reachY));
  const left = Math.max(0, Math.floor(pose.centreX - reachX));
  const bottom = Math.min(size, Math.ceil(pose.centreY + reachY));
  const right = Math.min(size, Math.ceil(pose.centreX + reachX));
  const pixels = new Float32Array(size * size * 4);
  const mask = new Uint8Array(size * size);
  const sample = new Float64Array(4);
  let area = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const dx = x + 0.5 - pose.centreX;
      const dy = y + 0.5 - pose.centreY;
      const across = (cos * dx + sin * dy) * (pose.mirrored ? -1 : 1);
      const down = -sin * dx + cos * dy;
      bilinear(
        level.data,
        level.width,
        level.height,
        across * toLevel + level.width / 2 - 0.5,
        down * toLevel + level.height / 2 - 0.5,
        sample,
      );
      const alpha = sample[3];
      if (alpha < 1) continue;
      recolour(sample, colour);
      const at = y * size + x;
      pixels.set(sample, at * 4);
      if (alpha > 127.5) {
        mask[at] = 1;
        area++;
      }
    }
  }
  return { pixels, mask, area, box: [top, left, bottom, right] };
}

function bilinear(data: Uint8Array, width: number, height: number, x: number, y: number, out: Float64Array): void {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  out.fill(0);
  for (let k = 0; k < 4; k++) {
    const sx = x0 + (k & 1);
    const sy = y0 + (k >> 1);
    if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue;
    const weight = (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy);
    const at = (sy * width + sx) * 4;
    out[0] += data[at] * weight;
    out[1] += data[at + 1] * weight;
    out[2] += data[at + 2] * weight;
    out[3] += data[at + 3] * weight;
  }
}

/** Changes colours that are premultiplied: the offset counts times alpha, and no channel passes alpha. */
function recolour(sample: Float64Array, { saturation, gain, offset }: ColourChange): void {
  const alpha = sample[3];
  const grey = 0.299 * sample[0] + 0.587 * sample[1] + 0.114 * sample[2];
  for (let c = 0; c < 3; c++) {
    const value = (grey + (sample[c] - grey) * saturation) * gain + (offset[c] * alpha) / 255;
    sample[c] = Math.min(alpha, Math.max(0, value));
  }
}

/** Lays a placed sprite over an image of [size, size, 3], 0..255. */
export function drawOver(image: Float32Array, placed: PlacedSprite, size: number): void {
  const [top, left, bottom, right] = placed.box;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = y * size + x;
      const alpha = placed.pixels[at * 4 + 3];
      if (alpha === 0) continue;
      const rest = 1 - alpha / 255;
      for (let c = 0; c < 3; c++) image[at * 3 + c] = image[at * 3 + c] * rest + placed.pixels[at * 4 + c];
    }
  }
}

export type Rgb = readonly [number, number, number];

/** A background: three colours in a gradient, stripes, a checker, smooth noise or dots, blended with fine noise. [size, size, 3], 0..255. */
export function background(stream: DrawStream, size: number): Float32Array {
  const colour = (index: number): Rgb => [stream.uniform(index) * 255, stream.uniform(index + 1) * 255, stream.uniform(index + 2) * 255];
  const colours = [colour(0), colour(3), colour(6)];
  const kind = stream.integer(9, 0, 4);
  const angle = stream.uniformBetween(10, 0, Math.PI);
  const period = stream.uniformBetween(11, 6, 24);
  const blend = stream.uniformBetween(12, 0, 0.35);
  const share = patternOf(kind, stream, { angle, period, size });
  const cloud = smoothNoise(stream, 400, size, 4 + stream.integer(13, 0, 6));
  const image = new Float32Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const t = share(x, y);
      const n = cloud[y * size + x];
      for (let c = 0; c < 3; c++) {
        const flat = colours[0][c] * (1 - t) + colours[1][c] * t;
        image[(y * size + x) * 3 + c] = flat * (1 - blend * n) + colours[2][c] * blend * n;
      }
    }
  }
  return image;
}

interface PatternSize {
  readonly angle: number;
  readonly period: number;
  readonly size: number;
}

/** The share of the second colour at a pixel, 0..1. */
function patternOf(kind: number, stream: DrawStream, { angle, period, size }: PatternSize): (x: number, y: number) => number {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const along = (x: number, y: number): number => cos * x + sin * y;
  const across = (x: number, y: number): number => cos * y - sin * x;
  const odd = (v: number): number => Math.abs(Math.floor(v / period)) % 2;
  switch (kind) {
    case 0: {
      const reach = size * (Math.abs(cos) + Math.abs(sin));
      const start = cos < 0 ? size * cos : 0;
      return (x, y) => (along(x, y) - start) / reach;
    }
    case 1:
      return (x, y) => odd(along(x, y) + 1000 * period);
    case 2:
      return (x, y) => (odd(along(x, y) + 1000 * period) + odd(across(x, y) + 1000 * period)) % 2;
    case 3: {
      const noise = smoothNoise(stream, 100, size, 3 + stream.integer(14, 0, 3));
      return (x, y) => noise[y * size + x];
    }
    default: {
      const radius = period * stream.uniformBetween(15, 0.2, 0.42);
      const off = (v: number): number => v - period * Math.round(v / period);
      return (x, y) => (Math.hypot(off(along(x, y)), off(across(x, y))) < radius ? 1 : 0);
    }
  }
}

/** Random values on a grid of cells x cells, interpolated smoothly, 0..1. Draws begin at `first`. */
function smoothNoise(stream: DrawStream, first: number, size: number, cells: number): Float32Array {
  const grid = Float64Array.from({ length: (cells + 1) * (cells + 1) }, (_, i) => stream.uniform(first + i));
  const out = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const gx = (x / size) * cells;
      const gy = (y / size) * cells;
      const x0 = Math.floor(gx);
      const y0 = Math.floor(gy);
      const fx = smooth(gx - x0);
      const fy = smooth(gy - y0);
      const at = y0 * (cells + 1) + x0;
      const upper = grid[at] * (1 - fx) + grid[at + 1] * fx;
      const lower = grid[at + cells + 1] * (1 - fx) + grid[at + cells + 2] * fx;
      out[y * size + x] = upper * (1 - fy) + lower * fy;
    }
  }
  return out;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
