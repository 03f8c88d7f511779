import type { RgbImage } from './image.ts';
import type { LabelMap } from './mask.ts';
import type { GreyMap } from './saliency.ts';

/** Which image an id is, whatever data set it is looked at through. */
export function originOf(dataset: Dataset, id: string): string {
  return dataset.origin?.(id) ?? `${dataset.root}\n${id}`;
}

/** Images with image-level tags and, where there are any, masks. Every method throws DataError for what is wrong on disk. */
export interface Dataset {
  readonly name: string;
  readonly root: string;
  /** Class names by label; index 0 is the background. */
  readonly classes: readonly string[];
  /** Number of foreground classes K. */
  readonly classCount: number;
  readonly hasMasks: boolean;
  /** Names of the splits, sorted. */
  splits(): readonly string[];
  /** Ids of a split in the order of its list. */
  ids(split: string): readonly string[];
  /** RGB pixels, from a cache bounded in bytes. */
  image(id: string): Promise<RgbImage>;
  /** One value in {0, 1} for each foreground class, [K]; index c belongs to class c + 1. */
  tags(id: string): Promise<Float32Array>;
  /** The ground truth, checked against the size of the image and the classes. */
  mask(id: string): Promise<LabelMap>;
  /** Which image it is, whatever data set it is looked at through; its root and id without it. */
  origin?(id: string): string;
  /** How salient each pixel is, 8-bit; where the data set has a folder of such maps. */
  saliency?(id: string): Promise<GreyMap>;
  /**
   * Looks at the files of some images, and at their masks and saliency where these are wanted, without decoding them: throws the DataError of the
   * first that cannot be used, before hours of work stumble over it.
   */
  inspect?(ids: readonly string[], wanted: { readonly masks: boolean; readonly saliency: boolean }): Promise<void>;
  /** SHA-256 over class names, lists, tags, file names and file sizes; the same for the same data wherever the root lies. */
  fingerprint(): Promise<string>;
}
