/** Stages of a case on one image. The compiler writes these; it never imports them. */
import type { CrfStage, IrLabelStage, MasksStage, RandomWalkStage } from '../pipeline/plan.ts';
import type { AxisOrder } from './plan.ts';

/** A tensor of the file, brought to the order in which a stage reads it. */
export interface FileTensor {
  readonly key: string;
  readonly axes?: AxisOrder;
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
  readonly tags?: FileTensor;
}

interface Refinement<Stage extends { readonly op: string; readonly args: object }> {
  readonly kind: 'refine';
  readonly name: string;
  readonly op: Stage['op'];
  readonly args: Stage['args'];
  readonly maps: MapsSource;
  readonly boundary?: FileTensor;
  readonly image?: FileTensor;
  /** Height and width of the image where its pixels are not needed; those of the maps when absent. */
  readonly size?: readonly [number, number];
}

/** Makes labels of maps, as the stage of the same name in a pipeline does. */
export type RefinementPlan = Refinement<CrfStage> | Refinement<MasksStage> | Refinement<IrLabelStage> | Refinement<RandomWalkStage>;

export type CaseStagePlan = InferencePlan | RefinementPlan;

/** A result of a stage and the tensor of the file that it is compared with. */
export interface ComparedField {
  readonly stage: string;
  readonly field: string;
  readonly key: string;
  readonly axes?: AxisOrder;
}

export interface StagesPlan {
  /** In order: a stage reads those before it. */
  readonly stages: readonly CaseStagePlan[];
  readonly results: readonly ComparedField[];
}
