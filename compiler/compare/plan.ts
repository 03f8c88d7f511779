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
  readonly results: readonly ComparedResult[];
}
