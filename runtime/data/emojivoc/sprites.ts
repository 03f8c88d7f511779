import { fork } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError } from '../errors.ts';
import { makeFolder } from '../folder.ts';
import { installed, type SpriteSource } from './packages.ts';

/** A rendered drawing, cut to its visible pixels: premultiplied RGBA, [height, width, 4], and the same at half the size. */
export interface Sprite {
  readonly package: string;
  readonly name: string;
  readonly className?: string;
  readonly levels: readonly SpriteLevel[];
}

export interface SpriteLevel {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const RENDER_SIZE = 72;

/**
 * The renderer may abort its whole process on a drawing, so it has its own. It appends one record a drawing (index, width, height, pixels)
 * to a file; after an abort the parent knows the drawing at fault and starts again behind it.
 */
const CHILD = `
import { appendFileSync, readFileSync } from 'node:fs';
const job = JSON.parse(readFileSync(new URL('./job.json', import.meta.url), 'utf8'));
const { Resvg } = (await import(job.renderer)).default;
for (let i = job.from; i < job.svgs.length; i++) {
  let width = 0, height = 0, pixels = new Uint8Array(0);
  try {
    const image = new Resvg(job.svgs[i], { fitTo: { mode: 'width', value: job.size }, font: { loadSystemFonts: false } }).render();
    width = image.width; height = image.height; pixels = image.pixels;
  } catch {}
  const head = new Uint32Array([i, width, height]);
  appendFileSync(new URL('./out.bin', import.meta.url), Buffer.concat([new Uint8Array(head.buffer), pixels]));
}
`;

/** Renders drawings in a child process; drawings that cannot be rendered and repeated renders are left out. `folder` is for scratch files. */
export async function renderSprites(sources: readonly SpriteSource[], folder: string): Promise<readonly Sprite[]> {
  const renderer = pathToFileURL(installed('@resvg/resvg-js')).href;
  await makeFolder(folder);
  const sprites: Sprite[] = [];
  const seen = new Set<string>();
  try {
    const script = join(folder, 'render.mjs');
    const output = join(folder, 'out.bin');
    await writeFile(script, CHILD);
    let from = 0;
    while (from < sources.length) {
      await writeFile(output, '');
      await writeFile(
        join(folder, 'job.json'),
        JSON.stringify({ renderer, size: RENDER_SIZE, from, svgs: sources.map((source) => source.svg) }),
      );
      const failure = await runChild(script);
      const before = from;
      for (const record of records(await readFile(output))) {
        from = record.index + 1;
        const top = cut(record);
        if (!top) continue;
        // The same drawing under two names (in one package and class) would be drawn twice as often.
        const source = sources[record.index];
        const key = `${source.package} ${source.className ?? ''} ${top.width} ${Buffer.from(top.data).toString('base64')}`;
        if (seen.has(key)) continue;
        seen.add(key);
        sprites.push({ package: source.package, name: source.name, className: source.className, levels: [top, halved(top)] });
      }
      if (from >= sources.length) break;
      if (from === before && failure.kind === 'error') throw unrendered(failure.text);
      from++; // the drawing on which the process ended
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (sprites.length === 0) throw unrendered('no drawing could be rendered');
  return sprites;
}

type Failure = { readonly kind: 'ended' } | { readonly kind: 'error'; readonly text: string };

function runChild(script: string): Promise<Failure> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    let text = '';
    child.stderr?.on('data', (part: Buffer) => {
      if (text.length < 2000) text += part.toString();
    });
    child.on('error', reject);
    // A plain error exit (code 1) is a failure of the script, such as a renderer that does not load; an abort comes as a signal.
    child.on('close', (code) => resolve(code === 1 ? { kind: 'error', text } : { kind: 'ended' }));
  });
}

interface Rendered extends SpriteLevel {
  readonly index: number;
}

/** The complete records of the output; a last partial one is dropped. */
function records(bytes: Buffer): readonly Rendered[] {
  const out: Rendered[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    const index = bytes.readUInt32LE(at);
    const width = bytes.readUInt32LE(at + 4);
    const height = bytes.readUInt32LE(at + 8);
    const end = at + 12 + width * height * 4;
    if (end > bytes.length) break;
    out.push({ index, width, height, data: new Uint8Array(bytes.subarray(at + 12, end)) });
    at = end;
  }
  return out;
}

/** The part of a drawing with alpha of at least 8; undefined when there is almost none. */
function cut(image: SpriteLevel): SpriteLevel | undefined {
  let [left, top, right, bottom] = [image.width, image.height, -1, -1];
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      if (image.data[(y * image.width + x) * 4 + 3] < 8) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const width = right - left + 1;
  const height = bottom - top + 1;
  if (width < 8 || height < 8) return undefined;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 4;
    data.set(image.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, data };
}

/** Half the size: means of two by two pixels, outside counts as transparent. */
function halved(image: SpriteLevel): SpriteLevel {
  const width = Math.ceil(image.width / 2);
  const height = Math.ceil(image.height / 2);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) {
        let sum = 2;
        for (let k = 0; k < 4; k++) {
          const sy = 2 * y + (k >> 1);
          const sx = 2 * x + (k & 1);
          if (sy < image.height && sx < image.width) sum += image.data[(sy * image.width + sx) * 4 + c];
        }
        data[(y * width + x) * 4 + c] = sum >> 2;
      }
    }
  }
  return { width, height, data };
}

function unrendered(found: string): DataError {
  return new DataError('data-missing-package', {
    what: 'The drawings of EmojiVOC could not be rendered',
    file: '@resvg/resvg-js',
    expected: 'a renderer that works on this machine',
    found: found.trim().split('\n').slice(0, 3).join(' '),
    hint: 'Run: npm install --save-dev @resvg/resvg-js',
  });
}
