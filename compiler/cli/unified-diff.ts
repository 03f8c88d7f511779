/** Two texts as a unified diff, which `patch` and `git apply` read. */

/** Lines of context around a change. */
const CONTEXT = 3;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** The diff of one file, without an end of line; empty where the texts are equal. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compared(linesOf(before), linesOf(after));
  const out = [`--- ${file}`, `+++ ${file}`];
  for (const [from, to] of hunks(lines)) out.push(headOf(lines, from, to), ...lines.slice(from, to).map(({ sign, text }) => sign + text));
  return out.join('\n');
}

/** The lines with their ends but the last; one without an end says so in the way of diff. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** By the longest common subsequence of what lies between the equal starts and ends. */
function compared(a: readonly string[], b: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  const width = right.length + 1;
  const common = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] =
        left[i] === right[j] ? common[(i + 1) * width + j + 1] + 1 : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  const lines: Line[] = a.slice(0, head).map((text) => ({ sign: ' ', text }));
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push({ sign: ' ', text: left[i++] });
      j++;
    } else if (j >= right.length || (i < left.length && common[(i + 1) * width + j] >= common[i * width + j + 1]))
      lines.push({ sign: '-', text: left[i++] });
    else lines.push({ sign: '+', text: right[j++] });
  }
  return [...lines, ...a.slice(a.length - tail).map((text): Line => ({ sign: ' ', text }))];
}

/** Ranges of lines around changes; changes that are near each other share one. */
function hunks(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const [i, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const last = found.at(-1);
    const from = Math.max(0, i - CONTEXT);
    const to = Math.min(lines.length, i + CONTEXT + 1);
    if (last && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

function headOf(lines: readonly Line[], from: number, to: number): string {
  const range = (sign: '-' | '+'): string => {
    const own = (some: readonly Line[]): number => some.filter((line) => line.sign === ' ' || line.sign === sign).length;
    const count = own(lines.slice(from, to));
    // The line before, where there is none.
    return `${sign}${own(lines.slice(0, from)) + (count > 0 ? 1 : 0)},${count}`;
  };
  return `@@ ${range('-')} ${range('+')} @@`;
}
