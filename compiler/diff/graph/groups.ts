/** Differences of graphs, put together by where they were written: one group for what an author did at one place. */
import type { CallFrame } from '../../check/values.ts';
import type { Node } from '../../ops/graph.ts';
import type { Blame, Site } from '../text/blame.ts';
import type { Landing } from '../text/body-pair.ts';
import type { Tree } from '../text/fingerprint.ts';
import type { Compared } from './compare.ts';
import type { GraphDifference } from './differences.ts';
import type { Point } from './outline.ts';

export interface Found {
  readonly difference: GraphDifference;
  readonly compared: Compared;
}

export interface Group {
  readonly landing: Landing;
  readonly found: readonly Found[];
}

/** Groups of what was written somewhere; what follows from other differences is in none of them. */
export class Groups {
  readonly #groups = new Map<Tree | undefined, Map<Tree | undefined, { landing: Landing; found: Found[] }>>();
  /** Differences that follow from others. */
  readonly derived: Found[] = [];

  add(compared: Compared, blame: Blame): void {
    const counterpart = framePairs(compared);
    const sides = { a: compared.a.E, b: compared.b.E };
    const site = (side: 'a' | 'b', node: Node): Site | undefined => node.span && { frame: sides[side].frameOf(node), span: node.span };
    const landingOf = (d: GraphDifference): Landing | undefined => {
      const alone = (side: 'a' | 'b', node: Node): Landing | undefined => {
        const at = site(side, node);
        return at && blame.alone(side, at, counterpart[side]);
      };
      switch (d.kind) {
        case 'removed':
          return alone('a', d.a.node);
        case 'added':
          return alone('b', d.b.node);
        case 'detach':
          return d.cut.a && !d.cut.b ? alone('a', d.cut.a) : d.cut.b ? alone('b', d.cut.b) : undefined;
        default: {
          const [a, b] = [site('a', d.a.node), site('b', d.b.node)];
          return a && b && blame.both(a, b);
        }
      }
    };
    for (const difference of compared.differences) {
      const landing = landingOf(difference);
      if (!landing) this.derived.push({ difference, compared });
      else this.#group(landing).found.push({ difference, compared });
    }
  }

  /** Groups, with new statements that feed each other (and old ones that are gone) as one. */
  all(): readonly Group[] {
    const groups = [...this.#groups.values()].flatMap((of) => [...of.values()]);
    const merged = new Map<object, object>();
    const root = (group: object): object => {
      const up = merged.get(group);
      return up ? root(up) : group;
    };
    for (const side of ['a', 'b'] as const) {
      const owner = new Map<Point, object>();
      const lonely = groups.filter(({ landing }) => landing[side] && !landing[side === 'a' ? 'b' : 'a']);
      for (const group of lonely)
        for (const { difference } of group.found) {
          const point = difference.kind === 'removed' ? difference.a : difference.kind === 'added' ? difference.b : undefined;
          if (point) owner.set(point, group);
        }
      for (const [point, group] of owner)
        for (const { from } of point.inputs) {
          const other = owner.get(from);
          if (other && root(other) !== root(group)) merged.set(root(other), root(group));
        }
    }
    const result = new Map<object, { landing: Landing; found: Found[] }>();
    for (const group of groups) {
      const first = root(group);
      const known = result.get(first);
      if (known) known.found.push(...group.found);
      else result.set(first, { landing: groups.find((g) => g === first)?.landing ?? group.landing, found: [...group.found] });
    }
    return [...result.values()];
  }

  #group(landing: Landing): { landing: Landing; found: Found[] } {
    const of = this.#groups.get(landing.a?.tree) ?? new Map<Tree | undefined, { landing: Landing; found: Found[] }>();
    this.#groups.set(landing.a?.tree, of);
    const group = of.get(landing.b?.tree) ?? { landing, found: [] };
    of.set(landing.b?.tree, group);
    return group;
  }
}

type Counterpart = (frame: CallFrame) => CallFrame | undefined;

/** Calls that are the same one on both sides: those in which matched operators stand. */
function framePairs({ matching, a, b }: Compared): { readonly a: Counterpart; readonly b: Counterpart } {
  const forth = new Map<CallFrame, CallFrame>();
  const back = new Map<CallFrame, CallFrame>();
  for (const [p, q] of matching.pairs) {
    let [x, y] = [a.E.frameOf(p.node), b.E.frameOf(q.node)];
    while (x && y && !forth.has(x) && !back.has(y) && x.declaration.name.text === y.declaration.name.text) {
      forth.set(x, y);
      back.set(y, x);
      [x, y] = [x.caller, y.caller];
    }
  }
  return { a: (frame) => forth.get(frame), b: (frame) => back.get(frame) };
}
