/**
 * The one random generator of wsss: Philox4x32-10, counter based (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A draw is a pure function of (seed, step, image, name, index): neither the order of the calls nor the number of workers can change it.
 * Checked against the known-answer vectors that the authors publish with Random123.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 4294967296;

export type Philox4 = readonly [number, number, number, number];

/** High 32 bits of the unsigned 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + Math.floor(low / 65536);
  const middle2 = aLow * bHigh + (middle % 65536);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(middle2 / 65536)) >>> 0;
}

/** One block of Philox4x32-10: four unsigned 32-bit words from a 128-bit counter and a 64-bit key (least significant word first). */
export function philox4x32(counter: Philox4, key: readonly [number, number]): Philox4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** What a draw depends on. `image` is the id of an image, or '' for a draw that belongs to no image. */
export interface DrawKey {
  readonly seed: number;
  readonly step: number;
  readonly image: string;
  readonly name: string;
}

/**
 * The draws of one key, by index. Index is an integer from 0; the same index gives the same bits in every method, so a value that must be
 * independent of another takes another index or another name.
 */
export interface DrawStream {
  /** Uniform in [0, 1) with 53 random bits. */
  uniform(index: number): number;
  /** Uniform in [from, to). */
  uniformBetween(index: number, from: number, to: number): number;
  /** Uniform integer in [from, to], both ends included; the range may span up to 2^32 values (bias below 2^-21 then, below 2^-40 for 8,192). */
  integer(index: number, from: number, to: number): number;
  /** True with probability p. */
  bernoulli(index: number, p: number): boolean;
  /** Standard normal (Box and Muller). */
  normal(index: number): number;
  /** `count` uniforms in [0, 1) as float32 (24 random bits); element i is lane i % 4 of block i / 4. */
  uniforms(count: number): Float32Array;
  /** `count` standard normals as float32; elements 4b to 4b+3 come from block b. */
  normals(count: number): Float32Array;
}

/** 64-bit FNV-1a of the UTF-16 code units, as two 32-bit words [low, high]. */
export function hashString(text: string): readonly [number, number] {
  // The prime is 2^40 + 0x1b3: low word times 0x1b3 with carry, plus the low word shifted by 8 into the high word.
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 0xff, unit >>> 8]) {
      low = (low ^ byte) >>> 0;
      const carry = Math.floor((low * 0x1b3) / TWO_32);
      high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
      low = Math.imul(low, 0x1b3) >>> 0;
    }
  }
  return [low, high];
}

/** The stream of draws of a key. Throws RangeError where seed or step is not an integer in [0, 2^53). */
export function draws(key: DrawKey): DrawStream {
  checkIndex('seed', key.seed);
  checkIndex('step', key.step);
  const [imageLow, imageHigh] = hashString(key.image);
  const [nameLow, nameHigh] = hashString(key.name);
  // 64 bits of seed, image and name become the Philox key; step and index are the counter.
  const mixed = philox4x32([imageLow, imageHigh, nameLow, nameHigh], [low32(key.seed), high32(key.seed)]);
  const stepLow = low32(key.step);
  const stepHigh = high32(key.step);
  const streamKey = [(mixed[0] ^ mixed[2]) >>> 0, (mixed[1] ^ mixed[3]) >>> 0] as const;
  const block = (index: number): Philox4 => {
    checkIndex('index', index);
    return philox4x32([low32(index), high32(index), stepLow, stepHigh], streamKey);
  };
  const uniform = (index: number): number => {
    const words = block(index);
    return ((words[0] >>> 5) * 67108864 + (words[1] >>> 6)) / 9007199254740992;
  };
  return {
    uniform,
    uniformBetween: (index, from, to) => from + (to - from) * uniform(index),
    integer(index, from, to) {
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from || to - from >= TWO_32) {
        throw new RangeError(`integer draws need from <= to and fewer than 2^32 values, not ${from}..${to}`);
      }
      return from + Math.floor(uniform(index) * (to - from + 1));
    },
    bernoulli: (index, p) => uniform(index) < p,
    normal(index) {
      const words = block(index);
      const radius = 1 - ((words[0] >>> 5) * 67108864 + (words[1] >>> 6)) / 9007199254740992;
      return Math.sqrt(-2 * Math.log(radius)) * Math.cos(2 * Math.PI * (words[2] / TWO_32));
    },
    uniforms(count) {
      const out = new Float32Array(count);
      for (let i = 0; i < count; i += 4) {
        const words = block(i / 4);
        for (let lane = 0; lane < 4 && i + lane < count; lane++) out[i + lane] = (words[lane] >>> 8) / 16777216;
      }
      return out;
    },
    normals(count) {
      const out = new Float32Array(count);
      for (let i = 0; i < count; i += 4) {
        const words = block(i / 4);
        for (let pair = 0; pair < 4; pair += 2) {
          const radius = Math.sqrt(-2 * Math.log((words[pair] + 1) / TWO_32));
          const angle = 2 * Math.PI * (words[pair + 1] / TWO_32);
          if (i + pair < count) out[i + pair] = radius * Math.cos(angle);
          if (i + pair + 1 < count) out[i + pair + 1] = radius * Math.sin(angle);
        }
      }
      return out;
    },
  };
}

/** A uniform permutation of 0..n-1 (Fisher and Yates, draw i decides the place of element n-1-i). */
export function permutation(n: number, key: DrawKey): Int32Array {
  const stream = draws(key);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let last = n - 1; last > 0; last--) {
    const other = stream.integer(n - 1 - last, 0, last);
    const kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
  return order;
}

function low32(value: number): number {
  return (value % TWO_32) >>> 0;
}

function high32(value: number): number {
  return Math.floor(value / TWO_32) >>> 0;
}

function checkIndex(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${what} of a random draw must be an integer in [0, 2^53), not ${value}`);
}
