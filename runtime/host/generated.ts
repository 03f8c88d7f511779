/** Everything that generated programs import from `wsss/runtime`, and what `load.ts` hands to them. */
import * as algebra from '../ops/algebra.ts';
import * as convolution from '../ops/convolution.ts';
import * as depthwise from '../ops/depthwise.ts';
import * as elementwise from '../ops/elementwise.ts';
import * as indexing from '../ops/indexing.ts';
import * as layout from '../ops/layout.ts';
import * as neighbourhood from '../ops/neighbourhood.ts';
import * as pooling from '../ops/pooling.ts';
import * as reduce from '../ops/reduce.ts';
import * as resize from '../ops/resize.ts';
import * as sampling from '../ops/sampling.ts';
import * as sources from '../ops/sources.ts';

/** The primitives, named as in the operator table but in camel case (`const` is `constant`). */
export const ops = {
  ...sources,
  ...elementwise,
  ...reduce,
  ...layout,
  ...indexing,
  ...algebra,
  ...convolution,
  ...depthwise,
  ...neighbourhood,
  ...pooling,
  ...resize,
  ...sampling,
} as const;

export type { Scope } from '../ops/scope.ts';
export { scope } from '../ops/scope.ts';
export type { Tensor } from '../ops/tensor.ts';
export type { GraphArguments, GraphEntry, GraphResult, InferEntry, Program, ProgramMeta, StateEntry, TensorMap } from '../program.ts';
export * as sizes from '../size-arithmetic.ts';
export { allAxes, checkArguments, keysOf, slotsOf, statePorts } from './arguments.ts';
