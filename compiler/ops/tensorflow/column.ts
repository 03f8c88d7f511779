/** The operator table's TensorFlow column: how each operator becomes nodes of a TensorFlow graph. */
import { operatorNames } from '../table.ts';
import { CONVOLUTION } from './convolution.ts';
import { DEPTHWISE } from './depthwise.ts';
import { ELEMENTWISE, SOURCES } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { ALGEBRA, LAYOUT, REDUCE } from './layout.ts';
import { NEIGHBOURHOOD } from './neighbourhood.ts';
import { RESIZE } from './resize.ts';
import type { TfRule } from './rule.ts';
import { SAMPLING } from './sampling.ts';
import { POOLING } from './windows.ts';

const column: ReadonlyMap<string, TfRule> = new Map(
  Object.entries({
    ...SOURCES,
    ...ELEMENTWISE,
    ...REDUCE,
    ...LAYOUT,
    ...INDEXING,
    ...ALGEBRA,
    ...CONVOLUTION,
    ...DEPTHWISE,
    ...NEIGHBOURHOOD,
    ...POOLING,
    ...RESIZE,
    ...SAMPLING,
  }),
);

/** The rule of an operator; undefined where it has none yet. */
export function tensorflowRule(name: string): TfRule | undefined {
  return column.get(name);
}

/** Operators of the table without a rule. */
export function withoutTensorFlow(): readonly string[] {
  return operatorNames.filter((name) => !column.has(name));
}
