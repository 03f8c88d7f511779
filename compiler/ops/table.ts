/** The operator table: one entry for each primitive; everything the compiler knows of an operator is here. */
import { ALGEBRA } from './algebra.ts';
import { CONVOLUTION } from './convolution.ts';
import type { OperatorDefinition } from './definition.ts';
import { DEPTHWISE } from './depthwise.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { LAYOUT } from './layout.ts';
import { NEIGHBOURHOOD } from './neighbourhood.ts';
import { POOLING } from './pooling.ts';
import { REDUCE } from './reduce.ts';
import { RESIZE } from './resize.ts';
import { SAMPLING } from './sampling.ts';
import { SOURCES } from './sources.ts';

const table: ReadonlyMap<string, OperatorDefinition> = new Map(
  [
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
  ].map((entry) => [entry.name, entry] as const),
);

export const operatorNames: readonly string[] = [...table.keys()];

/** The entry of an operator; graphs only hold operators of the table, `input` aside. */
export function operator(name: string): OperatorDefinition {
  const found = table.get(name);
  if (!found) throw new Error(`no operator '${name}' in the table`);
  return found;
}
