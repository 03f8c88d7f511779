/** What a generated program exports, and what the runtime needs to know of it. The compiler writes values of these types; it never imports them. */
import type { Tensor } from '@tensorflow/tfjs-core';

export type TensorMap = Readonly<Record<string, Tensor>>;
/** Values of the free dimensions of a program: N, H, W, K … */
export type Dimensions = Readonly<Record<string, number>>;

export interface GraphArguments {
  readonly state: TensorMap;
  readonly batch: TensorMap;
  readonly draws: TensorMap;
  /** Rank-0 float32 tensors: learning rates (`lr.<group>`), `step`. */
  readonly scalars: TensorMap;
  readonly gradients: TensorMap;
  readonly dims: Dimensions;
}
export interface GraphResult {
  readonly gradients: TensorMap;
  /** New values of changed state (statistics in a gradients graph; parameters and slots in an update graph). */
  readonly state: TensorMap;
  readonly losses: TensorMap;
  readonly outputs: TensorMap;
}
/** A pure function: reads its arguments, disposes none of them, and returns new tensors that the caller owns. */
export type GraphFunction = (args: GraphArguments) => GraphResult;

/** A size as data: a number, a dimension's name, or an operation, e.g. ["ceildiv", "H", 16]. */
export type SizeJson = number | string | readonly [string, ...SizeJson[]];

export interface GraphPort {
  readonly role: 'state' | 'batch' | 'draw' | 'scalar' | 'gradient' | 'loss' | 'output';
  readonly name: string;
  readonly dtype: 'f32' | 'i32' | 'bool';
  readonly shape: readonly SizeJson[];
}
/**
 * How a step may be split over workers: gradients and losses of parts are combined with weights n_part/N (`mean`), 1 (`sum`), or
 * g(c_part) / g(C) (`ratio`), where c is what the graph gives as the output `separable.count` (labelled pixels, say), C its sum over the
 * parts and g(x) = max(x, floor) + plus.
 */
export type Separability =
  | { readonly kind: 'mean' | 'sum' }
  | { readonly kind: 'ratio'; readonly floor?: number; readonly plus: number }
  | { readonly kind: 'coupled'; readonly operator: string; readonly at: string };

/** The output under which a graph gives the count of a `ratio`. */
export const COUNT_OUTPUT = 'separable.count';

export interface GraphEntry {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly separable?: Separability;
  /** Checked when a program starts with given sizes. */
  readonly assertions: readonly {
    readonly left: SizeJson;
    readonly relation: '==' | '>=' | 'divisible by';
    readonly right: SizeJson;
    readonly reason: string;
    readonly at: string;
  }[];
}
export type InitializerJson =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'fan_uniform' | 'fan_normal'; readonly scale: number; readonly fan: 'in' | 'out' | 'mean' };
export interface StateEntry {
  readonly key: string;
  readonly role: 'parameter' | 'statistic' | 'slot' | 'average' | 'flag';
  readonly shape: readonly SizeJson[];
  readonly init: InitializerJson;
  /** Of role `average`: the parameter that it starts equal to. */
  readonly averageOf?: string;
  readonly backbone: boolean;
}
/** A backbone that starts from weights trained before: its declaration path, what on, and the module that makes it (`resnet50`). */
export interface PretrainedBackbone {
  readonly backbone: string;
  readonly on: string;
  readonly module: string;
  /** How files of others name its tensors. */
  readonly namings?: readonly Naming[];
}
export interface Naming {
  readonly name: string;
  /** Names of the file and ours: the first line whose right side fits counts. */
  readonly lines: readonly (readonly [theirs: string, ours: string])[];
  /** Tensors of the file that are of no part of the module. */
  readonly others: readonly string[];
}
export interface ViewStepJson {
  readonly op: string;
  readonly args: Readonly<Record<string, number | string | boolean | readonly number[]>>;
}
export interface ViewJson {
  readonly name: string;
  readonly from: string;
  readonly steps: readonly ViewStepJson[];
}
/** What a batch input is filled with; `view` is `source` or a pair for tags. */
export interface BindingJson {
  readonly input: string;
  readonly view: string;
  readonly part: 'image' | 'inside' | 'tags' | 'mask' | 'saliency' | 'geometry';
}
export interface SourceRef {
  readonly dataset: string;
  readonly split: string;
}
/** Partners: a class uniform over the image's, then an image of it; from the training images themselves without `from`. */
export interface PairJson {
  readonly name: string;
  readonly self: boolean;
  readonly from?: readonly SourceRef[];
}
/** Scores an inference program while training, every so many steps or epochs and at the end. */
export interface ValidationJson {
  readonly every: { readonly steps: number } | { readonly epochs: number };
  readonly on: SourceRef;
  /** Name of the inference program. */
  readonly program: string;
  /** The best weights so far are kept by this metric. */
  readonly best?: 'miou';
  /** Whether the split's tags are given to a program that reads them. */
  readonly tags: boolean;
}
export interface ScheduleJson {
  readonly shape:
    | { readonly kind: 'constant' }
    | { readonly kind: 'poly'; readonly power: number; readonly every: number }
    | { readonly kind: 'cosine'; readonly final: number }
    | { readonly kind: 'steps'; readonly at: readonly number[]; readonly factor: number };
  readonly warmup: number;
}
/** A factor that grows linearly from epoch `fromEpoch` to `toEpoch`, counted in fractions of epochs, and is constant before and after. */
export interface WeightRamp {
  readonly from: number;
  readonly to: number;
  readonly fromEpoch: number;
  readonly toEpoch: number;
}
export interface LossEntry {
  readonly name: string;
  /** Of a ramp the graph has the scalar input `weight.<name>`. */
  readonly weight: number | WeightRamp;
  readonly fromEpoch: number;
  readonly untilEpoch?: number;
  readonly off?: 'untouched';
}
/** The graphs used from an epoch on; `update` where some parameters stay untouched. */
export interface PhaseEntry {
  readonly fromEpoch: number;
  readonly graph: string;
  readonly update?: string;
}
/** Parameters with one rate: of its own schedule, else of that of the train block. */
export interface RateGroup {
  readonly name: string;
  readonly rate: number;
  readonly schedule?: ScheduleJson;
}

export interface TrainEntry {
  /** Of everything in the program that decides training: part of the key of train stages, and written into checkpoints. */
  readonly hash: string;
  readonly epochs?: number;
  readonly steps?: number;
  readonly batch: number;
  /** Batches whose gradients make one step, as if they were one batch; 1 when absent. */
  readonly accumulate?: number;
  readonly views: readonly ViewJson[];
  readonly bindings: readonly BindingJson[];
  readonly source?: SourceRef;
  /** Further data sets whose images are trained on with those of `source`. */
  readonly also?: readonly SourceRef[];
  readonly pairs?: readonly PairJson[];
  readonly validate?: readonly ValidationJson[];
  /** Scalar inputs `lr.<name>` of the update graph and their rates before the schedule. */
  readonly groups: readonly RateGroup[];
  readonly schedule: ScheduleJson;
  readonly losses: readonly LossEntry[];
  readonly phases: readonly PhaseEntry[];
  readonly update: string;
}
/** What an inference program reads of an image: the photo, its tags, what an artefact of the pipeline holds for it, or a group of partners. */
export interface InferInputJson {
  readonly input: string;
  /** `drawn`: for each image of a group the class it was drawn for, one-hot. */
  readonly part: 'image' | 'tags' | 'cams' | 'maps' | 'masks' | 'saliency' | 'drawn';
  /** The group of partners that it is of, which lie along its first axis. */
  readonly group?: string;
  /** For images: steps from the decoded photo to this input. */
  readonly steps: readonly ViewStepJson[];
}
export interface InferEntry {
  /** Of everything in the program that decides what this inference returns for given weights: part of the key of infer stages. */
  readonly hash: string;
  readonly graph: string;
  readonly inputs: readonly InferInputJson[];
  readonly photo: { readonly height: string; readonly width: string };
  readonly readsTags: boolean;
  /** One, called `result`, or the fields of a record, each an output of the graph. */
  readonly returns: readonly { readonly name: string; readonly kind: string; readonly background: boolean }[];
}
export interface ProgramMeta {
  readonly format: 1;
  readonly name: string;
  /** Spec file as the user named it. */
  readonly spec: string;
  /** Of the whole program, for people; what stages depend on are the hashes of `train` and of each `infer`. */
  readonly hash: string;
  readonly compiler: string;
  readonly batchDim: string;
  readonly classDim: string;
  readonly supervision: readonly string[];
  /** What the authors do not settle and the spec marks `@inferred`: every number that rests on the program is our reading. */
  readonly readings?: readonly string[];
  /** Absent where every parameter starts from nothing. */
  readonly pretrained?: readonly PretrainedBackbone[];
  readonly state: readonly StateEntry[];
  readonly graphs: Readonly<Record<string, GraphEntry>>;
  readonly train?: TrainEntry;
  readonly infer: Readonly<Record<string, InferEntry>>;
}
export interface Program {
  readonly meta: ProgramMeta;
  readonly graphs: Readonly<Record<string, GraphFunction>>;
}
