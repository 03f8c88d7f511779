/** Bounding boxes of the regions of a binary map, as OpenCV's contours have them. */

/** Corners in pixels, all four inside the box. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Contour {
  readonly box: Box;
  /** Area of the polygon through the centres of the border's pixels (`cv2.contourArea`); 0 for a line. */
  readonly area: number;
}

/**
 * Contours of a map [height, width] whose pixels are 0 or not: the outer border of every region of neighbours (eight of them), and the border of every
 * hole in one (a hole's pixels have four neighbours), which consists of the region's pixels around it. Regions come in the order of their first
 * pixel, row by row, each followed by its holes.
 */
export function contoursOf(map: ArrayLike<number>, height: number, width: number): readonly Contour[] {
  // A frame of background around the map joins everything outside.
  const columns = width + 2;
  const inside = new Uint8Array((height + 2) * columns);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) inside[(y + 1) * columns + x + 1] = map[y * width + x] === 0 ? 0 : 1;
  const found: Contour[] = [];
  for (let start = 0; start < inside.length; start++)
    if (inside[start] === 1) found.push(...ofRegion(flood(inside, start, columns, EIGHT, SEEN), columns));
  return found;
}

const SEEN = 2;
const EIGHT = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].flatMap((dx) => (dy === 0 && dx === 0 ? [] : [[dy, dx] as const])));
const FOUR = EIGHT.filter(([dy, dx]) => dy === 0 || dx === 0);

/** Places that hang together with `start` and hold the same, in any order; they hold `mark` afterwards. */
function flood(grid: Uint8Array, start: number, columns: number, steps: typeof EIGHT, mark: number): readonly number[] {
  const offsets = steps.map(([dy, dx]) => dy * columns + dx);
  const value = grid[start];
  const places = [start];
  grid[start] = mark;
  for (let i = 0; i < places.length; i++) {
    for (const offset of offsets) {
      const next = places[i] + offset;
      if (next < 0 || next >= grid.length || grid[next] !== value) continue;
      grid[next] = mark;
      places.push(next);
    }
  }
  return places;
}

/** The outer contour of a region, and its holes. Places are those of the map with its frame. */
function ofRegion(region: readonly number[], columns: number): readonly Contour[] {
  const box = boxOf(region, columns);
  // The region alone, in its own box with a margin of one: whatever the margin does not reach is a hole of it, with all that lies in there.
  const w = box.right - box.left + 3;
  const h = box.bottom - box.top + 3;
  const filled = new Uint8Array(w * h);
  const local = (at: number): number => (Math.floor(at / columns) - box.top + 1) * w + (at % columns) - box.left + 1;
  for (const at of region) filled[local(at)] = 1;
  flood(filled, 0, w, FOUR, SEEN);
  const holes: Contour[] = [];
  for (let at = 0; at < filled.length; at++) {
    if (filled[at] !== 0) continue;
    const hole = flood(filled, at, w, FOUR, 1);
    const inner = boxOf(hole, w);
    const shift = { x: box.left - 2, y: box.top - 2 };
    // The pixels around a hole reach one further on each side.
    const around = {
      left: inner.left - 1 + shift.x,
      top: inner.top - 1 + shift.y,
      right: inner.right + 1 + shift.x,
      bottom: inner.bottom + 1 + shift.y,
    };
    holes.push({ box: around, area: holeArea(hole, w) });
  }
  return [
    { box: { left: box.left - 1, top: box.top - 1, right: box.right - 1, bottom: box.bottom - 1 }, area: polygonArea(filled, w) },
    ...holes,
  ];
}

function boxOf(places: readonly number[], columns: number): Box {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  for (const at of places) {
    const [y, x] = [Math.floor(at / columns), at % columns];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}

/** Of a region without holes: a square of four pixels' centres counts 1, three of them one half. */
function polygonArea(filled: Uint8Array, columns: number): number {
  let area = 0;
  for (let at = 0; at + columns + 1 < filled.length; at++) {
    if (at % columns === columns - 1) continue;
    const corners = [at, at + 1, at + columns, at + columns + 1].filter((place) => filled[place] === 1).length;
    if (corners >= 3) area += (corners - 2) / 2;
  }
  return area;
}

/** Of the polygon through the pixels around a hole: every pixel of the hole is surrounded, so squares are counted that touch one. */
function holeArea(hole: readonly number[], columns: number): number {
  const rows = 2 + Math.floor(Math.max(...hole) / columns);
  const map = new Uint8Array((rows + 1) * columns);
  for (const at of hole) for (const [dy, dx] of [[0, 0], ...FOUR]) map[at + dy * columns + dx] = 1;
  return polygonArea(map, columns);
}
