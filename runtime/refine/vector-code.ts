/**
 * The little of the WebAssembly binary format (core specification 2.0, chapter 5) that the lattice filter needs: modules of one procedure
 * with i32 parameters and no result, on an imported memory. Kept here because this room depends on no other.
 */

export type Code = readonly number[];

/** Opaque to TypeScript, whose standard library without a browser's declarations does not describe it. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

declare const WebAssembly: {
  readonly validate: (code: Uint8Array<ArrayBuffer>) => boolean;
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (size: { readonly initial: number }) => Memory;
};

const PAGE = 65536;

/** A memory of at least so many bytes, all zero. Throws RangeError when the machine has not that much. */
export function createMemory(bytes: number): Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
}

/** LEB128 of a number from 0 to 2^31 - 1, with the sign bit clear, so that it reads the same signed and unsigned. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** Instructions; loads and stores take the address from the stack. */
export const op = {
  get: (local: number): Code => [0x20, ...leb(local)],
  set: (local: number): Code => [0x21, ...leb(local)],
  tee: (local: number): Code => [0x22, ...leb(local)],
  i32: (value: number): Code => [0x41, ...leb(value)],
  add: [0x6a],
  subtract: [0x6b],
  i32Load: (offset: number): Code => [0x28, 2, ...leb(offset)],
  vectorLoad: [0xfd, 0, 2, 0],
  /** One float to all four lanes. */
  splatLoad: [0xfd, 9, 2, 0],
  vectorStore: [0xfd, 11, 2, 0],
  vectorZero: [0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  vectorAdd: [0xfd, 0xe4, 1],
  vectorMultiply: [0xfd, 0xe6, 1],
} as const;

/** local += amount */
export const increase = (local: number, amount: number): Code => [...op.get(local), ...op.i32(amount), ...op.add, ...op.set(local)];

/** Repeats the body at least once, while counting `local` down to 0. */
export const countDown = (local: number, body: Code): Code => [
  ...[0x03, 0x40, ...body],
  ...[...op.get(local), ...op.i32(1), ...op.subtract, ...op.tee(local)],
  ...[0x0d, 0, 0x0b],
];

export interface Procedure {
  /** Number of i32 parameters: locals 0, 1, ... */
  readonly parameters: number;
  /** Further locals, numbered after the parameters: i32 first, then 128-bit registers. */
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

export type Run = (...parameters: readonly number[]) => void;

/** The procedure ready to run on `memory`; undefined where this machine has no vector instructions. */
export function compile(procedure: Procedure, memory: Memory): Run | undefined {
  const code = Uint8Array.from(moduleBytes(procedure));
  if (!WebAssembly.validate(code)) return undefined;
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(code), { e: { m: memory } }).exports;
  return isRun(run) ? run : undefined;
}

function isRun(value: unknown): value is Run {
  return typeof value === 'function';
}

function moduleBytes({ parameters, integers, vectors, body }: Procedure): number[] {
  const section = (id: number, content: Code): number[] => [id, ...leb(content.length), ...content];
  const name = (text: string): number[] => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
  const groups = [
    [integers, 0x7f],
    [vectors, 0x7b],
  ].filter(([count]) => count > 0);
  const code = [groups.length, ...groups.flat(), ...body, 0x0b];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(0x7f), 0]),
    ...section(2, [1, ...name('e'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ];
}
