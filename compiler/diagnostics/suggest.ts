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

interface Ranked {
  readonly text: string;
  readonly cost: number;
  /** A slip of the pen: few letters differ, or only their case or the order of words. */
  readonly slip: boolean;
}

/**
 * The candidates that the author may have meant, best first: the same name in other letter case, then by edit distance within a third of
 * the name's length (at least one edit), where a name inside another (`gap` in `gap_pool`) and the same words in another order
 * (`norm_batch`) cost less than their letters say. Ties keep alphabetical order, so the answer does not depend on the order of declarations.
 */
export function suggestions(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  return ranked(name, candidates)
    .slice(0, limit)
    .map((r) => r.text);
}

function ranked(name: string, candidates: Iterable<string>): readonly Ranked[] {
  const wanted = name.toLowerCase();
  const allowed = Math.max(1, Math.floor(name.length / 3));
  const found: Ranked[] = [];
  for (const text of new Set(candidates)) {
    if (text === name || text === '') continue;
    const lower = text.toLowerCase();
    if (lower === wanted) {
      found.push({ text, cost: -1, slip: true });
      continue;
    }
    if (wordsOf(lower) === wordsOf(wanted)) {
      found.push({ text, cost: 0.5, slip: true });
      continue;
    }
    const distance = editDistance(wanted, lower);
    const inside = wanted.length >= 3 && lower.length >= 3 && (lower.includes(wanted) || wanted.includes(lower));
    // A name that contains the other counts as within reach: one edit, and a little for what is left over.
    const cost = inside ? Math.min(distance, 1 + Math.abs(text.length - name.length) / 100) : distance;
    if (cost <= allowed || (inside && cost < allowed + 1)) found.push({ text, cost, slip: distance <= allowed });
  }
  return found.sort((a, b) => a.cost - b.cost || (a.text < b.text ? -1 : 1));
}

/** `half_pixel` and `pixel_half` are made of the same words. */
function wordsOf(name: string): string {
  return name.split('_').filter(Boolean).sort().join('_');
}

/** A question to the author, and the word that answers it where one candidate is a slip away and nearer than all others: what a fix writes. */
export interface Suggestion {
  readonly text: string;
  readonly wrong: string;
  readonly right: string | undefined;
}

/** `did you mean 'conv'?`, `did you mean 'conv', 'conv1d' or 'cov'?`, or undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): Suggestion | undefined {
  const found = ranked(name, candidates).slice(0, 3);
  if (found.length === 0) return undefined;
  const [first, second] = found;
  return {
    text: `did you mean ${joinOr(found.map((s) => `'${s.text}'`))}?`,
    wrong: name,
    right: first.slip && (second === undefined || first.cost < second.cost) ? first.text : undefined,
  };
}

/** The question alone, for text that no file holds: names on the command line. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  return didYouMean(name, candidates)?.text;
}

/** `a`, `a or b`, `a, b or c` */
export function joinOr(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
}
