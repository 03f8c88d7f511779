import type { Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { ViewProgram } from './program.ts';
import { type RenderedView, renderViews } from './render.ts';
import type { ViewGeometry } from './state.ts';

export interface BatchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface BatchRequest {
  readonly seed: number;
  readonly epoch: number;
  readonly want: BatchParts;
}

/** What a batch should hold; masks are read from disk only when asked for. */
export interface BatchParts {
  /** Views to return; all without it. */
  readonly views?: readonly string[];
  readonly image?: boolean;
  readonly inside?: boolean;
  readonly tags?: boolean;
  readonly mask?: boolean;
}

export interface Batch {
  readonly ids: readonly string[];
  /**
   * `VIEW.image` [N, H, W, 3] f32, `VIEW.inside` [N, H, W, 1] f32 in {0, 1}, `VIEW.mask` [N, H, W] i32 with 255 where there is none,
   * `tags` [N, K] f32 in {0, 1}.
   */
  readonly tensors: ReadonlyMap<string, BatchTensor>;
  /** By view, one record an image. */
  readonly geometry: ReadonlyMap<string, readonly ViewGeometry[]>;
}

/**
 * Loads images and makes their views. Views of different sizes cannot share a batch: DataError `data-bad-view` then; a view without a fixed
 * size (no square, resize or crop) needs batches of one. Throws DataError for what is wrong on disk.
 */
export async function makeBatch(dataset: Dataset, ids: readonly string[], program: ViewProgram, request: BatchRequest): Promise<Batch> {
  const { want } = request;
  const loaded = await Promise.all(
    ids.map(async (id) => {
      const image = await dataset.image(id);
      const mask = want.mask ? await dataset.mask(id) : undefined;
      const tags = want.tags ? await dataset.tags(id) : undefined;
      return { views: renderViews(program, image, mask, { seed: request.seed, epoch: request.epoch, id }, want.views), tags };
    }),
  );
  const tensors = new Map<string, BatchTensor>();
  const geometry = new Map<string, readonly ViewGeometry[]>();
  for (const { name } of program.views) {
    if (want.views && !want.views.includes(name)) continue;
    const views = loaded.flatMap((sample) => sample.views.get(name) ?? []);
    geometry.set(
      name,
      views.map((view) => view.geometry),
    );
    const [height, width] = commonSize(name, ids, views);
    const n = views.length;
    if (want.image) tensors.set(`${name}.image`, { shape: [n, height, width, 3], data: joined(views.map((view) => view.image)) });
    if (want.inside) tensors.set(`${name}.inside`, { shape: [n, height, width, 1], data: joined(views.map((view) => view.inside)) });
    if (want.mask) {
      const data = new Int32Array(n * height * width);
      views.forEach((view, i) => {
        if (view.mask) data.set(view.mask, i * height * width);
      });
      tensors.set(`${name}.mask`, { shape: [n, height, width], data });
    }
  }
  if (want.tags) {
    tensors.set('tags', {
      shape: [ids.length, dataset.classCount],
      data: joined(loaded.map((sample) => sample.tags ?? new Float32Array(0))),
    });
  }
  return { ids, tensors, geometry };
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
