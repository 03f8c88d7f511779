/** How a reference file and a program fit together, as data; `runtime/compare` reads values of these types. */

/** The axes of a tensor in the file and in the program by letters; `1` is an axis of length one that comes or goes. */
export interface AxisOrder {
  readonly file: readonly string[];
  readonly program: readonly string[];
}

/** An input of the graph and the tensor of the file that it is given. */
export interface Feed {
  readonly role: 'state' | 'batch';
  readonly name: string;
  readonly key: string;
  /** Undefined where both have the same order. */
  readonly axes: AxisOrder | undefined;
}

/** A result of the graph and the tensor of the file that it is compared with. */
export interface ComparedResult {
  readonly from: 'gradients' | 'losses' | 'outputs';
  readonly name: string;
  /** Further results that are added to it, of the same shape. */
  readonly plus?: readonly string[];
  readonly key: string;
  readonly axes: AxisOrder | undefined;
  /** Tags in the file: only channels (the last axis) of classes with one are compared. */
  readonly present?: string;
}

/** A free dimension of the program and where the file has it; `axis` counts in the program's order. */
export interface DimensionSource {
  readonly dimension: string;
  readonly feed: Feed;
  readonly axis: number;
}

/** One call of one graph. */
export interface CallPlan {
  readonly graph: string;
  readonly feeds: readonly Feed[];
  readonly dimensions: readonly DimensionSource[];
  /** Free dimensions that the case states. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly results: readonly ComparedResult[];
}

/** One tensor of the file that a training step makes: results of the gradients graph or of the update graph, or state after the step. */
export interface StepResult {
  readonly from: 'outputs' | 'update outputs' | 'state';
  readonly name: string;
  readonly key: string;
  readonly axes: AxisOrder | undefined;
  /** From 1. */
  readonly step: number;
}

/** Numbers of every step, stacked along the first axis; several names along the second. */
export interface StackedResult {
  readonly of: 'losses' | 'rates' | 'grad_norms';
  /** Losses, or groups of parameters. */
  readonly names: readonly string[];
  /** What each is multiplied by; nothing where none is. */
  readonly times?: readonly number[];
  readonly key: string;
}

/** A method's own training steps, all on one batch. */
export interface TrainingPlan {
  readonly steps: number;
  /** Steps that the schedule is stretched over. */
  readonly total: number;
  /** Epoch (from 0) whose losses are on. */
  readonly epoch: number;
  /** The epoch that each step starts, from 0, in the place of `total`: schedule and losses are those of its first step. */
  readonly epochs?: readonly number[];
  readonly batch: readonly Feed[];
  readonly state: readonly Feed[];
  readonly results: readonly StepResult[];
  readonly stacked: readonly StackedResult[];
}
