import { type DrawStream, draws } from '../../random/counter.ts';
import { background, type ColourChange, drawOver, type PlacedSprite, type Pose, placeSprite } from './canvas.ts';
import type { Sprite } from './sprites.ts';

export const IMAGE_SIZE = 64;
/** A class counts as present from so many visible pixels. */
export const VISIBLE_PIXELS = 20;

/** The sprites of one split: by class and package, and the distractors by package. */
export interface SpriteShelf {
  readonly classes: readonly (readonly SpriteGroup[])[];
  readonly distractors: readonly SpriteGroup[];
}

export interface SpriteGroup {
  readonly package: string;
  readonly sprites: readonly Sprite[];
}

export interface Composition {
  /** [64, 64, 3] */
  readonly rgb: Uint8Array;
  /** [64, 64] labels: 0 background, then the classes. */
  readonly labels: Uint8Array;
  /** [K] in {0, 1} */
  readonly tags: Float32Array;
}

const MOST_HIDDEN = 0.4;
const TRIES = 30;
const OVER_EDGE = 0.12;
const JITTER = 0.3;

/** Sorts sprites into a shelf; groups without a sprite are left out. Throws RangeError where a class has no sprite at all. */
export function shelve(sprites: readonly Sprite[], classes: readonly string[]): SpriteShelf {
  const groups = (className: string | undefined): readonly SpriteGroup[] => {
    const byPackage = new Map<string, Sprite[]>();
    for (const sprite of sprites) {
      if (sprite.className !== className) continue;
      const group = byPackage.get(sprite.package);
      if (group) group.push(sprite);
      else byPackage.set(sprite.package, [sprite]);
    }
    return [...byPackage].map(([name, members]) => ({ package: name, sprites: members }));
  };
  const shelf = classes.map((className) => groups(className));
  const empty = shelf.findIndex((group) => group.length === 0);
  if (empty >= 0) throw new RangeError(`no drawing shows the class '${classes[empty]}'`);
  return { classes: shelf, distractors: groups(undefined) };
}

interface Item {
  readonly label: number;
  readonly placed: PlacedSprite;
}

/** Makes image `id`; its content depends on seed, id and shelf only. */
export function compose(seed: number, id: string, shelf: SpriteShelf): Composition {
  const stream = (name: string): DrawStream => draws({ seed, step: 0, image: id, name });
  const layout = stream('layout');
  const image = background(stream('background'), IMAGE_SIZE);

  const chosen = layout.uniform(0);
  const count = chosen < 0.55 ? 1 : chosen < 0.88 ? 2 : 3;
  const largest = 0.4 + 0.45 * [1, 0.8, 0.6][count - 1];
  const items: Item[] = [];
  let style: string | undefined;
  for (let n = 0; n < count; n++) {
    const draw = stream(`object ${n}`);
    const label = draw.integer(0, 1, shelf.classes.length);
    const group = pick(shelf.classes[label - 1], draw, 1);
    const sprite = pick(group.sprites, draw, 2);
    style ??= group.package;
    const placed = placeVisible(sprite, draw, items, [0.4, largest]);
    if (placed) items.push({ label, placed });
  }

  const extra = layout.uniform(1);
  const distractors = extra < 0.5 ? 0 : extra < 0.85 ? 1 : 2;
  // Of the style of the first object, so that style does not tell objects from distractors.
  const group = shelf.distractors.find((candidate) => candidate.package === style);
  for (let n = 0; group && n < distractors; n++) {
    const draw = stream(`distractor ${n}`);
    const sprite = pick(group.sprites, draw, 2);
    drawOver(image, placeSprite(sprite, poseOf(sprite, draw, 20, [0.15, 0.4]), colourOf(draw), IMAGE_SIZE), IMAGE_SIZE);
  }

  const labels = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);
  for (const { label, placed } of items) {
    drawOver(image, placed, IMAGE_SIZE);
    for (let i = 0; i < labels.length; i++) if (placed.mask[i]) labels[i] = label;
  }
  addNoise(image, stream('noise'), layout.uniformBetween(2, 0, 12));
  const counts = new Int32Array(shelf.classes.length + 1);
  for (const label of labels) counts[label]++;
  return {
    rgb: Uint8Array.from(image, (value) => Math.min(255, Math.max(0, Math.round(value)))),
    labels,
    tags: Float32Array.from({ length: shelf.classes.length }, (_, c) => (counts[c + 1] >= VISIBLE_PIXELS ? 1 : 0)),
  };
}

/**
 * Draws poses until the object hides at most 40% of each earlier one and every object keeps enough visible pixels for its tag; after thirty
 * tries the object is left out (the first one only if its sprite is too thin to be seen).
 */
function placeVisible(
  sprite: Sprite,
  draw: DrawStream,
  earlier: readonly Item[],
  sides: readonly [number, number],
): PlacedSprite | undefined {
  const colour = colourOf(draw);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const placed = placeSprite(sprite, poseOf(sprite, draw, 20 + attempt * 8, sides), colour, IMAGE_SIZE);
    if (placed.area >= VISIBLE_PIXELS && earlier.every((_, index) => staysVisible(index, earlier, placed))) return placed;
  }
  return undefined;
}

/** Whether an earlier object, under all later ones and the new one, still shows 60% of itself and enough pixels. */
function staysVisible(index: number, items: readonly Item[], placed: PlacedSprite): boolean {
  const { mask, area } = items[index].placed;
  let visible = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] && !placed.mask[i] && !items.some((item, k) => k > index && item.placed.mask[i])) visible++;
  }
  return visible >= area * (1 - MOST_HIDDEN) && visible >= VISIBLE_PIXELS;
}

/** Draws size, mirror, angle and place, from index `first` on; the box may pass each edge by 12% of its side. */
function poseOf(sprite: Sprite, draw: DrawStream, first: number, [smallest, largest]: readonly [number, number]): Pose {
  const side = draw.uniformBetween(first, smallest, largest) * IMAGE_SIZE;
  const angle = (draw.uniformBetween(first + 1, -20, 20) * Math.PI) / 180;
  const [{ width, height }] = sprite.levels;
  const scale = side / Math.max(width, height);
  const boxWidth = (Math.abs(Math.cos(angle)) * width + Math.abs(Math.sin(angle)) * height) * scale;
  const boxHeight = (Math.abs(Math.sin(angle)) * width + Math.abs(Math.cos(angle)) * height) * scale;
  const centre = (index: number, box: number): number => {
    const margin = box * (0.5 - OVER_EDGE);
    return margin < IMAGE_SIZE / 2 ? draw.uniformBetween(index, margin, IMAGE_SIZE - margin) : IMAGE_SIZE / 2;
  };
  return {
    centreX: centre(first + 2, boxWidth),
    centreY: centre(first + 3, boxHeight),
    side,
    angle,
    mirrored: draw.bernoulli(first + 4, 0.5),
  };
}

function colourOf(draw: DrawStream): ColourChange {
  const offset = (index: number): number => draw.uniformBetween(index, -0.1, 0.1) * JITTER * 255;
  return {
    saturation: 1 + JITTER * draw.uniformBetween(3, -0.6, 0.3),
    gain: 1 + JITTER * draw.uniformBetween(4, -0.25, 0.2),
    offset: [offset(5), offset(6), offset(7)],
  };
}

function addNoise(image: Float32Array, stream: DrawStream, sigma: number): void {
  const noise = stream.normals(image.length);
  for (let i = 0; i < image.length; i++) image[i] += noise[i] * sigma;
}

function pick<T>(items: readonly T[], draw: DrawStream, index: number): T {
  return items[draw.integer(index, 0, items.length - 1)];
}
