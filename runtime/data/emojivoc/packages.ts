import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { DataError } from '../errors.ts';
import { CLASS_SPRITES, DISTRACTOR_SPRITES } from './names.ts';

/** A package of emoji and the split whose images it is drawn into. */
export interface SpritePackage {
  readonly name: string;
  readonly split: 'train' | 'val';
  readonly licence: string;
  readonly attribution: string;
}

/** Val has a drawing style that training never sees. */
export const SPRITE_PACKAGES: readonly SpritePackage[] = [
  { name: 'twemoji', split: 'train', licence: 'CC-BY-4.0', attribution: 'Twemoji, graphics copyright Twitter, Inc and other contributors' },
  {
    name: 'emojione',
    split: 'train',
    licence: 'CC-BY-4.0',
    attribution: 'EmojiOne (colored) 2, emoji icons supplied by EmojiOne (JoyPixels)',
  },
  { name: 'noto', split: 'train', licence: 'Apache-2.0', attribution: 'Noto Emoji, copyright Google LLC' },
  { name: 'noto-v1', split: 'train', licence: 'Apache-2.0', attribution: 'Noto Emoji (v1), copyright Google LLC' },
  { name: 'fxemoji', split: 'train', licence: 'Apache-2.0', attribution: 'Firefox OS Emoji, copyright Mozilla Foundation' },
  { name: 'fluent-emoji-flat', split: 'val', licence: 'MIT', attribution: 'Fluent Emoji, copyright Microsoft Corporation' },
];

/** Sprites that are not what their name says in one package, or that stop the renderer. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'fxemoji:sailboat', // on a blue tile
  'fxemoji:ship',
  'fxemoji:carouselhorse',
  'emojione:motorcycle', // has a rider
  'noto-v1:bullet-train', // aborts resvg 2
  'noto-v1:hot-beverage',
]);
const LEFT_OUT_EVERYWHERE: ReadonlySet<string> = new Set(['airplane-departure', 'airplane-arrival']); // the runway would belong to the mask

/** One drawing before it is rendered. */
export interface SpriteSource {
  readonly package: string;
  readonly name: string;
  /** Class name, or undefined for a distractor. */
  readonly className?: string;
  readonly svg: string;
}

interface Icon {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}

const require = createRequire(import.meta.url);

/** Path of an installed module, for a process that runs elsewhere. Throws DataError `data-missing-package` saying what to install. */
export function installed(specifier: string): string {
  try {
    return require.resolve(specifier);
  } catch {
    const name = specifier.split('/').slice(0, 2).join('/');
    throw new DataError('data-missing-package', {
      what: 'EmojiVOC is made from packages, one of which is not installed',
      file: name,
      expected: 'an installed package',
      found: 'none',
      hint: `Run: npm install --save-dev ${name}`,
    });
  }
}

/** All drawings of a package for these classes and the distractors, in the order of the lists. */
export async function packageSprites(spritePackage: string, classes: readonly string[]): Promise<readonly SpriteSource[]> {
  const path = installed(`@iconify-json/${spritePackage}/icons.json`);
  const set: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isRecord(set) || !isRecord(set.icons)) throw broken(path);
  const sprites: SpriteSource[] = [];
  const add = (name: string, className?: string): void => {
    if (LEFT_OUT_EVERYWHERE.has(name) || LEFT_OUT.has(`${spritePackage}:${name}`)) return;
    const icon = isRecord(set.icons) ? set.icons[name] : undefined;
    if (icon === undefined) return;
    if (!isIcon(icon)) throw broken(path);
    const side = (own: number | undefined, common: unknown, otherwise: number): number =>
      own ?? (typeof common === 'number' ? common : otherwise);
    const width = side(icon.width, set.width, 16);
    const height = side(icon.height, set.height, 16);
    const box = `${side(icon.left, set.left, 0)} ${side(icon.top, set.top, 0)} ${width} ${height}`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="${box}">${icon.body}</svg>`;
    sprites.push({ package: spritePackage, name, className, svg });
  };
  for (const className of classes) for (const name of CLASS_SPRITES[className] ?? []) add(name, className);
  for (const name of DISTRACTOR_SPRITES) add(name);
  return sprites;
}

function broken(path: string): DataError {
  return new DataError('data-missing-package', {
    what: 'A package of emoji does not have the expected content',
    file: path,
    hint: 'Install it again: npm ci',
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIcon(value: unknown): value is Icon {
  const number = (v: unknown): boolean => v === undefined || typeof v === 'number';
  return isRecord(value) && typeof value.body === 'string' && [value.left, value.top, value.width, value.height].every(number);
}
