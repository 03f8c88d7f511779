/**
 * What the checker hands to the rest of the compiler for one method (or one compare case): state, flat graphs, and the plan of
 * training, inference and stages as data. Nothing later looks at an AST.
 */
import type { Graph, Kind, TensorType } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';

export type StateRole = 'parameter' | 'statistic' | 'slot' | 'average' | 'flag';

/** What a filter's first values are scaled by: its inputs, its outputs, or the mean of both (Glorot). */
export type Fan = 'in' | 'out' | 'mean';

/** How a tensor of the state gets its first value. Fans are read off a filter's shape [kh, kw, in, out] or a matrix [in, out]. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** uniform(-b, b) with b = sqrt(scale / fan); PyTorch's default for a convolution is scale 1, fan in. */
  | { readonly kind: 'fan_uniform'; readonly scale: number; readonly fan: Fan }
  /** normal with std = sqrt(scale / fan); He initialisation is scale 2. */
  | { readonly kind: 'fan_normal'; readonly scale: number; readonly fan: Fan };

export interface StateDeclaration {
  /** Declaration path: `net.layer3.2.conv1.weight`, `sides.0.weight`. The key in checkpoints. */
  readonly key: string;
  readonly role: StateRole;
  readonly type: TensorType;
  readonly init: Initializer;
  /** Of role `average`: the parameter it starts equal to and follows after every step, t = momentum · t + (1 - momentum) · p. */
  readonly average?: { readonly of: string; readonly momentum: number };
  /** Part of a `backbone` declaration: may come from a pretrained file. */
  readonly backbone: boolean;
  /** What kind of parameter, for groups by role. */
  readonly parameterRole: 'kernel' | 'bias' | 'norm' | 'other' | undefined;
  readonly span: Span | undefined;
}

/** A backbone that starts from weights trained before; training is refused without them. */
export interface PretrainedBackbone {
  /** Declaration path: the head of its keys. */
  readonly backbone: string;
  /** What the weights were trained on: `imagenet`. */
  readonly on: string;
  /** The module that makes it, as the spec writes it: `resnet50`. */
  readonly module: string;
  /** How files of others name its tensors. */
  readonly namings?: readonly Naming[];
}

/** `naming torchvision of resnet { … }` */
export interface Naming {
  readonly name: string;
  /** Names of the file and ours: the first line whose right side fits counts. */
  readonly lines: readonly (readonly [theirs: string, ours: string])[];
  /** Tensors of the file that are of no part of the module. */
  readonly others: readonly string[];
}

/** Epochs, counted from 0, in which something is done. */
export interface EpochSpan {
  readonly fromEpoch: number;
  /** The first epoch in which it is done no more; absent where it stays. */
  readonly untilEpoch?: number;
}

export interface LossDeclaration {
  readonly name: string;
  /** Factor in the total. */
  readonly weight: number | WeightRamp;
  /** First epoch (from 0) in which it is computed. */
  readonly fromEpoch: number;
  /** First epoch in which it is computed no more; absent where it stays on. */
  readonly untilEpoch?: number;
  /**
   * What becomes of parameters while all losses that reach them are off: gradients of zero, on which decay and momentum act, unless every one
   * of these losses says that they stay untouched, slots and all.
   */
  readonly off?: 'untouched';
  readonly span: Span;
}

/** A factor that grows linearly from epoch `fromEpoch` to `toEpoch`, counted in fractions of epochs, and is constant before and after. */
export interface WeightRamp {
  readonly from: number;
  readonly to: number;
  readonly fromEpoch: number;
  readonly toEpoch: number;
}

export type OptimizerRule =
  /** d = g + wd*p; buffer = momentum*buffer + d; p -= lr*buffer (or lr*(d + momentum*buffer) with Nesterov). PyTorch's SGD. */
  | { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  /** Adam with L2 decay added to the gradient. */
  | { readonly kind: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  /** Decoupled decay: p -= lr*wd*p first. */
  | { readonly kind: 'adamw'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  /** Momentum (Nesterov), orthogonalised by Newton–Schulz on the [kh*kw*in, out] matrix, scale sqrt(max(1, out/in)), decoupled decay. */
  | { readonly kind: 'muon'; readonly momentum: number; readonly nesterov: boolean; readonly iterations: number };

export interface ParameterGroup {
  readonly name: string;
  readonly keys: readonly string[];
  readonly rule: OptimizerRule;
  /** Rate of this group before the schedule's factor. */
  readonly rate: number;
  readonly weightDecay: number;
  /** Where it has one of its own. */
  readonly schedule?: SchedulePlan;
}

export interface OptimizerPlan {
  /** Gradients of all groups are scaled by min(1, clipNorm / (global L2 norm + 1e-6)). */
  readonly clipNorm: number | undefined;
  readonly groups: readonly ParameterGroup[];
}

/** Factor on every group's rate at step t of T (t from 0). */
export interface SchedulePlan {
  readonly shape:
    | { readonly kind: 'constant' }
    /** (1 - t/T)^power, recomputed every `every` steps; past the end the last value stays. */
    | { readonly kind: 'poly'; readonly power: number; readonly every: number }
    | { readonly kind: 'cosine'; readonly final: number }
    | { readonly kind: 'steps'; readonly at: readonly number[]; readonly factor: number };
  /** Share of all steps (or a number of steps when > 1) of linear warm-up from 0. */
  readonly warmup: number;
}

/** One step of a view: an operation of `runtime/data/views` with plain arguments. */
export interface ViewStep {
  readonly op: string;
  readonly args: Readonly<Record<string, number | string | boolean | readonly number[]>>;
}
export interface ViewPlan {
  readonly name: string;
  /** `source`, the name of a pair (its partner), or the name of another view. */
  readonly from: string;
  readonly steps: readonly ViewStep[];
}
/** What a batch input of a graph is filled with. */
export interface BatchBinding {
  /** Name of the graph's batch input. */
  readonly input: string;
  /** View it comes from; for tags, which no view changes, `source` or a pair. */
  readonly view: string;
  readonly part: 'image' | 'inside' | 'tags' | 'mask' | 'saliency' | 'geometry';
}

export interface SourceRef {
  readonly dataset: string;
  readonly split: string;
}

/** Partners of images: a class uniform over the image's own, then an image of it, uniform; seeded by the image's id. */
export interface PairPlan {
  readonly name: string;
  /** Whether an image may be its own partner. */
  readonly self: boolean;
  /** Images that partners come from; without it those that are trained on. */
  readonly from?: readonly SourceRef[];
}

/** Partners of one photo, which a stage draws for an inference program; seeded by the photo's id. */
export interface GroupPlan {
  /** Partners for each of the photo's classes in turn; otherwise for each partner a class is drawn, uniform. */
  readonly every: boolean;
  /** Partners of one class, drawn with replacement. */
  readonly images: number;
  /** Whether the photo may be its own partner. */
  readonly self: boolean;
  /** Images that partners come from; without it those that the stage runs on. */
  readonly from?: readonly SourceRef[];
}

/** Scores an inference program while training, every so many steps or epochs and at the end. */
export interface ValidationPlan {
  readonly every: { readonly steps: number } | { readonly epochs: number };
  readonly on: SourceRef;
  /** Name of the inference program. */
  readonly program: string;
  /** The best weights so far are kept by this metric: that is supervision by the ground truth of `on`. */
  readonly best?: 'miou';
  /** Whether the split's tags are given to a program that reads them. */
  readonly tags: boolean;
}

export interface TrainPlan {
  readonly epochs: number | undefined;
  readonly steps: number | undefined;
  readonly batch: number;
  /** Batches whose gradients make one step, as if they were one batch; 1 when absent. */
  readonly accumulate?: number;
  readonly views: readonly ViewPlan[];
  readonly bindings: readonly BatchBinding[];
  /** The data set named in the spec, e.g. `voc.train_aug`; a pipeline stage may name another. */
  readonly source: SourceRef | undefined;
  /** Further data sets whose images are trained on with those of `source`. */
  readonly also?: readonly SourceRef[];
  readonly pairs?: readonly PairPlan[];
  readonly validate?: readonly ValidationPlan[];
  readonly optimizer: OptimizerPlan;
  readonly schedule: SchedulePlan;
  readonly losses: readonly LossDeclaration[];
  readonly phases: readonly PhasePlan[];
  /** The update of all parameters that any loss trains. */
  readonly update: string;
}

/** The graphs used from an epoch on. */
export interface PhasePlan {
  readonly fromEpoch: number;
  readonly graph: string;
  /** Where some parameters stay untouched: the update of the others. */
  readonly update?: string;
}

/** What an inference program reads of an image: the photo, its tags, or what an artefact of the pipeline holds for it. */
export type InferPart = 'image' | 'tags' | 'cams' | 'maps' | 'masks' | 'saliency' | 'drawn';

export interface InferInput {
  readonly input: string;
  /** `drawn`: for each image of a group the class it was drawn for, one-hot. */
  readonly part: InferPart;
  /** The group of partners that it is of, which lie along its first axis. */
  readonly group?: string;
  /** For images: steps from the decoded photo to this input. */
  readonly steps: readonly ViewStep[];
}
export interface InferReturn {
  readonly name: string;
  /** `cam` (with or without background), `logits`, `probabilities`, `boundary`. */
  readonly kind: Kind;
  readonly background: boolean;
}
export interface InferPlan {
  readonly name: string;
  readonly graph: string;
  readonly inputs: readonly InferInput[];
  /** Dimensions of the photo itself, as named in the program's signature (`h0`, `w0`). */
  readonly photo: { readonly height: string; readonly width: string };
  readonly readsTags: boolean;
  /** The maps that it returns: one, called `result`, or the fields of a record, each an output of the graph. */
  readonly returns: readonly InferReturn[];
  readonly span: Span;
}

export interface MethodProgram {
  readonly name: string;
  readonly state: readonly StateDeclaration[];
  /** Every graph of the program by name: `forward`/`gradients…`, `update`, `infer.<name>`. */
  readonly graphs: Readonly<Record<string, Graph>>;
  /** The dimension that counts images of a batch (`N`), and the one that counts classes (`K`). */
  readonly batchDim: string;
  readonly classDim: string;
  readonly train: TrainPlan | undefined;
  readonly infer: Readonly<Record<string, InferPlan>>;
  readonly supervision: readonly string[];
  /** What the authors do not settle and the spec marks `@inferred`; absent where there is nothing. */
  readonly readings?: readonly string[];
  /** Absent where every parameter starts from nothing. */
  readonly pretrained?: readonly PretrainedBackbone[];
}
