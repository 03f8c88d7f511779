import { describe, expect, test } from 'vitest';
import { VIEW_STEPS } from '../../../compiler/check/data/transforms.ts';
import type { RgbImage } from '../../../runtime/data/image.ts';
import { hueTurned } from '../../../runtime/data/views/colour.ts';
import { parseViewProgram } from '../../../runtime/data/views/program.ts';
import { type RenderedView, renderViews } from '../../../runtime/data/views/render.ts';
import { resampled } from '../../../runtime/data/views/resample.ts';
import { stepProblem, type ViewStep } from '../../../runtime/data/views/steps.ts';

function picture(width: number, height: number): RgbImage {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + ((i * i) % 91)) % 256) };
}

function render(
  steps: readonly ViewStep[],
  image: RgbImage,
  epoch = 0,
  planes: { mask?: Uint8Array; saliency?: Uint8Array } = {},
): RenderedView {
  const program = parseViewProgram({ views: [{ name: 'v', from: 'source', steps }] });
  const view = renderViews(program, { source: { image, ...planes } }, { seed: 3, epoch, id: 'x' }).get('v');
  if (!view) throw new Error('no view');
  return view;
}

const epochs = Array.from({ length: 60 }, (_, epoch) => epoch);

test('the checker names the steps that the runtime has, and no other', () => {
  for (const op of Object.keys(VIEW_STEPS)) expect(stepProblem({ op }) ?? '', op).not.toContain('is not one of');
  const known = /is not one of (.*)$/.exec(stepProblem({ op: 'no such step' }) ?? '')?.[1].split(', ');
  expect(known?.sort()).toEqual(Object.keys(VIEW_STEPS).sort());
});

describe('sizes', () => {
  test('short_side: the shorter side is drawn from the range, the other follows', () => {
    const sizes = epochs.map((epoch) => render([{ op: 'short_side', from: 5, to: 7 }], picture(20, 10), epoch));
    for (const { height, width } of sizes) expect(width).toBe(2 * height);
    expect([...new Set(sizes.map(({ height }) => height))].sort()).toEqual([5, 6, 7]);
  });

  test('scale among: each factor comes, and no other', () => {
    const widths = new Set(epochs.map((epoch) => render([{ op: 'scale', among: [0.5, 1, 1.5] }], picture(20, 10), epoch).width));
    expect([...widths].sort((a, b) => a - b)).toEqual([10, 20, 30]);
  });

  test('random_resized_crop: share of the area and proportions stay within their ranges', () => {
    const step: ViewStep = { op: 'random_resized_crop', size: 16, area_from: 0.3, area_to: 0.6, aspect_from: 0.75, aspect_to: 4 / 3 };
    const shares = epochs.map((epoch) => {
      const { geometry, height, width } = render([step], picture(120, 90), epoch);
      expect([height, width]).toEqual([16, 16]);
      const [h, w] = [geometry.scaleY * 16, geometry.scaleX * 16];
      // Sides are whole pixels.
      expect(w / h).toBeGreaterThan(0.73);
      expect(w / h).toBeLessThan(1.37);
      expect(geometry.offsetY).toBeGreaterThanOrEqual(0);
      expect(geometry.offsetY + h).toBeLessThanOrEqual(90 + 1e-9);
      expect(geometry.offsetX + w).toBeLessThanOrEqual(120 + 1e-9);
      return (h * w) / (90 * 120);
    });
    expect(Math.min(...shares)).toBeGreaterThan(0.28);
    expect(Math.max(...shares)).toBeLessThan(0.62);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.2);
  });

  test('crop with small: top_left puts a smaller image there, and leaves larger ones at a random place', () => {
    const step: ViewStep = { op: 'crop', size: 8, small: 'top_left' };
    for (const epoch of epochs.slice(0, 8)) {
      const { inside } = render([step], picture(5, 6), epoch);
      expect(inside.every((value, i) => value === (i % 8 < 5 && Math.floor(i / 8) < 6 ? 1 : 0))).toBe(true);
    }
    expect(new Set(epochs.map((epoch) => render([step], picture(20, 20), epoch).geometry.offsetX)).size).toBeGreaterThan(4);
  });

  test('planes follow: masks are 255 and saliency 0 in padding, neither is ever mixed', () => {
    const mask = Uint8Array.from({ length: 60 }, (_, i) => [0, 3, 7][i % 3]);
    const saliency = mask.map((label) => label * 30);
    const steps: ViewStep[] = [
      { op: 'flip', p: 0.5 },
      { op: 'scale', from: 0.5, to: 2 },
      { op: 'crop', size: 14 },
    ];
    for (const epoch of epochs.slice(0, 20)) {
      const view = render(steps, picture(10, 6), epoch, { mask, saliency });
      view.mask?.forEach((label, i) => {
        expect([0, 3, 7, 255]).toContain(label);
        expect(view.saliency?.[i]).toBeCloseTo(label === 255 ? 0 : (label * 30) / 255, 6);
        expect(label === 255).toBe(view.inside[i] === 0);
      });
    }
  });
});

describe('resampling at half-pixel centres', () => {
  test('bilinear up: the values of PyTorch', () => {
    // interpolate([0, 10], size 4, align_corners=False): 0, 2.5, 7.5, 10.
    expect(Array.from(resampled(Float32Array.of(0, 10), 1, 2, 1, 1, 4, 'bilinear'))).toEqual([0, 2.5, 7.5, 10]);
  });
  test('bicubic: what is constant stays, and shrinking samples without antialiasing', () => {
    const flat = resampled(new Float32Array(35).fill(4), 5, 7, 1, 9, 3, 'bicubic');
    for (const value of flat) expect(value).toBeCloseTo(4, 5);
    // Every fourth of eight: half-way between two samples, Keys' weights with a = -0.75.
    const line = Float32Array.of(0, 0, 0, 0, 16, 0, 0, 0);
    expect(resampled(line, 1, 8, 1, 1, 4, 'bicubic')[1]).toBeCloseTo(16 * -0.09375, 5);
  });
  test('the conventions differ where they should, and opencv is half_pixel in 8 bits', () => {
    const image = picture(16, 16);
    const of = (convention: 'pillow' | 'opencv' | 'half_pixel'): Float32Array =>
      render([{ op: 'square', size: 5, filter: 'bilinear', convention }], image).image;
    expect(Array.from(of('opencv'))).toEqual(Array.from(of('half_pixel'), Math.round));
    expect(Array.from(of('pillow'))).not.toEqual(Array.from(of('opencv')));
  });
});

describe('colour', () => {
  const image = picture(9, 7);
  test('jitter of nothing changes nothing; brightness alone is one factor, cut off as Pillow does', () => {
    expect(Array.from(render([{ op: 'jitter', brightness: 0, contrast: 0, saturation: 0, hue: 0 }], image).image)).toEqual(
      Array.from(image.data),
    );
    const bright = render([{ op: 'jitter', brightness: 0.3, contrast: 0, saturation: 0, hue: 0 }], image).image;
    const at = image.data.indexOf(Math.max(...image.data.filter((value) => value < 190)));
    const factor = bright[at] / image.data[at];
    expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.31);
    bright.forEach((value, i) => {
      expect(Math.abs(value - Math.min(255, factor * image.data[i]))).toBeLessThan(2.5);
    });
  });
  test('a third of the circle turns red to green, and grey stays grey', () => {
    const turned = hueTurned(Float32Array.of(200, 0, 0, 80, 80, 80), 1 / 3);
    expect(Array.from(turned, Math.round)).toEqual([0, 200, 0, 80, 80, 80]);
    // In 8 bits a turn of 1/3 is 85 of 256 steps, and hue has 255 of them.
    expect(Array.from(hueTurned(Uint8Array.of(200, 0, 0), 1 / 3))).toEqual([0, 200, 0]);
  });
  test('grey: the luminance of ITU-R 601 in all channels', () => {
    const grey = render([{ op: 'grey', p: 1 }], image).image;
    for (let i = 0; i < grey.length; i += 3) {
      expect([grey[i + 1], grey[i + 2]]).toEqual([grey[i], grey[i]]);
      const expected = 0.299 * image.data[i] + 0.587 * image.data[i + 1] + 0.114 * image.data[i + 2];
      expect(Math.abs(grey[i] - expected)).toBeLessThanOrEqual(0.51);
    }
    expect(Array.from(render([{ op: 'grey', p: 0 }], image).image)).toEqual(Array.from(image.data));
  });
  test('blur keeps what is constant, and spreads a point evenly', () => {
    const flat: RgbImage = { width: 6, height: 5, data: new Uint8Array(90).fill(70) };
    expect(render([{ op: 'blur', from: 1, to: 2 }], flat).image.every((value) => value === 70)).toBe(true);
    const point: RgbImage = { width: 21, height: 21, data: new Uint8Array(21 * 21 * 3) };
    point.data.fill(255, 3 * (10 * 21 + 10), 3 * (10 * 21 + 10) + 3);
    const { image: spread } = render([{ op: 'blur', from: 1, to: 1 }], point);
    const at = (y: number, x: number): number => spread[3 * (y * 21 + x)];
    expect(at(10, 10)).toBe(Math.round(255 / (2 * Math.PI)));
    expect([at(9, 10), at(11, 10), at(10, 9)]).toEqual([at(10, 11), at(10, 11), at(10, 11)]);
  });
  test('caffe: blue, green, red less the means', () => {
    const { image: out } = render([{ op: 'normalize', preset: 'caffe' }], { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) });
    [30 - 104.008, 20 - 116.669, 10 - 122.675].forEach((value, i) => {
      expect(out[i]).toBeCloseTo(value, 3);
    });
  });
});
