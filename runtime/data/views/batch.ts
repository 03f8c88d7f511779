import type { Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { PairIndex, Partner } from '../pairs.ts';
import { saliencyOf } from '../union.ts';
import type { ViewProgram } from './program.ts';
import { type RenderedView, renderViews } from './render.ts';
import type { SourceImage, ViewGeometry } from './state.ts';

export interface BatchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface BatchRequest {
  readonly seed: number;
  readonly epoch: number;
  readonly parts: readonly BatchPart[];
  /** Who draws the partners that views, or tags, of a name other than `source` are of. */
  readonly pairs?: Readonly<Record<string, PairIndex>>;
}

/** What a batch holds: a part of a view, or the tags of `source` or of a pair. Masks and saliency are read from disk only when asked for. */
export interface BatchPart {
  readonly view: string;
  readonly part: 'image' | 'inside' | 'mask' | 'saliency' | 'tags' | 'geometry';
}

export interface Batch {
  readonly ids: readonly string[];
  /**
   * `VIEW.image` [N, H, W, 3] f32, `VIEW.inside` [N, H, W, 1] f32 in {0, 1}, `VIEW.mask` [N, H, W] i32 with 255 where there is none,
   * `VIEW.saliency` [N, H, W] f32 in [0, 1], `VIEW.geometry` [N, 4] f32 (`placeOf`), `source.tags` and `PAIR.tags` [N, K] f32 in {0, 1}.
   */
  readonly tensors: ReadonlyMap<string, BatchTensor>;
  /** By view, one record an image. */
  readonly geometry: ReadonlyMap<string, readonly ViewGeometry[]>;
}

/**
 * Loads images, and the partners drawn for them, and makes their views. Views of different sizes cannot share a batch: DataError `data-bad-view`
 * then; a view without a fixed size (no square, resize or crop) needs batches of one. Throws DataError for what is wrong on disk.
 */
export async function makeBatch(dataset: Dataset, ids: readonly string[], program: ViewProgram, request: BatchRequest): Promise<Batch> {
  const { seed, epoch, parts } = request;
  const roots = rootsOf(program);
  const rootOf = (view: string): string => roots.get(view) ?? view;
  const wanted = new Map<string, Set<BatchPart['part']>>([['source', new Set()]]);
  for (const { view, part } of parts) {
    const root = rootOf(view);
    wanted.set(root, (wanted.get(root) ?? new Set()).add(part));
  }
  const viewNames = [...new Set(parts.flatMap(({ view, part }) => (part === 'tags' ? [] : [view])))];
  const used = { views: program.views.filter((view) => wanted.has(rootOf(view.name))) };
  const loaded = await Promise.all(
    ids.map(async (id) => {
      const sources: Record<string, SourceImage> = {};
      const tags: Record<string, Float32Array> = {};
      for (const [root, kinds] of wanted) {
        const place = root === 'source' ? { dataset, id } : await partnerOf(request, root, dataset, id);
        // Tags alone need no pixels.
        if (used.views.some((view) => rootOf(view.name) === root)) sources[root] = await loadSource(place, kinds);
        if (kinds.has('tags')) tags[root] = await place.dataset.tags(place.id);
      }
      return { views: renderViews(used, sources, { seed, epoch, id }, viewNames), tags };
    }),
  );
  const tensors = new Map<string, BatchTensor>();
  const geometry = new Map<string, readonly ViewGeometry[]>();
  for (const name of viewNames) {
    const views = loaded.flatMap((sample) => sample.views.get(name) ?? []);
    geometry.set(
      name,
      views.map((view) => view.geometry),
    );
    const [height, width] = commonSize(name, ids, views);
    for (const { view, part } of parts)
      if (view === name && part !== 'tags') tensors.set(`${name}.${part}`, joinedPart(views, part, height, width));
  }
  for (const { view, part } of parts) {
    if (part !== 'tags') continue;
    const data = joined(loaded.map((sample) => sample.tags[view]));
    tensors.set(`${view}.tags`, { shape: [ids.length, dataset.classCount], data });
  }
  return { ids, tensors, geometry };
}

/** The image that each view is made from: `source` or a pair. */
function rootsOf({ views }: ViewProgram): ReadonlyMap<string, string> {
  const roots = new Map<string, string>();
  for (const { name, from } of views) roots.set(name, roots.get(from) ?? from);
  return roots;
}

function partnerOf({ pairs, seed, epoch }: BatchRequest, name: string, dataset: Dataset, id: string): Promise<Partner> {
  const index = pairs?.[name];
  if (!index) throw new RangeError(`nothing draws partners for '${name}'`);
  return index.partner({ seed, epoch, id, dataset });
}

async function loadSource({ dataset, id }: Partner, kinds: ReadonlySet<BatchPart['part']>): Promise<SourceImage> {
  const image = await dataset.image(id);
  const mask = kinds.has('mask') ? (await dataset.mask(id)).data : undefined;
  const saliency = kinds.has('saliency') ? (await saliencyOf(dataset, id)).data : undefined;
  return { image, ...(mask && { mask }), ...(saliency && { saliency }) };
}

function joinedPart(views: readonly RenderedView[], part: Exclude<BatchPart['part'], 'tags'>, height: number, width: number): BatchTensor {
  const n = views.length;
  switch (part) {
    case 'image':
      return { shape: [n, height, width, 3], data: joined(views.map((view) => view.image)) };
    case 'inside':
      return { shape: [n, height, width, 1], data: joined(views.map((view) => view.inside)) };
    case 'saliency':
      return { shape: [n, height, width], data: joined(views.map((view) => view.saliency ?? new Float32Array(0))) };
    case 'geometry':
      return { shape: [n, 4], data: joined(views.map((view) => placeOf(view))) };
    case 'mask': {
      const data = new Int32Array(n * height * width);
      views.forEach((view, i) => {
        if (view.mask) data.set(view.mask, i * height * width);
      });
      return { shape: [n, height, width], data };
    }
  }
}

/**
 * Where a view lies in its image without their sizes: [scale x, centre x, scale y, centre y]. A place u of the view, from -1 to 1 between its outer
 * edges, shows the place scale * u + centre of the image, from -1 to 1 between the outer edges of that; a mirrored view has a negative scale x.
 */
export function placeOf({ geometry, height, width }: Pick<RenderedView, 'geometry' | 'height' | 'width'>): Float32Array {
  const { sourceHeight, sourceWidth, scaleY, scaleX, offsetY, offsetX } = geometry;
  const along = (scale: number, offset: number, size: number, source: number): readonly number[] => [
    (scale * size) / source,
    (2 * offset + scale * size) / source - 1,
  ];
  return Float32Array.from([...along(scaleX, offsetX, width, sourceWidth), ...along(scaleY, offsetY, height, sourceHeight)]);
}

function commonSize(name: string, ids: readonly string[], views: readonly RenderedView[]): readonly [number, number] {
  const [first] = views;
  if (!first) return [0, 0];
  const other = views.findIndex((view) => view.height !== first.height || view.width !== first.width);
  if (other > 0) {
    throw new DataError('data-bad-view', {
      what: `The images of a batch differ in size in the view '${name}'`,
      file: 'view program',
      expected: `${first.height} x ${first.width}, as '${ids[0]}'`,
      found: `${views[other].height} x ${views[other].width} at '${ids[other]}'`,
      hint: 'End the view with crop, square or resize, or take batches of one image.',
    });
  }
  return [first.height, first.width];
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
