/** Long rows of the same module inside an opened call, as in a deep network: drawn as one box from the first to the last. */
import type { Node } from '../ops/graph.ts';
import type { Wiring, WiringBox, WiringEdge } from './wiring.ts';

/** Boxes that an opened call may have before its rows are drawn together. */
const MANY = 8;

/** `trained`: boxes in a row are trained alike. */
export function withoutLongRows(wiring: Wiring, trained: ReadonlySet<string>): Wiring {
  const crowded = new Set(
    wiring.clusters.map(({ id }) => id).filter((id) => wiring.boxes.filter(({ cluster }) => cluster === id).length > MANY),
  );
  if (crowded.size === 0) return wiring;
  const rows = rowsOf(wiring, crowded, trained);
  const head = new Map<string, string>();
  for (const row of rows) for (const { id } of row) head.set(id, row[0].id);
  const first = (id: string): string => head.get(id) ?? id;
  const wholes = new Map(rows.map((row) => [row[0].id, asOne(row)] as const));
  const edges = wiring.edges.flatMap((edge): readonly WiringEdge[] => {
    const [from, to] = [first(edge.from), first(edge.to)];
    return from === to ? [] : [{ ...edge, from, to }];
  });
  return {
    boxes: wiring.boxes.flatMap((box) => (first(box.id) === box.id ? [wholes.get(box.id) ?? box] : [])),
    clusters: wiring.clusters,
    edges,
    boxOf: new Map<Node, string>([...wiring.boxOf].map(([node, id]) => [node, first(id)])),
  };
}

/** Boxes of which each gives only to the next, and the next takes only from it. */
function rowsOf({ boxes, edges }: Wiring, crowded: ReadonlySet<string>, trained: ReadonlySet<string>): readonly (readonly WiringBox[])[] {
  const after = new Map<string, Set<string>>();
  const before = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    after.set(from, (after.get(from) ?? new Set()).add(to));
    before.set(to, (before.get(to) ?? new Set()).add(from));
  }
  const byId = new Map(boxes.map((box) => [box.id, box] as const));
  const kind = ({ module, cluster, keys }: WiringBox): string =>
    JSON.stringify([cluster, module, keys.some((key) => trained.has(key)), keys.every((key) => trained.has(key))]);
  const next = (box: WiringBox): WiringBox | undefined => {
    const [id, ...others] = after.get(box.id) ?? [];
    const found = id === undefined || others.length > 0 ? undefined : byId.get(id);
    return found && before.get(found.id)?.size === 1 && found.module !== undefined && kind(found) === kind(box) ? found : undefined;
  };
  const candidates = boxes.filter(({ cluster, module }) => cluster !== undefined && crowded.has(cluster) && module !== undefined);
  const inner = new Set(candidates.flatMap((box) => next(box)?.id ?? []));
  return candidates
    .filter(({ id }) => !inner.has(id))
    .map((box) => {
      const row = [box];
      for (let n = next(box); n; n = next(n)) row.push(n);
      return row;
    })
    .filter((row) => row.length > 1);
}

function asOne(row: readonly WiringBox[]): WiringBox {
  const all = (of: (box: WiringBox) => readonly string[]): readonly string[] => [...new Set(row.flatMap(of))];
  return { ...row[0], keys: all(({ keys }) => keys), uses: all(({ uses }) => uses), times: row.length, last: row[row.length - 1].path };
}
