/**
 * A pipeline as plain data: what the compiler's checker writes and `runPipeline` runs. Stages are listed in an order in which every input comes
 * before its reader. Sizes of nothing are stored here: data sets and programs are found by name when the plan runs.
 */

/** Part of a data set: `split` names a list file (without `.txt`); `limit` keeps only its first images. */
export interface SplitPlan {
  readonly dataset: string;
  readonly split: string;
  readonly limit?: number;
}

/** Where a data set comes from when the command line names none. */
export type DatasetPlan =
  | {
      readonly kind: 'voc';
      readonly root?: string;
      readonly tagsFromMasks?: boolean;
      /** Folders in the root, and a label file beside the usual ones. */
      readonly masks?: string;
      readonly saliency?: string;
      readonly labels?: string;
      /** What the checker holds against the declared supervision. */
      readonly images?: 'single_label' | 'web';
    }
  | {
      readonly kind: 'emojivoc';
      readonly seed: number;
      readonly train: number;
      readonly val: number;
      readonly classes?: readonly string[];
    }
  /** Photographs without labels; `classes` is the number of foreground classes that the weights were trained for. */
  | { readonly kind: 'photos'; readonly files: readonly string[]; readonly classes: number };

/** What a stage leaves behind; a stage that reads it says which kinds it accepts. */
export type ArtefactKind =
  /** `checkpoint.safetensors`, `log.jsonl`. */
  | 'checkpoint'
  /** `ID.npy`: { keys, high_res } (IRN style, no background) or { keys, IS_CAM } (SIPE style, background first). */
  | 'cams'
  /** `ID.npy`: a float32 array [channels, height, width]. */
  | 'maps'
  /** A folder for each part, of its own kind; a stage that reads one says which: `seeds.cam`. */
  | 'record'
  /** `ID.png`: palette label maps, 255 unsure. */
  | 'masks'
  /** `ID.png`: saliency from 0 to 255. */
  | 'saliency'
  /** `ID.xml`: annotations with boxes, as VOC has them. */
  | 'boxes'
  /** `threshold.json`: the value, the sweep, and which ground truth chose it. */
  | 'threshold'
  /** `scores.json`. */
  | 'scores'
  /** `report.html`, `scores.json`. */
  | 'report';

interface StageBase {
  readonly name: string;
  /** The spec marks the stage `@inferred`: every score that rests on it is our reading. */
  readonly reading?: string;
}

/** Trains `program`; `init` gives first values for matching parameters and statistics, `masks` the masks that a segmenter learns from, `saliency` its maps. */
export interface TrainStage extends StageBase {
  readonly op: 'train';
  readonly program: string;
  readonly inputs: {
    readonly init?: string;
    /** Several where images of several data sets are trained on, each for those that it is of. */
    readonly masks?: string | readonly string[];
    /** Maps in the place of those of the data set. */
    readonly saliency?: string;
  };
  readonly args: {
    /** Default: the source named in the program's `train`. */
    readonly on?: SplitPlan;
    readonly epochs?: number;
    readonly steps?: number;
    /** Numbers of epochs after which the weights are kept beside the last ones, for later stages. */
    readonly keep?: readonly number[];
    /** The first batch again and again, its pictures cut and mirrored as in the first epoch, with all losses from the start. */
    readonly oneBatch?: boolean;
    /** File of weights (safetensors) for backbones that ask for them, or else for keys that match; relative to the working folder. */
    readonly weights?: string;
  };
}

/** How partners of one photo are drawn; `from` are the images that they come from, those of the stage without it. */
export interface GroupPlan {
  /** Partners for each of the photo's classes in turn; otherwise for each partner a class is drawn, uniform. */
  readonly every: boolean;
  readonly images: number;
  readonly self: boolean;
  readonly from?: readonly SplitPlan[];
}

/** Runs the inference program `entry` on every image. */
export interface InferStage extends StageBase {
  readonly op: 'infer';
  readonly program: string;
  readonly inputs: {
    /** Absent for a program that reads no weights. */
    readonly checkpoint?: string;
    /** Artefacts that parameters of the program read, by parameter. */
    readonly given?: Readonly<Record<string, string>>;
  };
  readonly args: {
    readonly entry: string;
    readonly on: SplitPlan;
    /** Partners that are drawn for each photo, by parameter. */
    readonly groups?: Readonly<Record<string, GroupPlan>>;
    /**
     * `labels`: the arg-max as palette PNG (artefact `masks`); `maps`: the numbers (artefact `cams` for kind cam, else `maps`). Results of the kinds
     * labels and saliency are masks and saliency either way.
     */
    readonly save: 'maps' | 'labels';
    /** Which weights of the training: the last, those after an epoch, or the best by its validation, which is supervision by that ground truth. */
    readonly checkpoint?: 'best' | 'last' | { readonly epoch: number };
  };
}

/** Chooses the background threshold with the best mIoU on a split with ground truth; a threshold chosen so is recorded as supervision. */
export interface ThresholdStage extends StageBase {
  readonly op: 'threshold';
  readonly inputs: { readonly cams: string };
  readonly args: { readonly on: SplitPlan; readonly from: number; readonly to: number; readonly step: number };
}

/** Background score: a constant given here, the outcome of a threshold stage, or none where the maps carry a background channel. */
export interface BackgroundArgs {
  readonly threshold?: number;
  /** Who says the constant; the spec when absent. */
  readonly thresholdSource?: string;
}

export interface CrfKernelPlan {
  readonly kind: 'gaussian' | 'bilateral';
  readonly weight: number;
  readonly sxy: number;
  /** Bilateral only. */
  readonly srgb?: number;
}

/**
 * Dense CRF on cams (with background) or, with unary `labels`, on their arg-max; labels are the present classes and background. On maps, such as
 * the probabilities of a segmenter, the labels are all of theirs, the background first.
 */
export interface CrfStage extends StageBase {
  readonly op: 'crf';
  readonly inputs: { readonly cams: string; readonly threshold?: string };
  readonly args: BackgroundArgs & {
    readonly unary: /** Probabilities (scores + epsilon)^power, normalised over the labels. */
      | { readonly kind: 'scores'; readonly power: number; readonly epsilon: number }
      /** Probabilities as they are, at least `clip` (pydensecrf's unary_from_softmax: 1e-5). */
      | { readonly kind: 'probabilities'; readonly clip: number }
      /** Labels taken as right with probability `confidence` (IRN: 0.7). */
      | { readonly kind: 'labels'; readonly confidence: number };
    readonly kernels: readonly CrfKernelPlan[];
    readonly iterations: number;
  };
}

/** The arg-max of cams (with background) as label maps. */
export interface MasksStage extends StageBase {
  readonly op: 'masks';
  readonly inputs: { readonly cams: string; readonly threshold?: string };
  readonly args: BackgroundArgs;
}

/**
 * Inter-pixel labels (IRN, SIPE): a class where a pass with much background is sure of it, background where one with little says so, `unsure`
 * elsewhere. Maps without background get the constants `foreground` and `background`; others keep theirs, times 1 and `background_factor`.
 */
export interface IrLabelStage extends StageBase {
  readonly op: 'ir_label';
  readonly inputs: { readonly cams: string };
  readonly args: {
    readonly foreground: number;
    readonly background: number;
    readonly background_factor: number;
    /** The CRF on the label maps; none leaves it out. */
    readonly kernels: readonly CrfKernelPlan[];
    readonly iterations: number;
    readonly confidence: number;
    readonly unsure: number;
  };
}

/** Maps to a power, carried by a random walk over affinities that boundaries cut, back at image size, and their arg-max (IRN, SIPE). */
export interface RandomWalkStage extends StageBase {
  readonly op: 'random_walk';
  readonly inputs: { readonly cams: string; readonly boundary: string; readonly threshold?: string };
  readonly args: BackgroundArgs & {
    readonly radius: number;
    readonly beta: number;
    readonly log2_steps: number;
    readonly power: number;
    /** Pixels of the image for one of the boundary map. */
    readonly stride: number;
  };
}

/** Scores masks (or cams, by their arg-max) against ground truth. */
export interface EvaluateStage extends StageBase {
  readonly op: 'evaluate';
  readonly inputs: { readonly predictions: string; readonly threshold?: string };
  readonly args: BackgroundArgs & {
    readonly on: SplitPlan;
    /** What the report calls it, e.g. `seeds`, `pseudo masks`, `segmenter`. */
    readonly label?: string;
    /** What a predicted 255 counts as. */
    readonly predicted255?: 'background' | 'exclude';
    /** Also score cams over these background thresholds, for the curve in the report (nothing is chosen from it). */
    readonly sweep?: { readonly from: number; readonly to: number; readonly step: number };
    /** What the authors report, in percent, how far from it counts as the same, and where they report it. */
    readonly expectation?: { readonly value: number; readonly tolerance: number; readonly source: string };
  };
}

/** Scores of predictions that need no training: all background, the best constant class, tags alone. */
export interface BaselineStage extends StageBase {
  readonly op: 'baseline';
  readonly inputs: Readonly<Record<string, never>>;
  readonly args: { readonly on: SplitPlan };
}

/** The page to look at. */
export interface ReportStage extends StageBase {
  readonly op: 'report';
  readonly inputs: {
    readonly scores: readonly string[];
    readonly training: readonly string[];
    readonly thresholds: readonly string[];
    readonly panels: readonly { readonly title: string; readonly stage: string }[];
  };
  readonly args: { readonly title: string; readonly on: SplitPlan; readonly images: number };
}

/** What somebody already has, in place of a stage: a checkpoint file, or a folder of maps or masks. It is read where it lies. */
export interface GivenStage extends StageBase {
  readonly op: 'given';
  readonly inputs: Readonly<Record<string, never>>;
  readonly args: {
    /** For a checkpoint a safetensors file, or the folder that holds `checkpoint.safetensors`. */
    readonly path: string;
    readonly kind: 'checkpoint' | 'cams' | 'maps' | 'masks' | 'saliency' | 'boxes';
    /** The images that maps or masks are of. */
    readonly on?: SplitPlan;
  };
}

export type StagePlan =
  | GivenStage
  | TrainStage
  | InferStage
  | ThresholdStage
  | CrfStage
  | MasksStage
  | IrLabelStage
  | RandomWalkStage
  | EvaluateStage
  | BaselineStage
  | ReportStage;

export interface PipelinePlan {
  readonly format: 1;
  readonly name: string;
  readonly datasets: Readonly<Record<string, DatasetPlan>>;
  readonly stages: readonly StagePlan[];
  readonly seed?: number;
}

/** The names of the stages that a stage reads, in a fixed order, each once; of a part of a record the stage that makes it. */
export function inputStages(stage: StagePlan): readonly string[] {
  const names: string[] = [];
  switch (stage.op) {
    case 'train':
      names.push(...present(stage.inputs.init), ...[stage.inputs.masks ?? []].flat(), ...present(stage.inputs.saliency));
      break;
    case 'infer':
      names.push(...present(stage.inputs.checkpoint), ...Object.values(stage.inputs.given ?? {}));
      break;
    case 'threshold':
      names.push(stage.inputs.cams);
      break;
    case 'crf':
    case 'masks':
      names.push(stage.inputs.cams, ...present(stage.inputs.threshold));
      break;
    case 'ir_label':
      names.push(stage.inputs.cams);
      break;
    case 'random_walk':
      names.push(stage.inputs.cams, stage.inputs.boundary, ...present(stage.inputs.threshold));
      break;
    case 'evaluate':
      names.push(stage.inputs.predictions, ...present(stage.inputs.threshold));
      break;
    case 'baseline':
    case 'given':
      break;
    case 'report':
      names.push(
        ...stage.inputs.scores,
        ...stage.inputs.training,
        ...stage.inputs.thresholds,
        ...stage.inputs.panels.map((panel) => panel.stage),
      );
      break;
    default:
      return unreachable(stage);
  }
  return [...new Set(names.map((name) => name.split('.')[0]))];
}

function present(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

function unreachable(value: never): never {
  throw new Error(`not a stage: ${JSON.stringify(value)}`);
}
