/**
 * Pixel pairs within a radius and the straight paths between them (Ahn, Cho and Kwak, "Weakly Supervised Learning of Instance
 * Segmentation with Inter-pixel Relations", CVPR 2019; jiwoon-ahn/irn@a2ece00, misc/indexing.py, class PathIndex). Only the
 * "right and down" half of the directions is listed; the relation is symmetric. Order: fixture `irn/path_indices_radius5`.
 */

export interface PathPoint {
  readonly dy: number;
  readonly dx: number;
}

/** One direction: the offset of the destination and all points of the path, destination first, origin last. */
export interface PathDirection extends PathPoint {
  readonly path: readonly PathPoint[];
}

/** The tables IRN's affinity reads on a grid of height x width pixels; flat indices are y * width + x. */
export interface PathIndices {
  readonly directions: readonly PathDirection[];
  /** [sources] rows 0..height-radius, columns radius-1..width-radius: every destination of these lies on the grid. */
  readonly sources: Int32Array;
  /** [directions, sources] row-major. */
  readonly destinations: Int32Array;
  /** [sum of path lengths, sources] row-major, the paths one after the other. */
  readonly paths: Int32Array;
}

/**
 * All directions (dy, dx) with dy >= 0 (dx > 0 where dy = 0) and length below `radius`, regrouped by ascending path length.
 * Throws RangeError for a radius below 2 (there would be no pair).
 */
export function pathDirections(radius: number): readonly PathDirection[] {
  if (!(radius >= 2) || !Number.isFinite(radius))
    throw new RangeError(`pathDirections: radius ${radius}; pairs need a radius of at least 2`);
  const floor = Math.ceil(radius) - 1;
  const found: PathDirection[] = [];
  for (let dx = 1; dx <= floor; dx++) found.push({ dy: 0, dx, path: pathTo(0, dx) });
  for (let dy = 1; dy <= floor; dy++) {
    for (let dx = -floor; dx <= floor; dx++) {
      if (dy * dy + dx * dx < radius * radius) found.push({ dy, dx, path: pathTo(dy, dx) });
    }
  }
  // Array.sort is stable: inside a group the order above remains.
  return found.sort((a, b) => a.path.length - b.path.length);
}

/** Points of the rectangle between (0, 0) and (dy, dx) whose distance to the line is below one, the farthest from the origin first. */
function pathTo(dy: number, dx: number): readonly PathPoint[] {
  const points: PathPoint[] = [];
  const squared = dy * dy + dx * dx;
  for (let y = 0; y <= dy; y++) {
    for (let x = Math.min(0, dx); x <= Math.max(0, dx); x++) {
      if ((dy * x - dx * y) ** 2 / squared < 1) points.push({ dy: y, dx: x });
    }
  }
  return points.sort((a, b) => Math.abs(b.dy) + Math.abs(b.dx) - Math.abs(a.dy) - Math.abs(a.dx));
}

/** The index tables for one grid. Throws RangeError when the grid has no room for a single source. */
export function pathIndices(height: number, width: number, radius: number): PathIndices {
  const directions = pathDirections(radius);
  const floor = Math.ceil(radius) - 1;
  const rows = height - floor;
  const columns = width - 2 * floor;
  if (!(rows > 0 && columns > 0)) {
    throw new RangeError(
      `pathIndices: a grid of ${height} x ${width} has no pair of radius ${radius}; it needs ${floor + 1} x ${2 * floor + 1}`,
    );
  }
  const sources = new Int32Array(rows * columns);
  for (let y = 0, s = 0; y < rows; y++) for (let x = 0; x < columns; x++) sources[s++] = y * width + x + floor;
  const shifted = (points: readonly PathPoint[]): Int32Array => {
    const table = new Int32Array(points.length * sources.length);
    points.forEach(({ dy, dx }, row) => {
      const shift = dy * width + dx;
      for (let s = 0; s < sources.length; s++) table[row * sources.length + s] = sources[s] + shift;
    });
    return table;
  };
  return { directions, sources, destinations: shifted(directions), paths: shifted(directions.flatMap((d) => d.path)) };
}
