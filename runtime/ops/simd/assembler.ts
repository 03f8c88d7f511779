/**
 * The little of the WebAssembly binary format that our own vector kernels need (core specification 2.0, chapter 5): functions of i32 parameters
 * without results, one imported memory, structured loops, 128-bit floats.
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

/** Instructions. Loads and stores take the address from the stack and a constant offset in bytes. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a] as Code,
  subtract: [0x6b] as Code,
  multiply: [0x6c] as Code,
  /** 1 when the first is less than the second, signed. */
  less: [0x48] as Code,
  call: (index: number): Code => [0x10, ...unsigned(index)],
  f32Load: (offset: number): Code => [0x2a, 2, ...unsigned(offset)],
  f32Store: (offset: number): Code => [0x38, 2, ...unsigned(offset)],
  f32Add: [0x92] as Code,
  f32Multiply: [0x94] as Code,
  vectorLoad: (offset: number): Code => [0xfd, 0, 2, ...unsigned(offset)],
  /** One float to all four lanes. */
  splatLoad: (offset: number): Code => [0xfd, 9, 2, ...unsigned(offset)],
  vectorStore: (offset: number): Code => [0xfd, 11, 2, ...unsigned(offset)],
  vectorAdd: [0xfd, 0xe4, 1] as Code,
  vectorMultiply: [0xfd, 0xe6, 1] as Code,
} as const;

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
  /** Further locals, numbered after the parameters: i32 first, then f32, then v128. */
  readonly integers: number;
  readonly floats: number;
  readonly vectors: number;
  readonly body: Code;
}

/** A module of procedures, numbered in order; the one named is exported as `run`. Imports `env.memory`. */
export function assemble(procedures: readonly Procedure[], exported: number): Uint8Array<ArrayBuffer> {
  const types = procedures.map(({ parameters }) => [0x60, ...vector(new Array<Code>(parameters).fill([0x7f])), 0]);
  const bodies = procedures.map(({ integers, floats, vectors, body }) => {
    const kinds: readonly (readonly [number, number])[] = [
      [integers, 0x7f],
      [floats, 0x7d],
      [vectors, 0x7b],
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
    ...section(7, vector([[...name('run'), 0, ...unsigned(exported)]])),
    ...section(10, vector(bodies)),
  ]);
}
