import { pathDirections } from './paths.ts';

/**
 * Affinities of all pairs of pixels within a radius, kept by direction: memory is directions x pixels (34 x 11,750 for a stride-4 map
 * of a VOC photo), not pixels^2.
 */
export interface PairAffinity {
  readonly height: number;
  readonly width: number;
  /** Offsets (dy, dx) to the second pixel of the pair. */
  readonly directions: readonly { readonly dy: number; readonly dx: number }[];
  /** [directions, height * width]: affinity of the pixel with the one at the offset; 0 where that lies outside the map. */
  readonly values: Float32Array;
}

/**
 * a = 1 - max of `boundary` over the straight path between the pixels, both ends included (IRN, CVPR 2019; misc/indexing.py,
 * edge_to_affinity). `boundary` is [height, width], probabilities. The authors pad the map with walls first so that every pixel is a
 * source, then cut the padding away; a path between two pixels of the map never leaves it, so reading in place gives the same.
 */
export function pairAffinity(boundary: ArrayLike<number>, height: number, width: number, radius: number): PairAffinity {
  const pixels = height * width;
  if (boundary.length !== pixels) throw new RangeError(`pairAffinity: ${boundary.length} boundary values, expected ${height} x ${width}`);
  const directions = pathDirections(radius);
  const values = new Float32Array(directions.length * pixels);
  directions.forEach(({ dy, dx, path }, d) => {
    const shifts = path.map((p) => p.dy * width + p.dx);
    for (let y = 0; y + dy < height; y++) {
      for (let x = Math.max(0, -dx), end = Math.min(width, width - dx); x < end; x++) {
        const pixel = y * width + x;
        let wall = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < shifts.length; k++) wall = Math.max(wall, boundary[pixel + shifts[k]]);
        values[d * pixels + pixel] = 1 - wall;
      }
    }
  });
  return { height, width, directions, values };
}

/** The same as a dense symmetric matrix [pixels, pixels]: ones on the diagonal, 0 for pixels that are no pair. pixels^2 x 4 bytes. */
export function denseAffinity(pairs: PairAffinity): Float32Array {
  const pixels = pairs.height * pairs.width;
  const matrix = new Float32Array(pixels * pixels);
  for (let i = 0; i < pixels; i++) matrix[i * pixels + i] = 1;
  pairs.directions.forEach(({ dy, dx }, d) => {
    for (let y = 0; y + dy < pairs.height; y++) {
      for (let x = Math.max(0, -dx), end = Math.min(pairs.width, pairs.width - dx); x < end; x++) {
        const i = y * pairs.width + x;
        const j = i + dy * pairs.width + dx;
        const a = pairs.values[d * pixels + i];
        matrix[i * pixels + j] = a;
        matrix[j * pixels + i] = a;
      }
    }
  });
  return matrix;
}
