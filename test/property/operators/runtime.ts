/** The runtime's function for each operator of the table, called with plain numbers as generated programs call it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Node } from '../../../compiler/ops/graph.ts';
import * as algebra from '../../../runtime/ops/algebra.ts';
import * as convolution from '../../../runtime/ops/convolution.ts';
import * as depthwise from '../../../runtime/ops/depthwise.ts';
import * as elementwise from '../../../runtime/ops/elementwise.ts';
import * as indexing from '../../../runtime/ops/indexing.ts';
import * as layout from '../../../runtime/ops/layout.ts';
import * as neighbourhood from '../../../runtime/ops/neighbourhood.ts';
import * as pooling from '../../../runtime/ops/pooling.ts';
import * as reduce from '../../../runtime/ops/reduce.ts';
import * as resize from '../../../runtime/ops/resize.ts';
import * as sampling from '../../../runtime/ops/sampling.ts';
import * as sources from '../../../runtime/ops/sources.ts';
import { type NumericValue, numericAttributes, type Sizes } from '../../reference/attributes.ts';

const exported: ReadonlyMap<string, unknown> = new Map(
  [algebra, convolution, depthwise, elementwise, indexing, layout, neighbourhood, pooling, reduce, resize, sampling, sources].flatMap(
    (family): [string, unknown][] => Object.entries(family),
  ),
);

/** No kernels of their own: the emitter writes nothing for them. */
export const WITHOUT_KERNEL: readonly string[] = ['detach', 'identity'];

type Kernel = (...args: readonly (Tensor | Readonly<Record<string, NumericValue>>)[]) => Tensor;

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}

export function kernel(op: string): Kernel {
  const name = op === 'const' ? 'constant' : op.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const found = exported.get(name);
  if (!isKernel(found)) throw new Error(`the runtime has no function '${name}'`);
  return found;
}

/** Runs a node's operator on tensors. */
export function runNode(node: Node, inputs: readonly Tensor[], sizes: Sizes): Tensor {
  const attrs = numericAttributes(node.attrs, sizes);
  return Object.keys(attrs).length === 0 ? kernel(node.op)(...inputs) : kernel(node.op)(...inputs, attrs);
}
