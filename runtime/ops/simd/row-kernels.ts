/**
 * Vector kernels over runs of consecutive floats: comparison, selection, extrema, scaled addition, and the gradient of max pooling. JavaScript
 * compiles a data-dependent choice to a branch, which costs ten times the choice itself on data that is not sorted.
 */
import {
  assemble,
  atLeast,
  type Code,
  comparisons,
  countDown,
  extrema,
  type FloatOperator,
  increase,
  loopWhile,
  op,
  type Procedure,
  when,
} from './assembler.ts';

/** Whether each operand of a run advances; one that does not is a single value for the whole run. */
export type Advance = 'both' | 'first' | 'second';
const advances: readonly Advance[] = ['both', 'first', 'second'];

export type ComparisonName = keyof typeof comparisons;
export type ExtremumName = keyof typeof extrema;

const names = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(table).filter((key): key is K => key in table);

/** Loads lane group `t` of an operand: four floats, or one float four times. */
const four = (local: number, moves: boolean, t: number): Code => [...op.get(local), ...(moves ? op.vectorLoad(16 * t) : op.splatLoad(0))];
const one = (local: number): Code => [...op.get(local), ...op.f32Load(0)];
const advance = (local: number, moves: boolean, bytes: number): Code => (moves ? increase(local, op.i32(bytes)) : []);

/** (out, a, b, n): out holds bytes 0 and 1. */
function comparison(operator: FloatOperator, which: Advance): Procedure {
  const [out, a, b, n] = [0, 1, 2, 3];
  const [aMoves, bMoves] = [which !== 'second', which !== 'first'];
  const mask = (t: number): Code => [...four(a, aMoves, t), ...four(b, bMoves, t), ...operator.four];
  const step = (count: number): Code => [
    ...increase(out, op.i32(count)),
    ...advance(a, aMoves, 4 * count),
    ...advance(b, bMoves, 4 * count),
    ...increase(n, op.i32(-count)),
  ];
  const body: Code = [
    ...loopWhile(atLeast(n, 16), [
      ...op.get(out),
      ...[
        ...mask(0),
        ...mask(1),
        ...op.narrowTo16,
        ...mask(2),
        ...mask(3),
        ...op.narrowTo16,
        ...op.narrowTo8,
        ...op.bytes(1),
        ...op.vectorAnd,
      ],
      ...op.vectorStore(0),
      ...step(16),
    ]),
    ...loopWhile(atLeast(n, 1), [...op.get(out), ...one(a), ...one(b), ...operator.one, ...op.byteStore(0), ...step(1)]),
  ];
  return { parameters: 4, body };
}

/** (out, a, b, n) */
function arithmetic(operator: FloatOperator, which: Advance): Procedure {
  const [out, a, b, n] = [0, 1, 2, 3];
  const [aMoves, bMoves] = [which !== 'second', which !== 'first'];
  const step = (count: number): Code => [
    ...increase(out, op.i32(4 * count)),
    ...advance(a, aMoves, 4 * count),
    ...advance(b, bMoves, 4 * count),
    ...increase(n, op.i32(-count)),
  ];
  const body: Code = [
    ...loopWhile(atLeast(n, 4), [
      ...op.get(out),
      ...four(a, aMoves, 0),
      ...four(b, bMoves, 0),
      ...operator.four,
      ...op.vectorStore(0),
      ...step(4),
    ]),
    ...loopWhile(atLeast(n, 1), [...op.get(out), ...one(a), ...one(b), ...operator.one, ...op.f32Store(0), ...step(1)]),
  ];
  return { parameters: 4, body };
}

/** (out, condition, a, b, n): the condition is bytes and advances; elements are any four bytes. */
function selection(which: Advance | 'none'): Procedure {
  const [out, condition, a, b, n, mask] = [0, 1, 2, 3, 4, 5];
  const aMoves = which === 'both' || which === 'first';
  const bMoves = which === 'both' || which === 'second';
  const half = mask + 1;
  const step = (count: number): Code => [
    ...increase(out, op.i32(4 * count)),
    ...increase(condition, op.i32(count)),
    ...advance(a, aMoves, 4 * count),
    ...advance(b, bMoves, 4 * count),
    ...increase(n, op.i32(-count)),
  ];
  const quarter = (t: number, widen: Code): Code => [
    ...op.get(out),
    ...[...four(a, aMoves, t), ...four(b, bMoves, t), ...op.get(half), ...widen, ...op.bitSelect],
    ...op.vectorStore(16 * t),
  ];
  const body: Code = [
    ...loopWhile(atLeast(n, 16), [
      ...[...op.get(condition), ...op.vectorLoad(0), ...op.bytes(0), ...op.bytesDiffer, ...op.set(mask)],
      ...[...op.get(mask), ...op.lowTo16, ...op.set(half), ...quarter(0, op.lowTo32), ...quarter(1, op.highTo32)],
      ...[...op.get(mask), ...op.highTo16, ...op.set(half), ...quarter(2, op.lowTo32), ...quarter(3, op.highTo32)],
      ...step(16),
    ]),
    ...loopWhile(atLeast(n, 1), [
      ...op.get(out),
      ...[...op.get(a), ...op.i32Load(0), ...op.get(b), ...op.i32Load(0), ...op.get(condition), ...op.byteLoad(0), ...op.choose],
      ...op.i32Store(0),
      ...step(1),
    ]),
  ];
  return { parameters: 5, vectors: 2, body };
}

/** (out, x, n, factor): out += factor · x */
function scaledAddition(): Procedure {
  const [out, x, n, factor, factors] = [0, 1, 2, 3, 4];
  const step = (count: number): Code => [
    ...increase(out, op.i32(4 * count)),
    ...increase(x, op.i32(4 * count)),
    ...increase(n, op.i32(-count)),
  ];
  const body: Code = [
    ...[...op.get(factor), ...op.splat, ...op.set(factors)],
    ...loopWhile(atLeast(n, 4), [
      ...op.get(out),
      ...[
        ...op.get(out),
        ...op.vectorLoad(0),
        ...op.get(x),
        ...op.vectorLoad(0),
        ...op.get(factors),
        ...op.vectorMultiply,
        ...op.vectorAdd,
      ],
      ...op.vectorStore(0),
      ...step(4),
    ]),
    ...loopWhile(atLeast(n, 1), [
      ...op.get(out),
      ...[...op.get(out), ...op.f32Load(0), ...op.get(x), ...op.f32Load(0), ...op.get(factor), ...op.f32Multiply, ...op.f32Add],
      ...op.f32Store(0),
      ...step(1),
    ]),
  ];
  return { parameters: 3, scalars: 1, vectors: 1, body };
}

/** (x, dx, y, dy, rows, columns, rowStride, columnStride, channels): one window; dx at the first cell that equals y receives dy, channel by channel. */
function firstMaximum(): Procedure {
  const [x, dx, y, dy, rows, columns, rowStride, columnStride, channels] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const [offset, line, row, column, found] = [9, 10, 11, 12, 13];
  const [largest, gradient, taken, hit] = [14, 15, 16, 17];
  const at = (base: number): Code => [...op.get(base), ...op.get(offset), ...op.add];
  const scan = (cell: Code): Code => [
    ...[...op.i32(0), ...op.set(line), ...op.get(rows), ...op.set(row)],
    ...countDown(row, [
      ...[...op.get(line), ...op.set(offset), ...op.get(columns), ...op.set(column)],
      ...countDown(column, [...cell, ...increase(offset, op.get(columnStride))]),
      ...increase(line, op.get(rowStride)),
    ]),
  ];
  const step = (count: number): Code => [
    ...increase(x, op.i32(4 * count)),
    ...increase(dx, op.i32(4 * count)),
    ...increase(y, op.i32(4 * count)),
    ...increase(dy, op.i32(4 * count)),
    ...increase(channels, op.i32(-count)),
  ];
  const cells: Code = [
    ...[...at(x), ...op.vectorLoad(0), ...op.get(largest), ...op.vectorEqual, ...op.get(taken), ...op.vectorAndNot, ...op.set(hit)],
    ...[...op.get(taken), ...op.get(hit), ...op.vectorOr, ...op.set(taken)],
    ...[
      ...at(dx),
      ...at(dx),
      ...op.vectorLoad(0),
      ...op.get(gradient),
      ...op.get(hit),
      ...op.vectorAnd,
      ...op.vectorAdd,
      ...op.vectorStore(0),
    ],
  ];
  const cell: Code = when(
    [...at(x), ...op.f32Load(0), ...op.get(y), ...op.f32Load(0), ...op.f32Equal, ...op.get(found), ...op.isZero, ...op.and],
    [
      ...at(dx),
      ...at(dx),
      ...op.f32Load(0),
      ...op.get(dy),
      ...op.f32Load(0),
      ...op.f32Add,
      ...op.f32Store(0),
      ...op.i32(1),
      ...op.set(found),
    ],
  );
  const body: Code = [
    ...loopWhile(atLeast(channels, 4), [
      ...[
        ...op.get(y),
        ...op.vectorLoad(0),
        ...op.set(largest),
        ...op.get(dy),
        ...op.vectorLoad(0),
        ...op.set(gradient),
        ...op.bytes(0),
        ...op.set(taken),
      ],
      ...scan(cells),
      ...step(4),
    ]),
    ...loopWhile(atLeast(channels, 1), [...op.i32(0), ...op.set(found), ...scan(cell), ...step(1)]),
  ];
  return { parameters: 9, integers: 5, vectors: 4, body };
}

/** (out, x, rows, columns, rowBytes, columnBytes): out[c, r] = x[r, c] for whole tiles of 4 × 4; rows and columns are multiples of four. */
function transposition(): Procedure {
  const [out, x, rows, columns, xRow, outRow] = [0, 1, 2, 3, 4, 5];
  const [from, to, left, end] = [6, 7, 8, 9];
  const v = (i: number): number => 10 + i;
  const load = (i: number): Code => [...op.get(from), ...op.vectorLoad(0), ...op.set(v(i)), ...increase(from, op.get(xRow))];
  const pair = (i: number, j: number, lanes: readonly [number, number, number, number], result: number): Code => [
    ...op.get(v(i)),
    ...op.get(v(j)),
    ...op.pick(lanes),
    ...op.set(v(result)),
  ];
  const store = (i: number, j: number, lanes: readonly [number, number, number, number]): Code => [
    ...op.get(end),
    ...[...op.get(v(i)), ...op.get(v(j)), ...op.pick(lanes)],
    ...op.vectorStore(0),
    ...increase(end, op.get(outRow)),
  ];
  const block: Code = [
    ...[...load(0), ...load(1), ...load(2), ...load(3)],
    ...[...pair(0, 1, [0, 4, 1, 5], 4), ...pair(2, 3, [0, 4, 1, 5], 5), ...pair(0, 1, [2, 6, 3, 7], 6), ...pair(2, 3, [2, 6, 3, 7], 7)],
    ...[...op.get(to), ...op.set(end)],
    ...[...store(4, 5, [0, 1, 4, 5]), ...store(4, 5, [2, 3, 6, 7]), ...store(6, 7, [0, 1, 4, 5]), ...store(6, 7, [2, 3, 6, 7])],
    // Four columns on: the loads have already moved four rows down.
    ...[...op.get(from), ...op.get(xRow), ...op.i32(4), ...op.multiply, ...op.subtract, ...op.i32(16), ...op.add, ...op.set(from)],
    ...[...op.get(end), ...op.set(to)],
    ...increase(left, op.i32(-4)),
  ];
  const body: Code = loopWhile(atLeast(rows, 4), [
    ...[...op.get(x), ...op.set(from), ...op.get(out), ...op.set(to), ...op.get(columns), ...op.set(left)],
    ...loopWhile(atLeast(left, 4), block),
    ...[...op.get(x), ...op.get(xRow), ...op.i32(4), ...op.multiply, ...op.add, ...op.set(x)],
    ...increase(out, op.i32(16)),
    ...increase(rows, op.i32(-4)),
  ]);
  return { parameters: 6, integers: 4, vectors: 8, body };
}

/** Exports: `<operator> <advance>` for comparisons and extrema, `select <advance>`, `axpy`, `first maximum`, `transpose`. */
export function rowKernelsModule(): Uint8Array<ArrayBuffer> {
  const procedures: Procedure[] = [];
  const exported: Record<string, number> = {};
  const provide = (name: string, procedure: Procedure): void => {
    exported[name] = procedures.push(procedure) - 1;
  };
  for (const which of advances) {
    for (const name of names(comparisons)) provide(`${name} ${which}`, comparison(comparisons[name], which));
    for (const name of names(extrema)) provide(`${name} ${which}`, arithmetic(extrema[name], which));
  }
  for (const which of [...advances, 'none'] as const) provide(`select ${which}`, selection(which));
  provide('axpy', scaledAddition());
  provide('first maximum', firstMaximum());
  provide('transpose', transposition());
  return assemble(procedures, exported);
}
