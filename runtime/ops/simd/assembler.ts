/**
 * The little of the WebAssembly binary format that our own vector kernels need (core specification 2.0, chapter 5): procedures of i32 and f32
 * parameters, one imported memory, structured loops, 128-bit vectors.
 */

export type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const name = (text: string): number[] => vector([...text].map((letter) => [letter.charCodeAt(0)]));

/** A vector instruction: prefix and number. */
const vec = (number: number): Code => [0xfd, ...unsigned(number)];

/** Instructions. Loads and stores take the address from the stack and a constant offset in bytes. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  call: (index: number): Code => [0x10, ...unsigned(index)],
  /** Of two values the first, where the third, an integer, is not 0. */
  choose: [0x1b] as Code,

  i32: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a] as Code,
  subtract: [0x6b] as Code,
  multiply: [0x6c] as Code,
  and: [0x71] as Code,
  or: [0x72] as Code,
  /** 1 where the value is 0, else 0. */
  isZero: [0x45] as Code,
  /** 1 when the first is less than the second, signed. */
  less: [0x48] as Code,
  i32Load: (offset: number): Code => [0x28, 2, ...unsigned(offset)],
  i32Store: (offset: number): Code => [0x36, 2, ...unsigned(offset)],
  byteLoad: (offset: number): Code => [0x2d, 0, ...unsigned(offset)],
  byteStore: (offset: number): Code => [0x3a, 0, ...unsigned(offset)],

  f32Load: (offset: number): Code => [0x2a, 2, ...unsigned(offset)],
  f32Store: (offset: number): Code => [0x38, 2, ...unsigned(offset)],
  f32Equal: [0x5b] as Code,
  f32Add: [0x92] as Code,
  f32Multiply: [0x94] as Code,

  vectorLoad: (offset: number): Code => [...vec(0), 2, ...unsigned(offset)],
  /** One float to all four lanes. */
  splatLoad: (offset: number): Code => [...vec(9), 2, ...unsigned(offset)],
  vectorStore: (offset: number): Code => [...vec(11), 2, ...unsigned(offset)],
  /** Sixteen times the same byte. */
  bytes: (value: number): Code => [...vec(12), ...new Array<number>(16).fill(value)],
  /** Four lanes of two vectors, numbered 0 to 7. */
  pick: (lanes: readonly [number, number, number, number]): Code => [
    ...vec(13),
    ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ],
  splat: vec(0x13),
  vectorEqual: vec(0x41),
  vectorAdd: vec(0xe4),
  vectorMultiply: vec(0xe6),
  bytesDiffer: vec(0x24),
  vectorAnd: vec(0x4e),
  /** The first and not the second. */
  vectorAndNot: vec(0x4f),
  vectorOr: vec(0x50),
  /** Bits of the first where the third has ones, else of the second. */
  bitSelect: vec(0x52),
  /** Two vectors of wide lanes to one of half the width, signed. */
  narrowTo16: vec(0x85),
  narrowTo8: vec(0x65),
  lowTo16: vec(0x87),
  highTo16: vec(0x88),
  lowTo32: vec(0xa7),
  highTo32: vec(0xa8),
} as const;

/** An operator of two numbers: its instruction for one float and for four. */
export interface FloatOperator {
  readonly one: Code;
  readonly four: Code;
}

/** Comparisons leave an integer (one) or a mask of all ones (four). */
export const comparisons = {
  equal: { one: [0x5b], four: vec(0x41) },
  notEqual: { one: [0x5c], four: vec(0x42) },
  less: { one: [0x5d], four: vec(0x43) },
  greater: { one: [0x5e], four: vec(0x44) },
  lessEqual: { one: [0x5f], four: vec(0x45) },
  greaterEqual: { one: [0x60], four: vec(0x46) },
} as const satisfies Record<string, FloatOperator>;

/** Not a number on either side stays. */
export const extrema = {
  minimum: { one: [0x96], four: vec(0xe8) },
  maximum: { one: [0x97], four: vec(0xe9) },
} as const satisfies Record<string, FloatOperator>;

/** local += amount */
export const increase = (local: number, amount: Code): Code => [...op.get(local), ...amount, ...op.add, ...op.set(local)];

/** Repeats the body at least once, while counting `local` down to 0. */
export const countDown = (local: number, body: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...op.get(local),
  ...op.i32(1),
  ...op.subtract,
  ...op.tee(local),
  0x0d,
  0,
  0x0b,
];

/** At least `count` in a local, signed. */
export const atLeast = (local: number, count: number): Code => [...op.i32(count - 1), ...op.get(local), ...op.less];

/** Repeats the body while the condition holds. */
export const loopWhile = (condition: Code, body: Code): Code => [
  0x02,
  0x40,
  0x03,
  0x40,
  ...condition,
  0x45,
  0x0d,
  1,
  ...body,
  0x0c,
  0,
  0x0b,
  0x0b,
];

/** Runs the body if the condition holds. */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];

export interface Procedure {
  /** Number of i32 parameters: locals 0, 1, …. */
  readonly parameters: number;
  /** Number of f32 parameters, numbered after them. */
  readonly scalars?: number;
  /** Further locals, numbered after the parameters: i32 first, then f32, then v128. */
  readonly integers?: number;
  readonly floats?: number;
  readonly vectors?: number;
  readonly body: Code;
}

const INTEGER = 0x7f;
const FLOAT = 0x7d;
const VECTOR = 0x7b;

/** A module of procedures, numbered in order, some of them exported by name. Imports `env.memory`. */
export function assemble(procedures: readonly Procedure[], exported: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  const types = procedures.map(({ parameters, scalars = 0 }) => [
    0x60,
    ...vector([...new Array<Code>(parameters).fill([INTEGER]), ...new Array<Code>(scalars).fill([FLOAT])]),
    0,
  ]);
  const bodies = procedures.map(({ integers = 0, floats = 0, vectors = 0, body }) => {
    const kinds: readonly (readonly [number, number])[] = [
      [integers, INTEGER],
      [floats, FLOAT],
      [vectors, VECTOR],
    ];
    const locals = vector(kinds.filter(([count]) => count > 0).map(([count, type]) => [...unsigned(count), type]));
    const code = [...locals, ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...name('env'), ...name('memory'), 2, 0, 1]])),
    ...section(3, vector(procedures.map((_, i) => unsigned(i)))),
    ...section(7, vector(Object.entries(exported).map(([text, index]) => [...name(text), 0, ...unsigned(index)]))),
    ...section(10, vector(bodies)),
  ]);
}
