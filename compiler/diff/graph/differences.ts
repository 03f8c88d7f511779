/** What differs between two matched graphs, operator by operator. No difference here means: the same computation under other names. */
import { numberToJson } from '../../ir/attributes.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { StateDeclaration } from '../../ir/program.ts';
import type { AttrValue, Node } from '../../ops/graph.ts';
import { type Dim, isDim, nameOf, substitute, variable } from '../../shape/dim.ts';
import type { Matching } from './match.ts';
import { type Point, sizeAttributes } from './outline.ts';

export type GraphDifference =
  /** Matched, with another operator or another choice (stride, factor, constant). */
  | { readonly kind: 'choice'; readonly a: Point; readonly b: Point; readonly attribute: string }
  /** Matched, with other sizes: of its result, or in what it was told. */
  | { readonly kind: 'size'; readonly a: Point; readonly b: Point }
  /** A tensor of the state that starts otherwise, or has another role. */
  | { readonly kind: 'start'; readonly a: Point; readonly b: Point }
  /** Matched, reading another matched tensor. */
  | { readonly kind: 'wiring'; readonly a: Point; readonly b: Point }
  /** Matched, with the gradient stopped in one of them: the operators that stop it. */
  | {
      readonly kind: 'detach';
      readonly a: Point;
      readonly b: Point;
      readonly cut: { readonly a: Node | undefined; readonly b: Node | undefined };
    }
  | { readonly kind: 'removed'; readonly a: Point }
  | { readonly kind: 'added'; readonly b: Point };

/** The state of both sides, by key. */
export interface States {
  readonly a: ReadonlyMap<string, StateDeclaration>;
  readonly b: ReadonlyMap<string, StateDeclaration>;
}

export function differencesOf(
  matching: Matching,
  states: States,
  steps: (side: 'a' | 'b', input: string) => string | undefined,
): readonly GraphDifference[] {
  const found: GraphDifference[] = [];
  const rename = renamedSizes(matching);
  const known = new Map<Dim, string>();
  const size = (side: 'a' | 'b', d: Dim): string => {
    if (side === 'b' || rename.size === 0) return d.key;
    const text = known.get(d) ?? substitute(d, rename).key;
    known.set(d, text);
    return text;
  };
  const shape = (side: 'a' | 'b', { node }: Point): string => node.type.shape.map((d) => size(side, d)).join(' ');
  for (const point of matching.a.points) if (!matching.partner(point)) found.push({ kind: 'removed', a: point });
  for (const point of matching.b.points) if (!matching.origin(point)) found.push({ kind: 'added', b: point });
  for (const [a, b] of matching.pairs) {
    if (isInput(a.node)) {
      if (inputName(a.node).role === 'state') {
        const [left, right] = [states.a.get(inputName(a.node).name), states.b.get(inputName(b.node).name)];
        if (left && right && started(left) !== started(right)) found.push({ kind: 'start', a, b });
      } else if (steps('a', inputName(a.node).name) !== steps('b', inputName(b.node).name))
        found.push({ kind: 'choice', a, b, attribute: 'steps' });
    } else if (a.node.op !== b.node.op) found.push({ kind: 'choice', a, b, attribute: 'operator' });
    else {
      const sizes = sizeAttributes(a.node.op);
      const text = (side: 'a' | 'b', value: AttrValue | undefined): string =>
        value === undefined ? '' : attributeText(value, (d) => size(side, d));
      const names = [...new Set([...Object.keys(a.node.attrs), ...Object.keys(b.node.attrs)])].sort();
      const other = names.filter((name) => text('a', a.node.attrs[name]) !== text('b', b.node.attrs[name]));
      const choice = other.find((name) => !sizes.includes(name));
      if (choice !== undefined) found.push({ kind: 'choice', a, b, attribute: choice });
      else if (other.length > 0) found.push({ kind: 'size', a, b });
    }
    if (shape('a', a) !== shape('b', b)) found.push({ kind: 'size', a, b });
    wiring(matching, a, b, found);
  }
  for (const result of matching.a.outputs) {
    const other = matching.b.outputs.find((o) => o.role === result.role && o.from === matching.partner(result.from));
    const same = other ?? matching.b.outputs.find((o) => o.role === result.role && o.name === result.name);
    if (!same || same.role === 'state') continue;
    if (!!result.detached !== !!same.detached)
      found.push({ kind: 'detach', a: result.from, b: same.from, cut: { a: result.detached, b: same.detached } });
  }
  return found;
}

function wiring(matching: Matching, a: Point, b: Point, found: GraphDifference[]): void {
  for (let slot = 0; slot < Math.max(a.inputs.length, b.inputs.length); slot++) {
    const [left, right] = [a.inputs[slot], b.inputs[slot]];
    if (!left || !right) {
      found.push({ kind: 'wiring', a, b });
      return;
    }
    const partner = matching.partner(left.from);
    // What is new or gone between the two explains itself.
    if (partner && partner !== right.from && matching.origin(right.from)) found.push({ kind: 'wiring', a, b });
    else if (!!left.detached !== !!right.detached) found.push({ kind: 'detach', a, b, cut: { a: left.detached, b: right.detached } });
  }
}

function attributeText(value: AttrValue, size: (d: Dim) => string): string {
  if (isDim(value)) return size(value);
  if (typeof value === 'number') return JSON.stringify(numberToJson(value));
  return typeof value === 'object' ? `[${value.map((item) => attributeText(item, size)).join(',')}]` : JSON.stringify(value);
}

function started({ init, role, parameterRole }: StateDeclaration): string {
  return JSON.stringify([init, role, parameterRole]);
}

/** Sizes of the first graph under the names of the second: where inputs that are one have a name for the same axis. */
function renamedSizes(matching: Matching): ReadonlyMap<string, Dim> {
  const names = new Map<string, Dim>();
  for (const [a, b] of matching.pairs) {
    if (!isInput(a.node) || inputName(a.node).role !== 'batch') continue;
    for (const [axis, d] of a.node.type.shape.entries()) {
      const other = b.node.type.shape[axis];
      const [left, right] = [nameOf(d), other && nameOf(other)];
      if (left !== undefined && right !== undefined && left !== right && !names.has(left)) names.set(left, variable(right));
    }
  }
  return names;
}
