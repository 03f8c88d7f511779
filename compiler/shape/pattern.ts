/** Einops patterns: `n h w d -> n (h w) d`. Parsing and checking; what becomes of them is decided where graphs are built. */

/** An axis is a letter or word, `1`, or a group of axes merged into one. */
export type PatternAxis =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'group'; readonly names: readonly string[] };

export interface Pattern {
  readonly inputs: readonly (readonly PatternAxis[])[];
  readonly output: readonly PatternAxis[];
}

export type PatternResult = { readonly pattern: Pattern } | { readonly problem: string };

/** Parses a pattern with this many inputs, separated by commas. */
export function parsePattern(text: string, inputs: number): PatternResult {
  const sides = text.split('->');
  if (sides.length !== 2) return { problem: 'it needs one -> between what comes in and what goes out' };
  const left = sides[0].split(',');
  if (left.length !== inputs) return { problem: `it describes ${left.length} inputs, and there are ${inputs}` };
  const parsed: PatternAxis[][] = [];
  for (const side of [...left, sides[1]]) {
    const axes = parseSide(side);
    if (typeof axes === 'string') return { problem: axes };
    const names = namesOf(axes);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) return { problem: `the axis ${twice} occurs twice on one side` };
    parsed.push(axes);
  }
  const output = parsed.pop()!;
  const known = new Set(parsed.flatMap(namesOf));
  const unknown = namesOf(output).find((name) => !known.has(name));
  if (unknown !== undefined) return { problem: `nothing on the left is called ${unknown}` };
  return { pattern: { inputs: parsed, output } };
}

function parseSide(side: string): PatternAxis[] | string {
  const axes: PatternAxis[] = [];
  const tokens = side.match(/[A-Za-z_][A-Za-z0-9_]*|1|\(|\)|\S/g) ?? [];
  let group: string[] | undefined;
  for (const token of tokens) {
    if (token === '(') {
      if (group) return 'a group cannot hold a group';
      group = [];
    } else if (token === ')') {
      if (!group) return 'a ) without its (';
      axes.push({ kind: 'group', names: group });
      group = undefined;
    } else if (token === '1') {
      if (!group) axes.push({ kind: 'one' });
    } else if (!/^[A-Za-z_]/.test(token)) return `'${token}' is no axis`;
    else if (group) group.push(token);
    else axes.push({ kind: 'name', name: token });
  }
  return group ? 'a ( without its )' : axes;
}

export function namesOf(axes: readonly PatternAxis[]): readonly string[] {
  return axes.flatMap((axis) => (axis.kind === 'name' ? [axis.name] : axis.kind === 'group' ? axis.names : []));
}
