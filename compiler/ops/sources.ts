/** Operators without inputs: what a graph starts from. */
import type { OperatorDefinition } from './definition.ts';
import type { DType } from './graph.ts';
import { ANY, always, constantType, dim, dims } from './rules.ts';

const source = { inputs: [], differentiability: 'source', batch: 'source' } as const;

export const SOURCES: readonly OperatorDefinition[] = [
  {
    ...source,
    name: 'const',
    doc: 'One number.',
    attrs: { value: 'float', dtype: 'dtype' },
    result: (_, attrs) => constantType(attrs),
    kind: (_, attrs) => ({ kind: 'tensor', range: { low: attrs.value as number, high: attrs.value as number } }),
  },
  {
    ...source,
    name: 'fill',
    doc: 'One number in every place.',
    attrs: { shape: 'dims', value: 'float', dtype: 'dtype' },
    result: (_, attrs) => ({ dtype: attrs.dtype as DType, shape: dims(attrs, 'shape') }),
    kind: (_, attrs) => ({ kind: 'tensor', range: { low: attrs.value as number, high: attrs.value as number } }),
  },
  {
    ...source,
    name: 'iota',
    doc: '0, 1, 2 … as i32.',
    attrs: { size: 'dim' },
    result: (_, attrs) => ({ dtype: 'i32', shape: [dim(attrs, 'size')] }),
    kind: always('tensor', { low: 0, high: Number.POSITIVE_INFINITY }),
  },
  {
    ...source,
    name: 'dim',
    doc: 'A size as a number.',
    attrs: { value: 'dim', dtype: 'dtype' },
    result: (_, attrs) => constantType(attrs),
    kind: always('tensor', { low: 0, high: ANY.high }),
  },
];
