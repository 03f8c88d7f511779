/**
 * A vector kernel that adds the outer products of two streams of pixels: out[c, o] += sum over pixels of x[pixel, c] · y[pixel, o]. Channels-last
 * tensors hold both streams as they are, so the filter gradient of a convolution needs neither transposed copies nor workspace.
 *
 * Written for the register file of x86 and ARM: a tile of 4 × 8 sums stays in registers while the pixels of a block pass by.
 */
import { assemble, atLeast, type Code, countDown, increase, loopWhile, op, type Procedure, when } from './assembler.ts';

/** Parameters of every procedure, addresses and strides in bytes. */
const X = 0;
const Y = 1;
const OUT = 2;
const ROWS = 3;
const COLUMNS = 4;
const X_ROW = 5;
const X_COLUMN = 6;
const Y_ROW = 7;
const Y_COLUMN = 8;
const OUT_ROW = 9;
/** Of panels and of the whole: channels of y; of the whole: channels of x. */
const Y_CHANNELS = 10;
const X_CHANNELS = 11;

const TILE_ROWS = 4;

/** Width of a tile: vectors of four sums, or a single one. */
type Width = 2 | 1 | 'one';
const widths: readonly Width[] = [2, 1, 'one'];

/** `height` channels of x against one width of channels of y. */
function tile(height: number, width: Width): Procedure {
  const lanes = width === 'one' ? 1 : width;
  const xAt = 10;
  const yAt = 11;
  const left = 12;
  const y = 13;
  const splat = y + lanes;
  const sum = (c: number, v: number): number => splat + 1 + c * lanes + v;
  const [load, spread, store, plus, times] =
    width === 'one'
      ? [op.f32Load, op.f32Load, op.f32Store, op.f32Add, op.f32Multiply]
      : [op.vectorLoad, op.splatLoad, op.vectorStore, op.vectorAdd, op.vectorMultiply];
  const grid = (visit: (c: number, v: number) => Code, after: (c: number) => Code): Code =>
    Array.from({ length: height }, (_, c) => [...Array.from({ length: lanes }, (_, v) => visit(c, v)).flat(), ...after(c)]).flat();
  const nextOut = (): Code => increase(xAt, op.get(OUT_ROW));
  const pixel: Code = [
    ...Array.from({ length: lanes }, (_, v) => [...op.get(yAt), ...load(16 * v), ...op.set(y + v)]).flat(),
    ...Array.from({ length: height }, (_, c) => [
      ...[...op.get(xAt), ...spread(4 * c), ...op.set(splat)],
      ...Array.from({ length: lanes }, (_, v) => [
        ...op.get(sum(c, v)),
        ...op.get(splat),
        ...op.get(y + v),
        ...times,
        ...plus,
        ...op.set(sum(c, v)),
      ]).flat(),
    ]).flat(),
    ...increase(xAt, op.get(X_COLUMN)),
    ...increase(yAt, op.get(Y_COLUMN)),
  ];
  const body: Code = [
    ...[...op.get(OUT), ...op.set(xAt)],
    ...grid((c, v) => [...op.get(xAt), ...load(16 * v), ...op.set(sum(c, v))], nextOut),
    ...countDown(ROWS, [
      ...[...op.get(X), ...op.set(xAt), ...op.get(Y), ...op.set(yAt), ...op.get(COLUMNS), ...op.set(left)],
      ...countDown(left, pixel),
      ...increase(X, op.get(X_ROW)),
      ...increase(Y, op.get(Y_ROW)),
    ]),
    ...[...op.get(OUT), ...op.set(xAt)],
    ...grid((c, v) => [...op.get(xAt), ...op.get(sum(c, v)), ...store(16 * v)], nextOut),
  ];
  const registers = lanes + 1 + height * lanes;
  return { parameters: 10, integers: 3, floats: width === 'one' ? registers : 0, vectors: width === 'one' ? 0 : registers, body };
}

const passOn = (count: number): Code => Array.from({ length: count }, (_, i) => op.get(i)).flat();

/** `height` channels of x against all channels of y. */
function panel(tiles: Readonly<Record<string, number>>): Procedure {
  const step = (width: Width, channels: number): Code => [
    ...passOn(10),
    ...op.call(tiles[String(width)]),
    ...increase(Y, op.i32(4 * channels)),
    ...increase(OUT, op.i32(4 * channels)),
    ...increase(Y_CHANNELS, op.i32(-channels)),
  ];
  const body: Code = [
    ...loopWhile(atLeast(Y_CHANNELS, 8), step(2, 8)),
    ...when(atLeast(Y_CHANNELS, 4), step(1, 4)),
    ...loopWhile(atLeast(Y_CHANNELS, 1), step('one', 1)),
  ];
  return { parameters: 11, integers: 0, floats: 0, vectors: 0, body };
}

/** All channels of x against all channels of y. */
function whole(panels: readonly number[]): Procedure {
  const step = (height: number): Code => [
    ...passOn(11),
    ...op.call(panels[height - 1]),
    ...increase(X, op.i32(4 * height)),
    ...[...op.get(OUT), ...op.i32(height), ...op.get(OUT_ROW), ...op.multiply, ...op.add, ...op.set(OUT)],
    ...increase(X_CHANNELS, op.i32(-height)),
  ];
  const rest = Array.from({ length: TILE_ROWS - 1 }, (_, i) => TILE_ROWS - 1 - i);
  const body: Code = [
    ...loopWhile(atLeast(X_CHANNELS, TILE_ROWS), step(TILE_ROWS)),
    ...rest.flatMap((height) => when(atLeast(X_CHANNELS, height), step(height))),
  ];
  return { parameters: 12, integers: 0, floats: 0, vectors: 0, body };
}

/** The module: tiles of every size, a panel for each height, and the whole. */
export function outerProductsModule(): Uint8Array<ArrayBuffer> {
  const procedures: Procedure[] = [];
  const panels: Procedure[] = [];
  for (let height = 1; height <= TILE_ROWS; height++) {
    const tiles: Record<string, number> = {};
    for (const width of widths) tiles[String(width)] = procedures.push(tile(height, width)) - 1;
    panels.push(panel(tiles));
  }
  const indices = panels.map((one) => procedures.push(one) - 1);
  const run = procedures.push(whole(indices)) - 1;
  return assemble(procedures, { run });
}

/**
 * Addresses of the first pixel of each stream and of out [C, O]; rows and columns of the block; strides of x and y; stride of out; channels of y
 * and of x. Rows and columns are at least 1. Addresses and strides are bytes.
 */
export type OuterProducts = (
  x: number,
  y: number,
  out: number,
  rows: number,
  columns: number,
  xRow: number,
  xColumn: number,
  yRow: number,
  yColumn: number,
  outRow: number,
  yChannels: number,
  xChannels: number,
) => void;
