/** Stages of a case on one image, as data; `runtime/compare` reads values of these types. */
import type { AxisOrder } from './plan.ts';

/** A tensor of the file, brought to the order in which a stage reads it. */
export interface FileTensor {
  readonly key: string;
  readonly axes: AxisOrder | undefined;
}

/** Maps [channels, height, width] with a label for each channel (0 the background; `indices`: classes from 0), or what a stage saved. */
export type MapsSource =
  | { readonly kind: 'tensors'; readonly maps: FileTensor; readonly labels: FileTensor; readonly indices: boolean }
  | { readonly kind: 'stage'; readonly stage: string };

/** Takes the maps of present classes from an output of the program. */
export interface InferencePlan {
  readonly kind: 'infer';
  readonly name: string;
  readonly output: string;
  readonly tags: FileTensor | undefined;
}

/** Makes labels of maps; `args` are those of the stage of the same name in a pipeline. */
export interface RefinementPlan {
  readonly kind: 'refine';
  readonly name: string;
  readonly op: 'crf' | 'masks' | 'ir_label' | 'random_walk';
  readonly args: { readonly [key: string]: unknown };
  readonly maps: MapsSource;
  readonly boundary: FileTensor | undefined;
  readonly image: FileTensor | undefined;
  readonly size: readonly [number, number] | undefined;
}

export type CaseStagePlan = InferencePlan | RefinementPlan;

/** A result of a stage and the tensor of the file that it is compared with. */
export interface ComparedField {
  readonly stage: string;
  readonly field: string;
  readonly key: string;
  readonly axes: AxisOrder | undefined;
}

export interface StagesPlan {
  /** In order: a stage reads those before it. */
  readonly stages: readonly CaseStagePlan[];
  readonly results: readonly ComparedField[];
}
