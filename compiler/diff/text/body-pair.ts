/** Two bodies side by side: which statements are equal up to renaming, and which statement is which. */
import type { Parameter } from '../../syntax/ast.ts';
import type { Body, Leaf } from './bodies.ts';
import { fingerprint, identifiers, type Tree } from './fingerprint.ts';

/** Where a difference was written. */
export interface Landing {
  readonly a: Leaf | undefined;
  readonly b: Leaf | undefined;
}

export class BodyPair {
  readonly a: Body;
  readonly b: Body;
  /** Names of `a` under which `b` knows the same thing. */
  readonly #renamed = new Map<string, string>();
  readonly #prints: { readonly a: Map<object, string>; readonly b: Map<object, string> } = { a: new Map(), b: new Map() };
  readonly #behind = new Map<Leaf, { readonly landing: Landing | undefined }>();
  readonly #settled: ReadonlySet<string>;
  readonly #present: { readonly a: ReadonlySet<string>; readonly b: ReadonlySet<string> };

  /** `settled`: hypers of which both sides have the same value, however they are written. */
  constructor(a: Body, b: Body, settled: ReadonlySet<string>) {
    this.a = a;
    this.b = b;
    this.#settled = settled;
    this.#findRenamed();
    this.#present = {
      a: new Set(a.leaves.map((leaf) => this.#print('a', leaf.tree))),
      b: new Set(b.leaves.map((leaf) => this.#print('b', leaf.tree))),
    };
  }

  equal(a: Leaf, b: Leaf): boolean {
    return this.#print('a', a.tree) === this.#print('b', b.tree);
  }

  /** Whether the other body has a statement equal to this one. */
  hasEqual(side: 'a' | 'b', leaf: Leaf): boolean {
    if (leaf.tree.kind === 'hyper' && leaf.declares.every((name) => this.#settled.has(name))) return true;
    return this.#present[side === 'a' ? 'b' : 'a'].has(this.#print(side, leaf.tree));
  }

  /** The statement of the other body that stands for this one: an equal one, or the one that declares the same name. */
  counterpart(side: 'a' | 'b', leaf: Leaf): Leaf | undefined {
    const print = this.#print(side, leaf.tree);
    const [own, others, other] = side === 'a' ? [this.a, this.b.leaves, 'b' as const] : [this.b, this.a.leaves, 'a' as const];
    const equal = others.filter((o) => this.#print(other, o.tree) === print);
    if (equal.length > 0) {
      const twins = own.leaves.filter((o) => this.#print(side, o.tree) === print);
      return equal[Math.min(twins.indexOf(leaf), equal.length - 1)];
    }
    if (leaf.tree.kind === 'return') return others.find((o) => o.tree.kind === 'return');
    const names = leaf.declares.map((name) => (side === 'a' ? this.toB(name) : name));
    return others.find((o) => o.declares.some((name) => names.includes(side === 'a' ? name : this.toB(name))));
  }

  toB(name: string): string {
    return this.#renamed.get(name) ?? name;
  }

  /** How much of the two bodies is equal, from 0 to 1. */
  get likeness(): number {
    const shared = this.a.leaves.filter((leaf) => this.hasEqual('a', leaf)).length;
    return shared / Math.max(1, this.a.leaves.length, this.b.leaves.length);
  }

  /** What differs in statements that this one is made from, although it is itself equal: a static value, a setting, a block around it. */
  behind(side: 'a' | 'b', leaf: Leaf): Landing | undefined {
    const known = this.#behind.get(leaf);
    if (known) return known.landing;
    const landing = this.#lookBehind(side, leaf);
    this.#behind.set(leaf, { landing });
    return landing;
  }

  #lookBehind(side: 'a' | 'b', leaf: Leaf): Landing | undefined {
    const body = this[side];
    const seen = new Set<Leaf>([leaf]);
    const queue = [leaf];
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const name of identifiers(next.tree)) {
        const declared = body.leaves.find((o) => o !== next && o.declares.includes(name));
        if (!declared || seen.has(declared)) continue;
        seen.add(declared);
        if (!this.hasEqual(side, declared)) return this.landing(side, declared);
        queue.push(declared);
      }
    }
    const twin = this.counterpart(side, leaf);
    for (const [i, block] of leaf.within.entries()) {
      const other = twin?.within[i];
      if (!other || this.#print(side, block) !== this.#print(side === 'a' ? 'b' : 'a', other)) {
        const whole = (tree: Tree): Leaf => ({ tree, body: leaf.body, declares: [], within: [] });
        const blocks = { own: whole(block), other: other && whole(other) };
        return side === 'a' ? { a: blocks.own, b: blocks.other } : { a: blocks.other, b: blocks.own };
      }
    }
    return undefined;
  }

  landing(side: 'a' | 'b', leaf: Leaf): Landing {
    const twin = this.counterpart(side, leaf);
    return side === 'a' ? { a: leaf, b: twin } : { a: twin, b: leaf };
  }

  /** A parameter that has another default here than there. */
  parameter(): Landing | undefined {
    for (const p of this.a.parameters) {
      const q = this.b.parameters.find((other) => other.name.text === this.toB(p.name.text));
      if (!p.defaultValue || !q?.defaultValue || this.#print('a', p.defaultValue) === this.#print('b', q.defaultValue)) continue;
      const leaf = (parameter: Parameter): Leaf => ({
        tree: { kind: 'parameter', ...parameter },
        body: this.a.name,
        declares: [parameter.name.text],
        within: [],
      });
      return { a: leaf(p), b: leaf(q) };
    }
    return undefined;
  }

  #name(side: 'a' | 'b', body: Body, name: string): string {
    return side === 'a' && body.locals.has(name) ? this.toB(name) : name;
  }

  #print(side: 'a' | 'b', tree: object): string {
    const known = this.#prints[side].get(tree);
    if (known !== undefined) return known;
    const print = fingerprint(tree, (name) => this.#name(side, this[side], name));
    this.#prints[side].set(tree, print);
    return print;
  }

  /** Parameters by place, statements by what they are without any names. */
  #findRenamed(): void {
    const [a, b] = [this.a, this.b];
    const pair = (from: string | undefined, to: string | undefined): void => {
      if (from === undefined || to === undefined || from === to || b.locals.has(from) || a.locals.has(to)) return;
      if (!this.#renamed.has(from)) this.#renamed.set(from, to);
    };
    if (a.parameters.length === b.parameters.length)
      for (const [i, p] of a.parameters.entries()) pair(p.name.text, b.parameters[i].name.text);
    const nameless = (body: Body, leaf: Leaf): string => fingerprint(leaf.tree, (name) => (body.locals.has(name) ? '$' : name));
    const all = (body: Body): readonly (readonly [Body, Leaf])[] => {
      const own = body.leaves.map((leaf) => [body, leaf] as const);
      return body.outer ? [...body.outer.leaves.map((leaf) => [body, leaf] as const), ...own] : own;
    };
    const open = all(b).filter(([, leaf]) => leaf.declares.some((name) => !a.locals.has(name)));
    for (const [, leaf] of all(a)) {
      if (!leaf.declares.some((name) => !b.locals.has(name))) continue;
      const print = nameless(a, leaf);
      const at = open.findIndex(([, other]) => other.declares.length === leaf.declares.length && nameless(b, other) === print);
      if (at < 0) continue;
      const [[, twin]] = open.splice(at, 1);
      for (const [i, name] of leaf.declares.entries()) pair(name, twin.declares[i]);
    }
  }
}
