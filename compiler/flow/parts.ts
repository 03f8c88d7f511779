/** Parameters by the parts of the network that own them. */

/**
 * The fewest parts of the tree of keys (`net`, or `net.layer3`, `head.0.weight`) that hold the wanted keys and no other of `all`, in the order
 * of `all`.
 */
export function partsOf(all: readonly string[], wanted: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  const split = (prefix: string, depth: number, inside: readonly string[]): void => {
    if (!inside.some((key) => wanted.has(key))) return;
    if (prefix !== '' && inside.every((key) => wanted.has(key))) {
      found.push(prefix);
      return;
    }
    for (const [child, list] of byHead(inside, depth + 1)) split(child, depth + 1, list);
  };
  split('', 0, all);
  return found;
}

function byHead(keys: readonly string[], depth: number): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    const head = key.split('.').slice(0, depth).join('.');
    const list = found.get(head);
    if (list) list.push(key);
    else found.set(head, [key]);
  }
  return found;
}

/** `sides.0.weight` as a spec names it: `sides[0].weight`. */
export function asMember(key: string): string {
  return key.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
}
