/** Which operators belong to a loss rather than to the network: what only a loss reads, and stands in one call with it. */
import type { CallFrame } from '../../check/values.ts';
import type { Outline, Point } from './outline.ts';

export function lossPart(outline: Outline, frameOf: (point: Point) => CallFrame | undefined): ReadonlySet<Point> {
  const found = new Set<Point>();
  const results = new Set(outline.outputs.filter(({ role }) => role !== 'loss').map(({ from }) => from));
  const losses = new Set(outline.outputs.filter(({ role }) => role === 'loss').map(({ from }) => from));
  for (let i = outline.points.length - 1; i >= 0; i--) {
    const point = outline.points[i];
    if (results.has(point)) continue;
    if (losses.has(point) || point.node.kind === 'loss') {
      found.add(point);
      continue;
    }
    if (point.users.length === 0 || !point.users.every(({ user }) => found.has(user)) || point.node.op === 'input') continue;
    const frame = frameOf(point);
    if (point.users.some(({ user }) => lies(frame, frameOf(user)))) found.add(point);
  }
  return found;
}

/** Whether a call is the other one, or happens during it. The method itself is no such call. */
function lies(inner: CallFrame | undefined, outer: CallFrame | undefined): boolean {
  if (!outer) return false;
  for (let frame = inner; frame; frame = frame.caller) if (frame === outer) return true;
  return false;
}
