/** Number of single-character insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, beforeLast[j - 2] + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/**
 * The candidates that the author may have meant, best first: the same name in other letter case, then by edit distance within a third of
 * the name's length (at least one edit), where a name inside another (`gap` in `gap_pool`) costs less than its length says.
 * Ties keep alphabetical order, so the answer does not depend on the order of declarations.
 */
export function suggestions(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const allowed = Math.max(1, Math.floor(name.length / 3));
  const ranked: { readonly text: string; readonly cost: number }[] = [];
  for (const text of new Set(candidates)) {
    if (text === name || text === '') continue;
    const lower = text.toLowerCase();
    if (lower === wanted) {
      ranked.push({ text, cost: -1 });
      continue;
    }
    const distance = editDistance(wanted, lower);
    const inside = wanted.length >= 3 && lower.length >= 3 && (lower.includes(wanted) || wanted.includes(lower));
    // A name that contains the other counts as within reach: one edit, and a little for what is left over.
    const cost = inside ? Math.min(distance, 1 + Math.abs(text.length - name.length) / 100) : distance;
    if (cost <= allowed || (inside && cost < allowed + 1)) ranked.push({ text, cost });
  }
  ranked.sort((a, b) => a.cost - b.cost || (a.text < b.text ? -1 : 1));
  return ranked.slice(0, limit).map((r) => r.text);
}

/** `did you mean 'conv'?`, `did you mean 'conv', 'conv1d' or 'cov'?`, or undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const found = suggestions(name, candidates).map((s) => `'${s}'`);
  if (found.length === 0) return undefined;
  return `did you mean ${joinOr(found)}?`;
}

/** `a`, `a or b`, `a, b or c` */
export function joinOr(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
}
