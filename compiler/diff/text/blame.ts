/**
 * Where a difference between two operators was written. An operator stands in a call, that in another, up to the method. From the inside out, the
 * first statement that is not equal on the other side is to blame: a module whose statement is equal computes something else only because it was
 * configured or called otherwise. Where all statements up to the method are equal, the difference follows from another one (a size that changed
 * before) and is nobody's.
 */
import type { CallFrame, Value } from '../../check/values.ts';
import type { Span } from '../../source/source.ts';
import type { Bodies, Body } from './bodies.ts';
import { leafAt } from './bodies.ts';
import { BodyPair, type Landing } from './body-pair.ts';

/** A place in the text, and the call during which it was read. */
export interface Site {
  readonly frame: CallFrame | undefined;
  readonly span: Span;
}

export class Blame {
  readonly #a: Bodies;
  readonly #b: Bodies;
  /** Name of the inference program that is compared; none for the training step. */
  readonly #program: { readonly a: string; readonly b: string } | undefined;
  readonly #pairs: Map<Body, Map<Body, BodyPair>>;
  readonly #settled: ReadonlySet<string>;

  constructor(
    a: Bodies,
    b: Bodies,
    program: { readonly a: string; readonly b: string } | undefined,
    pairs: Map<Body, Map<Body, BodyPair>>,
    settled: ReadonlySet<string>,
  ) {
    this.#a = a;
    this.#b = b;
    this.#program = program;
    this.#pairs = pairs;
    this.#settled = settled;
  }

  pair(a: Body, b: Body): BodyPair {
    const of = this.#pairs.get(a) ?? new Map<Body, BodyPair>();
    this.#pairs.set(a, of);
    const known = of.get(b) ?? new BodyPair(a, b, this.#settled);
    of.set(b, known);
    return known;
  }

  /** Of operators that have been matched; undefined where the difference follows from another. */
  both(a: Site, b: Site): Landing | undefined {
    let [left, right] = [a, b];
    for (;;) {
      const [x, y] = [this.#a.of(left.frame, left.span, this.#program?.a), this.#b.of(right.frame, right.span, this.#program?.b)];
      if (!this.#correspond(x, y)) {
        // A call more on one side: what it was called with stands outside.
        const [m, n] = [depth(left.frame), depth(right.frame)];
        if (m === 0 && n === 0) return undefined;
        if (m >= n && left.frame) left = outside(left.frame);
        if (n >= m && right.frame) right = outside(right.frame);
        continue;
      }
      const pair = this.pair(x, y);
      const [p, q] = [leafAt(x, left.span), leafAt(y, right.span)];
      if (p && q && !pair.equal(p, q)) return { a: p, b: q };
      const behind = (p && pair.behind('a', p)) ?? (q && pair.behind('b', q));
      if (behind) return behind;
      const declared = this.#outer(x, y, left, right);
      if (declared || !left.frame || !right.frame) return declared;
      const parameter = pair.parameter();
      if (parameter) return parameter;
      [left, right] = next(left.frame, right.frame);
    }
  }

  /** Of an operator that one side has alone; `counterpart` gives the same call on the other side. */
  alone(side: 'a' | 'b', site: Site, counterpart: (frame: CallFrame) => CallFrame | undefined): Landing | undefined {
    const [own, other] = side === 'a' ? [this.#a, this.#b] : [this.#b, this.#a];
    const [program, theirs] = side === 'a' ? [this.#program?.a, this.#program?.b] : [this.#program?.b, this.#program?.a];
    let at = site;
    for (;;) {
      const body = own.of(at.frame, at.span, program);
      const twin = at.frame
        ? other.named(body.name)
        : body === own.method
          ? other.method
          : theirs === undefined
            ? undefined
            : other.infer(theirs);
      if (twin) {
        const pair = side === 'a' ? this.pair(body, twin) : this.pair(twin, body);
        const leaf = leafAt(body, at.span);
        if (leaf && !pair.hasEqual(side, leaf)) return pair.landing(side, leaf);
        const behind = leaf && pair.behind(side, leaf);
        if (behind) return behind;
        const declared = body.outer && this.#behindOuter(side, body, at);
        if (declared || !at.frame) return declared;
      } else if (!at.frame) return undefined;
      const { instance } = at.frame;
      const declared = instance && this.#declaration(side, { frame: instance.frame, span: instance.span });
      if (declared) return declared;
      const same = counterpart(at.frame);
      at =
        instance && same?.instance && !sameSettings(instance.config, same.instance.config)
          ? { frame: instance.frame, span: instance.span }
          : outside(at.frame);
    }
  }

  /** The declaration of a layer, where the other side declares it otherwise: as another module, say, that has nothing of what stands in this one. */
  #declaration(side: 'a' | 'b', site: Site): Landing | undefined {
    const [own, other] = side === 'a' ? [this.#a, this.#b] : [this.#b, this.#a];
    const body = own.of(site.frame, site.span, undefined);
    const twin = body === own.method ? other.method : other.named(body.name);
    const leaf = leafAt(body, site.span);
    if (!twin || leaf?.tree.kind !== 'layer') return undefined;
    const pair = side === 'a' ? this.pair(body, twin) : this.pair(twin, body);
    return pair.hasEqual(side, leaf) || !pair.counterpart(side, leaf) ? undefined : pair.landing(side, leaf);
  }

  #correspond(a: Body, b: Body): boolean {
    if (a === this.#a.method || b === this.#b.method) return a === this.#a.method && b === this.#b.method;
    if (this.#program && (a === this.#a.infer(this.#program.a) || b === this.#b.infer(this.#program.b)))
      return a === this.#a.infer(this.#program.a) && b === this.#b.infer(this.#program.b);
    if (a.name === b.name) return true;
    // A module under another name is the same one where neither side knows both, and most of it is equal.
    return !this.#b.named(a.name) && !this.#a.named(b.name) && this.pair(a, b).likeness >= 0.5;
  }

  /** Inference programs and local modules see what their method declares. */
  #outer(x: Body, y: Body, left: Site, right: Site): Landing | undefined {
    if (!x.outer || !y.outer) return undefined;
    return this.#behindOuter('a', x, left) ?? this.#behindOuter('b', y, right);
  }

  #behindOuter(side: 'a' | 'b', body: Body, at: Site): Landing | undefined {
    const leaf = leafAt(body, at.span);
    const outer = this.pair(this.#a.method, this.#b.method);
    return leaf && outer.behind(side, leaf);
  }
}

function depth(frame: CallFrame | undefined): number {
  let count = 0;
  for (let f = frame; f; f = f.caller) count++;
  return count;
}

function outside(frame: CallFrame): Site {
  return { frame: frame.caller, span: frame.at };
}

/** Layers that were configured otherwise: there; else where they are called. */
function next(a: CallFrame, b: CallFrame): [Site, Site] {
  const [x, y] = [a.instance, b.instance];
  if (x && y && !sameSettings(x.config, y.config))
    return [
      { frame: x.frame, span: x.span },
      { frame: y.frame, span: y.span },
    ];
  return [outside(a), outside(b)];
}

/** Whether two layers were configured alike. Layers and modules among the values count by what they are. */
export function sameSettings(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((key) => sameValue(a.get(key), b.get(key)));
}

export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  return (a && valueText(a)) === (b && valueText(b));
}

/** A static value as text that tells different ones apart. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'string':
      return JSON.stringify(value.value);
    case 'boolean':
      return String(value.value);
    case 'symbol':
      return value.name;
    case 'dim':
      return value.dim.key;
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
    case 'tuple':
      return `(${value.items.map(valueText).join(', ')})`;
    case 'record':
      return `{ ${[...value.fields].map(([name, field]) => `${name}: ${valueText(field)}`).join(', ')} }`;
    case 'range':
      return `${value.from ? valueText(value.from) : ''}..${value.to ? valueText(value.to) : ''}`;
    case 'instance':
      return `${value.instance.declaration.name.text}(${[...value.instance.config].map(([name, v]) => `${name}: ${valueText(v)}`).join(', ')})`;
    case 'module':
      return value.declaration.name.text;
    case 'function':
      return value.name;
    case 'initializer':
      return JSON.stringify(value.initializer);
    default:
      return value.kind;
  }
}
