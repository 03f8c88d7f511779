/** The pictures of a panel row: image, label map, class activation map over the image. */
import type { Picture } from './png.ts';

/** Colours of rising strength, dark to light (the look of matplotlib's inferno). */
const HEAT: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
];

/** A label map in the colours of `palette` (RGB triples, 256 of them; PASCAL VOC's gives 255 a cream tone). */
export function maskPicture(labels: ArrayLike<number>, width: number, height: number, palette: Uint8Array): Picture {
  if (labels.length !== width * height) throw new RangeError(`maskPicture: ${labels.length} labels, expected ${height} x ${width}`);
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < labels.length; p++) for (let c = 0; c < 3; c++) rgb[p * 3 + c] = palette[labels[p] * 3 + c];
  return { width, height, rgb };
}

/**
 * The strongest of `cams` [channels, pixels] (scores in 0..1) as heat over a greyed image: where the score is high the colour covers,
 * where it is low the image shows through.
 */
export function heatPicture(image: Picture, cams: Float32Array): Picture {
  const { width, height } = image;
  const pixels = width * height;
  if (cams.length % pixels !== 0)
    throw new RangeError(`heatPicture: ${cams.length} cam values do not divide into ${height} x ${width} pixels`);
  const rgb = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    let score = 0;
    for (let at = p; at < cams.length; at += pixels) score = Math.max(score, cams[at]);
    score = Math.min(1, score);
    const grey = 0.3 * image.rgb[p * 3] + 0.59 * image.rgb[p * 3 + 1] + 0.11 * image.rgb[p * 3 + 2];
    const cover = 0.35 + 0.5 * score;
    const place = score * (HEAT.length - 1);
    const low = Math.min(HEAT.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const heat = HEAT[low][c] + (HEAT[low + 1][c] - HEAT[low][c]) * (place - low);
      rgb[p * 3 + c] = Math.round(grey * (1 - cover) + heat * cover);
    }
  }
  return { width, height, rgb };
}

/** The picture made smaller by averaging so that no side exceeds `longest`; unchanged when it is small enough. */
export function shrinkPicture(image: Picture, longest: number): Picture {
  const factor = Math.ceil(Math.max(image.width, image.height) / longest);
  if (factor <= 1) return image;
  const width = Math.max(1, Math.floor(image.width / factor));
  const height = Math.max(1, Math.floor(image.height / factor));
  const rgb = new Uint8Array(width * height * 3);
  const tall = Math.min(factor, image.height);
  const wide = Math.min(factor, image.width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = 0; v < tall; v++)
          for (let u = 0; u < wide; u++) sum += image.rgb[((y * factor + v) * image.width + x * factor + u) * 3 + c];
        rgb[(y * width + x) * 3 + c] = Math.round(sum / (tall * wide));
      }
    }
  }
  return { width, height, rgb };
}
