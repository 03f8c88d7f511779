/** Reading the arguments of a primitive: by name or position, each with the form it must have. */
import { argumentHabit } from '../../diagnostics/habits.ts';
import { didYouMean, nearest } from '../../diagnostics/suggest.ts';
import type { Node } from '../../ops/graph.ts';
import { constantOf, type Dim } from '../../shape/dim.ts';
import type { Span } from '../../source/source.ts';
import { axisOf } from '../axes.ts';
import type { Arguments, Given } from '../call.ts';
import type { Elaboration } from '../elaboration.ts';
import { dimOf, toNode } from '../nodes.ts';
import { checkBounds, isNumberType, type NumberTypeName } from '../number-types.ts';
import { referenceNode } from '../references.ts';
import { describe, number, size, type Value } from '../values.ts';

/** The name in front of the type. */
export function parameterName(parameter: string): string {
  return parameter.slice(0, parameter.indexOf(':'));
}

/** The type itself: `count`, `size[natural]`. */
function parameterType(parameter: string): string {
  return parameter.slice(parameter.indexOf(':') + 2).replace(/ = .*/, '');
}

export function isOptional(parameter: string): boolean {
  return parameter.includes(' = ');
}

/** Operators that read a pattern, whose axes have the sizes that they have. */
const PATTERNED: ReadonlySet<string> = new Set(['rearrange', 'reduce', 'einsum']);
const NO_SIZES = 'a pattern takes no sizes: split an axis by reshape(x, [n, a, h, w, c])';

/** Thrown inside a primitive after a report: the call gives poison. */
export class Refused extends Error {}

export class Reader {
  readonly E: Elaboration;
  readonly callee: string;
  readonly at: Span;
  readonly #given = new Map<string, Given>();
  readonly #types: ReadonlyMap<string, string>;

  /** `params` in order, as a signature has them (`primitive.ts`). */
  constructor(E: Elaboration, callee: string, params: readonly string[], args: Arguments, at: Span) {
    this.E = E;
    this.callee = callee;
    this.at = at;
    const names = params.map(parameterName);
    this.#types = new Map(params.map((p) => [parameterName(p), parameterType(p)]));
    if (this.#types.get(names[0]) === 'list' && args.positional[0]?.value.kind === 'tensor') throw this.#listed(names[0], args);
    if (args.positional.length > names.length) {
      E.report('too-many-arguments', args.positional[names.length].span, {
        callee,
        expected: names.length === 1 ? 'one argument' : `${names.length} arguments`,
        found: args.positional.length + args.named.size,
      });
      throw new Refused();
    }
    for (const [i, g] of args.positional.entries()) this.#given.set(names[i], g);
    for (const [name, g] of args.named) {
      if (!names.includes(name)) {
        E.report(
          'unknown-argument',
          g.nameSpan,
          { callee, name },
          {
            hint: PATTERNED.has(callee)
              ? NO_SIZES
              : (argumentHabit(name, names) ?? didYouMean(name, names) ?? `it takes ${names.join(', ')}`),
          },
        );
        throw new Refused();
      }
      if (this.#given.has(name)) {
        E.report('duplicate-argument', g.nameSpan, { name, callee });
        throw new Refused();
      }
      this.#given.set(name, g);
    }
    for (const p of params) {
      if (isOptional(p) || this.#given.has(parameterName(p))) continue;
      E.report('missing-argument', at, { callee, name: parameterName(p) });
      throw new Refused();
    }
    for (const g of this.#given.values()) if (g.value.kind === 'poison') throw new Refused();
  }

  /** `concat(a, b)`: what should be a list is given one by one. */
  #listed(name: string, { positional }: Arguments): Refused {
    const [first] = positional;
    const last = positional[positional.length - 1];
    const edits = [
      { span: { ...first.span, end: first.span.start }, text: '[' },
      { span: { ...last.span, start: last.span.end }, text: ']' },
    ];
    this.E.report(
      'static-type',
      first.span,
      { where: `${name} of ${this.callee}`, wanted: 'a list of tensors', found: describe(first.value) },
      { hint: `put them in brackets: ${this.callee}([a, b])`, fix: { title: 'put them in brackets', edits } },
    );
    return new Refused();
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }
  value(name: string): Value | undefined {
    return this.#given.get(name)?.value;
  }
  span(name: string): Span {
    return this.#given.get(name)?.span ?? this.at;
  }

  tensor(name: string, like?: Node): Node {
    const given = this.#given.get(name);
    if (given?.value.kind === 'reference') return referenceNode(this.E, given.value.reference, 'tensor', undefined, undefined, given.span);
    const node = given && toNode(this.E, given.value, given.span, `${name} of ${this.callee}`, like);
    if (!node) throw new Refused();
    return node;
  }

  /** A list of tensors. */
  tensors(name: string): readonly Node[] {
    const given = this.#given.get(name)!;
    if (given.value.kind !== 'list' && given.value.kind !== 'tuple') throw this.wrong(name, 'a list of tensors');
    return given.value.items.map((item) => {
      const node = toNode(this.E, item, given.span, `${name} of ${this.callee}`);
      if (!node) throw new Refused();
      return node;
    });
  }

  /** Within the bounds of its type in the signature, or of another where that depends on what else is given. */
  number(name: string, fallback: number, type?: NumberTypeName): number {
    const given = this.#given.get(name);
    if (!given) return fallback;
    if (given.value.kind !== 'number') throw this.wrong(name, 'a number');
    this.#bounded(name, [given.value], type);
    return given.value.value;
  }

  /** Two numbers of which the second is not below the first. */
  ordered(low: string, lowest: number, high: string, highest: number): readonly [number, number] {
    const [from, to] = [this.number(low, lowest), this.number(high, highest)];
    if (to >= from) return [from, to];
    this.E.report('bad-setting', this.span(high), {
      name: `${high} of ${this.callee}`,
      expected: `at least its ${low}, ${from}`,
      found: String(to),
    });
    throw new Refused();
  }

  integer(name: string, fallback: number): number {
    const value = this.number(name, fallback);
    if (!Number.isInteger(value)) throw this.wrong(name, 'a whole number');
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    const given = this.#given.get(name);
    if (!given) return fallback;
    if (given.value.kind === 'boolean') return given.value.value;
    throw this.wrong(name, 'true or false');
  }

  text(name: string): string {
    const given = this.#given.get(name);
    if (given?.value.kind === 'string') return given.value.value;
    throw this.wrong(name, 'a text in quotes');
  }

  /** One of a few words. */
  word(name: string, allowed: readonly string[], fallback?: string): string {
    const given = this.#given.get(name);
    if (!given && fallback !== undefined) return fallback;
    const found =
      given?.value.kind === 'symbol'
        ? given.value.name
        : given?.value.kind === 'string'
          ? given.value.value
          : given?.value.kind === 'function'
            ? given.value.name
            : undefined;
    if (found !== undefined && allowed.includes(found)) return found;
    throw this.wrong(name, allowed.join(' or '), found === undefined ? undefined : nearest(found, allowed));
  }

  dim(name: string): Dim {
    const given = this.#given.get(name)!;
    const dim = dimOf(this.E, given.value, given.span, `${name} of ${this.callee}`);
    if (!dim) throw new Refused();
    this.#bounded(name, [size(dim)]);
    return dim;
  }

  /** Reports the first number outside the bounds that the signature states: `count`, or the elements of `size[count]`. */
  #bounded(name: string, values: readonly Value[], type = this.#types.get(name) ?? ''): void {
    const bounds = /\[(\w+)\]$/.exec(type)?.[1] ?? type;
    if (!isNumberType(bounds)) return;
    for (const value of values) if (!checkBounds(this.E, `${name} of ${this.callee}`, value, bounds, this.span(name))) throw new Refused();
  }

  dims(name: string): readonly Dim[] {
    const given = this.#given.get(name)!;
    if (given.value.kind !== 'list' && given.value.kind !== 'tuple') throw this.wrong(name, 'a list of sizes');
    const found = given.value.items.map((item) => {
      const dim = dimOf(this.E, item, given.span, `${name} of ${this.callee}`);
      if (!dim) throw new Refused();
      return dim;
    });
    this.#bounded(name, found.map(size));
    return found;
  }

  /** An integer or a pair, as a pair (height, width). */
  pair(name: string, fallback: number): readonly [number, number] {
    const given = this.#given.get(name);
    if (!given) return [fallback, fallback];
    const numbers = this.#integers(given.value);
    this.#bounded(
      name,
      (numbers ?? []).map((n) => number(n, true)),
    );
    if (numbers?.length === 1) return [numbers[0], numbers[0]];
    if (numbers?.length === 2) return [numbers[0], numbers[1]];
    throw this.wrong(name, 'a whole number or a pair (height, width)');
  }

  /** Padding [top, bottom, left, right] from one number, a pair (height, width) or all four. */
  padding(name: string): readonly [number, number, number, number] {
    const given = this.#given.get(name);
    if (!given) return [0, 0, 0, 0];
    const n = this.#integers(given.value);
    this.#bounded(
      name,
      (n ?? []).map((x) => number(x, true)),
    );
    if (n?.length === 1) return [n[0], n[0], n[0], n[0]];
    if (n?.length === 2) return [n[0], n[0], n[1], n[1]];
    if (n?.length === 4) return [n[0], n[1], n[2], n[3]];
    throw this.wrong(name, 'a whole number, a pair (height, width) or [top, bottom, left, right]');
  }

  #integers(value: Value): number[] | undefined {
    if (value.kind === 'dim') {
      const fixed = constantOf(value.dim);
      return fixed === undefined ? undefined : [fixed];
    }
    if (value.kind === 'number') return value.integer ? [value.value] : undefined;
    if (value.kind !== 'list' && value.kind !== 'tuple') return undefined;
    const parts = value.items.map((v) => (v.kind === 'number' && v.integer ? v.value : Number.NaN));
    return parts.some(Number.isNaN) ? undefined : parts;
  }

  axis(name: string, node: Node): number {
    const given = this.#given.get(name);
    const axis = given && axisOf(this.E, given.value, node, given.span);
    if (axis === undefined) throw new Refused();
    return axis;
  }

  /** Axes by name: one, a list, `space` (height and width) or `all` (the default). */
  axes(name: string, node: Node): number[] {
    const given = this.#given.get(name);
    const rank = node.type.shape.length;
    const everything = Array.from({ length: rank }, (_, i) => i);
    if (!given || (given.value.kind === 'symbol' && given.value.name === 'all')) return everything;
    if (given.value.kind === 'symbol' && given.value.name === 'space') {
      if (rank !== 4) throw this.wrong(name, 'axes of this tensor (only maps [N, H, W, C] have space)');
      return [1, 2];
    }
    const items = given.value.kind === 'list' || given.value.kind === 'tuple' ? given.value.items : [given.value];
    const axes = items.map((item) => {
      const axis = axisOf(this.E, item, node, given.span);
      if (axis === undefined) throw new Refused();
      return axis;
    });
    return [...new Set(axes)].sort((a, b) => a - b);
  }

  wrong(name: string, wanted: string, hint?: string): Refused {
    const given = this.#given.get(name);
    if (given?.value.kind === 'tensor')
      this.E.report('not-static', given.span, { where: `${name} of ${this.callee}`, what: describe(given.value) });
    else
      this.E.report(
        'static-type',
        given?.span ?? this.at,
        { where: `${name} of ${this.callee}`, wanted, found: given ? describe(given.value) : 'nothing' },
        { hint },
      );
    return new Refused();
  }
}
