/**
 * Permutohedral lattice (Adams, Baek and Davis, "Fast High-Dimensional Filtering Using the Permutohedral Lattice", 2010) in the
 * arithmetic of pydensecrf (lucasb-eyer/pydensecrf@2723c7f, densecrf/src/permutohedral.cpp, SSE build): every rounding is float32
 * and in the same order, so the same vertices come into being. Fixture `dense-crf/lattice_filter` states the algorithm in words.
 */
import { VertexTable } from './vertex-table.ts';

/** A lattice for N points in d dimensions. Immutable once built; filters of any number of channels share it. */
export interface Lattice {
  /** Number of feature dimensions d; a point touches d + 1 vertices. */
  readonly dimensions: number;
  /** Number of points N. */
  readonly points: number;
  /** Number of lattice vertices M. */
  readonly vertices: number;
  /** [N, d + 1] one-based vertex numbers (0 is a vertex whose value is always zero). */
  readonly vertexOf: Int32Array;
  /** [N, d + 1] barycentric weights, each row summing to one. */
  readonly barycentric: Float32Array;
  /** [d + 1, M] one-based number of the neighbour "before" along each lattice direction, 0 where there is none. */
  readonly before: Int32Array;
  /** [d + 1, M] the neighbour "after". */
  readonly after: Int32Array;
}

/** Channels that are filtered together; the inner loops are unrolled by this. */
export const LANES = 4;

// Adding and subtracting 1.5 * 2^23 rounds a float32 to the nearest integer, halves to even, as _mm_round_ps does.
const ROUNDING = 12582912;
// pydensecrf's SSE build handles points four at a time and fills up with points whose features are zero; they create vertices.
const POINT_BLOCK = 4;

/**
 * Builds the lattice of `points` features. `features` is [dimensions, points] (row-major float32), in units of one standard
 * deviation of the Gaussian. Throws RangeError when the length does not fit or a feature is not finite.
 */
export function buildLattice(features: Float32Array, dimensions: number, points: number): Lattice {
  const d = dimensions;
  if (!Number.isInteger(d) || d < 1 || !Number.isInteger(points) || points < 1 || features.length !== d * points) {
    throw new RangeError(`buildLattice: ${features.length} feature values, expected ${d} dimensions x ${points} points`);
  }
  for (let i = 0; i < features.length; i++) {
    const v = features[i];
    // Beyond this the float32 rounding below is meaningless (and keys no longer fit their packed form).
    if (!(Math.abs(v) < 1e5)) throw new RangeError(`buildLattice: feature ${i} is ${v}; expected a finite number below 100000 in size`);
  }
  const corners = d + 1;
  const f = Math.fround;
  const inverse = f(1 / corners);
  const deviation = f(Math.sqrt(2 / 3) * corners);
  const scale = new Float32Array(d);
  for (let i = 0; i < d; i++) scale[i] = (1 / Math.sqrt((i + 2) * (i + 1))) * deviation;

  const vertexOf = new Int32Array(points * corners);
  const barycentric = new Float32Array(points * corners);
  const elevated = new Float32Array(corners);
  const rest = new Float32Array(corners);
  const rank = new Int32Array(corners);
  const remainder = new Int32Array(corners);
  const lastRank = new Int32Array(corners).fill(-1);
  const lastRemainder = new Int32Array(corners);
  const weights = new Float32Array(corners + 1);
  const key = new Int32Array(d);
  const table = new VertexTable(d, points);

  const filled = Math.ceil(points / POINT_BLOCK) * POINT_BLOCK;
  for (let p = 0; p < filled; p++) {
    const real = p < points;
    let sum = 0;
    for (let j = d; j > 0; j--) {
      const c = real ? f(features[(j - 1) * points + p] * scale[j - 1]) : 0;
      elevated[j] = sum - f(j * c);
      sum = f(sum + c);
    }
    elevated[0] = sum;

    // The nearest point whose coordinates are multiples of d + 1.
    let offPlane = 0;
    for (let i = 0; i <= d; i++) {
      const v = f(f(f(inverse * elevated[i]) + ROUNDING) - ROUNDING);
      remainder[i] = v * corners;
      rest[i] = elevated[i] - remainder[i];
      offPlane += v;
      rank[i] = 0;
    }
    // Rank of each coordinate in descending order of what is left; between equal ones the later gets the larger rank.
    for (let i = 0; i < d; i++) {
      const a = rest[i];
      for (let j = i + 1; j <= d; j++) {
        if (a < rest[j]) rank[i]++;
        else rank[j]++;
      }
    }
    // Rounding may have left the plane of coordinates that sum to zero: move back along the largest errors.
    if (offPlane !== 0) {
      for (let i = 0; i <= d; i++) {
        const moved = rank[i] + offPlane;
        if (moved < 0) {
          rank[i] = moved + corners;
          remainder[i] += corners;
        } else if (moved >= corners) {
          rank[i] = moved - corners;
          remainder[i] -= corners;
        } else {
          rank[i] = moved;
        }
        rest[i] = elevated[i] - remainder[i];
      }
    }

    const base = p * corners;
    if (real) {
      weights.fill(0);
      for (let i = 0; i <= d; i++) {
        const v = f(rest[i] * inverse);
        const at = d - rank[i];
        weights[at] += v;
        weights[at + 1] -= v;
      }
      weights[0] += f(1 + weights[corners]);
      for (let r = 0; r <= d; r++) barycentric[base + r] = weights[r];
    }

    // Neighbouring pixels often lie in one simplex: its vertices need not be looked up again.
    let same = p > 0;
    for (let i = 0; same && i <= d; i++) same = rank[i] === lastRank[i] && remainder[i] === lastRemainder[i];
    if (same) {
      if (real) for (let r = 0; r <= d; r++) vertexOf[base + r] = vertexOf[base + r - corners];
      continue;
    }
    lastRank.set(rank);
    lastRemainder.set(remainder);
    for (let r = 0; r <= d; r++) {
      for (let i = 0; i < d; i++) key[i] = rank[i] <= d - r ? remainder[i] + r : remainder[i] + r - corners;
      const vertex = table.insert(key) + 1;
      if (real) vertexOf[base + r] = vertex;
    }
  }
  const { before, after } = table.neighbours();
  return { dimensions: d, points, vertices: table.size, vertexOf, barycentric, before, after };
}

/** Scratch memory of a filter, reusable between lattices (grown when one needs more). */
export interface FilterScratch {
  values: Float32Array;
  other: Float32Array;
}

/** Scratch memory that `filterLanes` grows as needed. */
export function filterScratch(): FilterScratch {
  return { values: new Float32Array(0), other: new Float32Array(0) };
}

/**
 * Filters four channels at once: `output += scale * filter(input)`, both [points, 4] row-major. `weights` [points, d + 1] replace the
 * barycentric weights in splatting and slicing (so that a normalisation of both sides costs nothing).
 */
export function filterLanes(
  lattice: Lattice,
  weights: Float32Array,
  input: Float32Array,
  output: Float32Array,
  scale: number,
  scratch: FilterScratch,
): void {
  const { dimensions, points, vertices, vertexOf } = lattice;
  const corners = dimensions + 1;
  const needed = (vertices + 1) * LANES;
  if (scratch.values.length < needed) {
    scratch.values = new Float32Array(needed);
    scratch.other = new Float32Array(needed);
  }
  let values = scratch.values;
  let other = scratch.other;
  values.fill(0, 0, needed);
  other.fill(0, 0, LANES);

  let at = 0;
  for (let p = 0; p < points; p++) {
    const i = p * LANES;
    const x0 = input[i];
    const x1 = input[i + 1];
    const x2 = input[i + 2];
    const x3 = input[i + 3];
    for (const end = at + corners; at < end; at++) {
      const o = vertexOf[at] * LANES;
      const w = weights[at];
      values[o] += w * x0;
      values[o + 1] += w * x1;
      values[o + 2] += w * x2;
      values[o + 3] += w * x3;
    }
  }
  for (let direction = 0; direction < corners; direction++) {
    blur(values, other, lattice.before, lattice.after, direction * vertices, vertices);
    const swapped = values;
    values = other;
    other = swapped;
  }
  at = 0;
  const factor = scale / (1 + 2 ** -dimensions);
  for (let p = 0; p < points; p++) {
    let y0 = 0;
    let y1 = 0;
    let y2 = 0;
    let y3 = 0;
    for (const end = at + corners; at < end; at++) {
      const o = vertexOf[at] * LANES;
      const w = weights[at];
      y0 += w * values[o];
      y1 += w * values[o + 1];
      y2 += w * values[o + 2];
      y3 += w * values[o + 3];
    }
    const i = p * LANES;
    output[i] += factor * y0;
    output[i + 1] += factor * y1;
    output[i + 2] += factor * y2;
    output[i + 3] += factor * y3;
  }
}

/** One direction of the blur with weights (.5, 1, .5); vertices that do not exist count zero and are not created. */
function blur(from: Float32Array, to: Float32Array, before: Int32Array, after: Int32Array, offset: number, vertices: number): void {
  let o = LANES;
  for (let v = 0; v < vertices; v++, o += LANES) {
    const a = before[offset + v] * LANES;
    const b = after[offset + v] * LANES;
    if ((a | b) === 0) {
      to[o] = from[o];
      to[o + 1] = from[o + 1];
      to[o + 2] = from[o + 2];
      to[o + 3] = from[o + 3];
    } else {
      to[o] = from[o] + 0.5 * (from[a] + from[b]);
      to[o + 1] = from[o + 1] + 0.5 * (from[a + 1] + from[b + 1]);
      to[o + 2] = from[o + 2] + 0.5 * (from[a + 2] + from[b + 2]);
      to[o + 3] = from[o + 3] + 0.5 * (from[a + 3] + from[b + 3]);
    }
  }
}

/** The plain filter of `values` [channels, points] (row-major), without normalisation. */
export function latticeFilter(lattice: Lattice, values: Float32Array, channels: number): Float32Array {
  const { points } = lattice;
  if (values.length !== channels * points) {
    throw new RangeError(`latticeFilter: ${values.length} values, expected ${channels} channels x ${points} points`);
  }
  const result = new Float32Array(channels * points);
  const input = new Float32Array(points * LANES);
  const output = new Float32Array(points * LANES);
  const scratch = filterScratch();
  for (let first = 0; first < channels; first += LANES) {
    const count = Math.min(LANES, channels - first);
    input.fill(0);
    output.fill(0);
    for (let c = 0; c < count; c++) for (let p = 0; p < points; p++) input[p * LANES + c] = values[(first + c) * points + p];
    filterLanes(lattice, lattice.barycentric, input, output, 1, scratch);
    for (let c = 0; c < count; c++) for (let p = 0; p < points; p++) result[(first + c) * points + p] = output[p * LANES + c];
  }
  return result;
}

/**
 * n = 1 / sqrt(filter of ones + 1e-20) for each point: the symmetric normalisation n * filter(n * v), pydensecrf's default. `filter` does
 * the same as `filterLanes` with the barycentric weights, faster.
 */
export function symmetricNormalisation(
  lattice: Lattice,
  filter?: (input: Float32Array, output: Float32Array, scale: number) => void,
): Float32Array {
  const { points } = lattice;
  const input = new Float32Array(points * LANES).fill(1);
  const output = new Float32Array(points * LANES);
  if (filter) filter(input, output, 1);
  else filterLanes(lattice, lattice.barycentric, input, output, 1, filterScratch());
  return Float32Array.from({ length: points }, (_, p) => 1 / Math.sqrt(output[p * LANES] + 1e-20));
}
