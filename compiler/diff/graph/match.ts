/**
 * Which operator of one graph is which of the other. Names are only asked where the structure leaves a choice: what is computed alike is matched
 * first (from the inputs down), then what is used alike (from the results up), then what stands between matched neighbours, and last what has
 * the same place among the calls.
 */
import { isInput } from '../../ir/paths.ts';
import type { Interning } from './interning.ts';
import { longestCommon } from './longest-common.ts';
import type { Outline, Point } from './outline.ts';

export interface Matching {
  readonly a: Outline;
  readonly b: Outline;
  /** Of points of `a`. */
  partner(point: Point): Point | undefined;
  /** Of points of `b`. */
  origin(point: Point): Point | undefined;
  readonly pairs: readonly (readonly [Point, Point])[];
}

/** `results`: outputs that are the same result in both, by position in the lists of outputs. */
export function match(a: Outline, b: Outline, results: readonly (readonly [number, number])[], interning: Interning): Matching {
  const matcher = new Matcher(a, b, results, interning);
  matcher.run();
  return matcher;
}

class Matcher implements Matching {
  readonly a: Outline;
  readonly b: Outline;
  readonly #results: readonly (readonly [number, number])[];
  readonly #interning: Interning;
  readonly #partners: (Point | undefined)[];
  readonly #origins: (Point | undefined)[];
  /** What depends on the batch. What is made of the state alone (the factors of a normalisation) looks alike everywhere: its reader tells which it is. */
  readonly #fed: ReadonlySet<Point>;
  /** Matched pairs whose neighbours have not been looked at. */
  #fresh: (readonly [Point, Point])[] = [];

  constructor(a: Outline, b: Outline, results: readonly (readonly [number, number])[], interning: Interning) {
    this.a = a;
    this.b = b;
    this.#results = results;
    this.#interning = interning;
    this.#fed = new Set([...fed(a), ...fed(b)]);
    this.#partners = a.points.map(() => undefined);
    this.#origins = b.points.map(() => undefined);
  }

  partner(point: Point): Point | undefined {
    return this.#partners[point.id];
  }

  origin(point: Point): Point | undefined {
    return this.#origins[point.id];
  }

  get pairs(): readonly (readonly [Point, Point])[] {
    return this.a.points.flatMap((point) => {
      const partner = this.partner(point);
      return partner ? [[point, partner] as const] : [];
    });
  }

  run(): void {
    const [down, up] = [computed(this.a, this.b, this.#interning), this.#used()];
    const computes = (side: 'a' | 'b', p: Point): string => String(down[side][p.id]);
    const serves = (side: 'a' | 'b', p: Point): string | undefined => (up[side][p.id] < 0 ? undefined : String(up[side][p.id]));
    const sized = (key: string | undefined, p: Point): string | undefined =>
      key === undefined ? undefined : `${key} ${p.node.type.shape.map((d) => d.key).join(',')}`;
    // From what leaves no doubt to what leaves some.
    this.#byKey((side, p) => `${computes(side, p)} ${up[side][p.id]}`);
    this.#byKey((side, p) => sized(`${computes(side, p)} ${tag(p)}`, p));
    this.#byKey((side, p) => sized(serves(side, p), p));
    this.#byKey((side, p) => sized(computes(side, p), p));
    this.#byKey(serves);
    this.#byKey(computes);
    for (const [i, j] of this.#results) this.#tryPair(this.a.outputs[i].from, this.b.outputs[j].from, true);
    for (const strict of [true, false]) {
      this.#spread(strict);
      this.#byPlace(strict);
      this.#fresh = [...this.pairs];
      this.#spread(strict);
    }
  }

  /** What each point is used for by the results that both sides have; -1 where by none. */
  #used(): { readonly a: readonly number[]; readonly b: readonly number[] } {
    const side = (outline: Outline, place: 0 | 1): readonly number[] => {
      const uses: string[][] = outline.points.map(() => []);
      for (const [n, result] of this.#results.entries()) uses[outline.outputs[result[place]].from.id].push(`result ${n}`);
      for (const output of outline.outputs) if (output.role === 'state') uses[output.from.id].push('state');
      const up: number[] = outline.points.map(() => -1);
      for (let i = outline.points.length - 1; i >= 0; i--) {
        const point = outline.points[i];
        for (const { user, slot } of point.users) if (up[user.id] >= 0) uses[i].push(`${up[user.id]} ${slot}`);
        if (uses[i].length > 0) up[i] = this.#interning.of(`up ${point.label} ${uses[i].sort().join(',')}`);
      }
      return up;
    };
    return { a: side(this.a, 0), b: side(this.b, 1) };
  }

  #pair(a: Point, b: Point): void {
    this.#partners[a.id] = b;
    this.#origins[b.id] = a;
    this.#fresh.push([a, b]);
  }

  #free(a: Point, b: Point): boolean {
    return !this.#partners[a.id] && !this.#origins[b.id];
  }

  #tryPair(a: Point, b: Point, strict: boolean): void {
    if (this.#free(a, b) && alike(a, b, strict)) this.#pair(a, b);
  }

  /** Pairs points of equal keys; where there are several, those of the same name and path, then (of as many on both sides) in order. */
  #byKey(key: (side: 'a' | 'b', point: Point) => string | undefined): void {
    const groups = new Map<string, { a: Point[]; b: Point[] }>();
    for (const side of ['a', 'b'] as const)
      for (const point of this[side].points) {
        if (!this.#fed.has(point) || (side === 'a' ? this.#partners : this.#origins)[point.id]) continue;
        const k = key(side, point);
        if (k === undefined) continue;
        const group = groups.get(k);
        if (group) group[side].push(point);
        else groups.set(k, { a: side === 'a' ? [point] : [], b: side === 'b' ? [point] : [] });
      }
    for (const { a, b } of groups.values()) {
      if (a.length === 0 || b.length === 0) continue;
      if (a.length === 1 && b.length === 1) {
        this.#pair(a[0], b[0]);
        continue;
      }
      for (const p of a) {
        const same = b.filter((q) => this.#free(p, q) && tag(p) === tag(q));
        if (same.length > 0) this.#pair(p, same[0]);
      }
      const rest = [a.filter((p) => !this.#partners[p.id]), b.filter((q) => !this.#origins[q.id])];
      if (rest[0].length === rest[1].length) for (const [i, p] of rest[0].entries()) this.#pair(p, rest[1][i]);
    }
  }

  /** From matched points to their neighbours, until nothing new is found. */
  #spread(strict: boolean): void {
    for (let next = this.#fresh.pop(); next; next = this.#fresh.pop()) {
      const [a, b] = next;
      for (let slot = 0; slot < Math.min(a.inputs.length, b.inputs.length); slot++)
        this.#tryPair(a.inputs[slot].from, b.inputs[slot].from, strict);
      const users = new Map<string, { a: Point[]; b: Point[] }>();
      const gather = (side: 'a' | 'b', point: Point, taken: readonly (Point | undefined)[]): void => {
        for (const { user, slot } of point.users) {
          if (taken[user.id]) continue;
          const key = `${strict ? user.label : user.node.op} ${slot}`;
          const group = users.get(key) ?? { a: [], b: [] };
          if (!group[side].includes(user)) group[side].push(user);
          users.set(key, group);
        }
      };
      gather('a', a, this.#partners);
      gather('b', b, this.#origins);
      for (const group of users.values()) {
        if (group.a.length !== group.b.length) continue;
        for (const [i, p] of group.a.entries()) if (!this.#contradicts(p, group.b[i])) this.#tryPair(p, group.b[i], strict);
      }
    }
  }

  /** Whether most of what the two read has been matched, but not with each other. */
  #contradicts(a: Point, b: Point): boolean {
    let against = 0;
    let supports = 0;
    for (const [slot, { from }] of a.inputs.entries()) {
      const other = b.inputs[slot]?.from;
      const partner = this.#partners[from.id];
      if (partner && other) {
        if (partner === other) supports++;
        else if (this.#origins[other.id]) against++;
      }
    }
    return against > supports;
  }

  /** Points left over, by the call in which they stand: in program order. */
  #byPlace(strict: boolean): void {
    const votes = new Map<string, Map<string, number>>();
    for (const [a, b] of this.pairs) {
      const of = votes.get(a.node.path) ?? new Map<string, number>();
      of.set(b.node.path, (of.get(b.node.path) ?? 0) + 1);
      votes.set(a.node.path, of);
    }
    const renamed = (path: string): string => {
      const of = votes.get(path);
      return of ? [...of].sort((x, y) => y[1] - x[1] || Number(y[0] === path) - Number(x[0] === path))[0][0] : path;
    };
    const groups = new Map<string, { a: Point[]; b: Point[] }>();
    const put = (side: 'a' | 'b', path: string, point: Point): void => {
      const group = groups.get(path) ?? { a: [], b: [] };
      group[side].push(point);
      groups.set(path, group);
    };
    for (const p of this.a.points) if (!this.#partners[p.id] && !isInput(p.node)) put('a', renamed(p.node.path), p);
    for (const q of this.b.points) if (!this.#origins[q.id] && !isInput(q.node)) put('b', q.node.path, q);
    for (const { a, b } of groups.values()) {
      const same = (p: Point, q: Point): boolean => alike(p, q, strict) && p.node.name === q.node.name;
      for (const [i, j] of longestCommon(a, b, same)) if (!this.#contradicts(a[i], b[j])) this.#tryPair(a[i], b[j], strict);
      const [x, y] = [a.filter((p) => !this.#partners[p.id]), b.filter((q) => !this.#origins[q.id])];
      for (const [i, j] of longestCommon(x, y, (p, q) => alike(p, q, strict)))
        if (!this.#contradicts(x[i], y[j])) this.#tryPair(x[i], y[j], strict);
    }
  }
}

function fed({ points }: Outline): ReadonlySet<Point> {
  const found = new Set<Point>();
  const outside = ({ node }: Point): boolean => isInput(node) && node.attrs.role !== 'state';
  for (const point of points) if (point.inputs.some(({ from }) => found.has(from) || outside(from))) found.add(point);
  return found;
}

/** What each point computes, sizes and names aside. */
function computed(a: Outline, b: Outline, interning: Interning): { readonly a: readonly number[]; readonly b: readonly number[] } {
  const side = ({ points }: Outline): readonly number[] => {
    const down: number[] = [];
    for (const { label, inputs } of points) down.push(interning.of(`down ${label} ${inputs.map(({ from }) => down[from.id]).join(',')}`));
    return down;
  };
  return { a: side(a), b: side(b) };
}

function tag({ node, inputs }: Point): string {
  const state = inputs.find(({ from }) => isInput(from.node))?.from.node.attrs.name;
  return `${node.path} ${node.name ?? ''} ${String(state ?? '')}`;
}

/** Whether two points may be one and the same: strictly with the same choices, else with the same operator (or both inputs of one kind). */
function alike(a: Point, b: Point, strict: boolean): boolean {
  if (strict) return a.label === b.label;
  if (a.node.op !== b.node.op || a.inputs.length !== b.inputs.length) return false;
  return !isInput(a.node) || a.node.attrs.role === b.node.attrs.role;
}
