/** Tensors of a reference file as inputs of a case: layouts, and sizes named by the parameter they are given to. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Kind, Node } from '../ops/graph.ts';
import { constant, type Dim, variable } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Arguments, Given } from './call.ts';
import { type Elaboration, inputTraits } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { dimOf } from './nodes.ts';
import type { Scope } from './scope.ts';
import { describe, list, number, POISON, type Reference, size, type Value } from './values.ts';

/**
 * How a tensor lies in the file and in the program, as an axis pattern `file -> program`: letters are axes, `1` an axis of length one that
 * comes or goes. `nchw("x")` and its like are short for the common ones.
 */
export const LAYOUTS: Readonly<Record<string, string>> = {
  nchw: 'n c h w -> n h w c',
  chw: 'c h w -> 1 h w c',
  n1hw: 'n 1 h w -> n h w',
  hw: 'h w -> 1 h w',
  oihw: 'o i h w -> h w i o',
  nk11: 'n k 1 1 -> n k',
  k: 'k -> 1 k',
};

export interface LayoutPlan {
  readonly file: readonly string[];
  readonly program: readonly string[];
}

export function parseLayout(pattern: string): LayoutPlan | undefined {
  if (pattern === '') return undefined;
  const [left, right] = pattern.split('->').map((side) => side.trim().split(/\s+/));
  if (!left || !right) return undefined;
  const letters = (side: readonly string[]): string =>
    side
      .filter((s) => s !== '1')
      .sort()
      .join(' ');
  return letters(left) === letters(right) ? { file: left, program: right } : undefined;
}

/** The graph input for a reference tensor: its sizes are those of the parameter's type, new names becoming free. */
export function referenceNode(
  E: Elaboration,
  reference: Reference,
  kind: Kind,
  dims: readonly Expression[] | undefined,
  scope: Scope | undefined,
  at: Span,
): Node {
  const known = E.inputNodes.get(`batch:${reference.key}`);
  if (known) return known;
  const rank = E.references.rank(reference);
  const shape: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const written = dims?.length === rank ? dims[axis] : undefined;
    if (written && scope) {
      if (written.kind === 'name' && !scope.find(written.name.text)) {
        // The signature's own name, made unique by the key where two calls would share it.
        const free = E.references.freeName(written.name.text, reference, axis);
        scope.define(written.name.text, size(free), 'size', written.span);
        shape.push(free);
        continue;
      }
      const unknown = firstUnknown(written, scope);
      if (unknown !== undefined) scope.define(unknown, size(variable(unknown)), 'size');
      const dim = dimOf(E, evaluate(E, written, scope), written.span, 'a size');
      if (dim) {
        shape.push(dim);
        continue;
      }
    }
    const fixed = E.references.fixed(reference, axis);
    shape.push(fixed === undefined ? variable(`${reference.key.replaceAll(/[^A-Za-z0-9]/g, '_')}_${axis}`) : constant(fixed));
  }
  const { dtype, range } = inputTraits(kind);
  return E.input('batch', reference.key, { dtype, shape }, kind, range, at);
}

function firstUnknown(expression: Expression, scope: Scope): string | undefined {
  if (expression.kind === 'name') return scope.find(expression.name.text) ? undefined : expression.name.text;
  if (expression.kind === 'binary') return firstUnknown(expression.left, scope) ?? firstUnknown(expression.right, scope);
  if (expression.kind === 'call') {
    for (const a of expression.args) {
      const found = firstUnknown(a.value, scope);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What a case knows of its reference file: enough to give every tensor a rank and names to its sizes. Outside cases it is empty. */
export class ReferenceTable {
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #entriesOf: (key: string) => ArrayLike<number> | undefined;
  /** Layout of each `in.*` tensor that the case reads. */
  readonly read = new Map<string, string>();
  /** Tensors whose numbers the case has read as static ones. */
  readonly stated = new Set<string>();

  /** `entriesOf`: the numbers of a tensor, row-major. */
  constructor(shapes: ReadonlyMap<string, readonly number[]>, entriesOf: (key: string) => ArrayLike<number> | undefined = () => undefined) {
    this.#shapes = shapes;
    this.#entriesOf = entriesOf;
  }

  /** Whether a reference file is there at all: layout functions exist only then. */
  get active(): boolean {
    return this.#shapes.size > 0;
  }

  keys(): readonly string[] {
    return [...this.#shapes.keys()];
  }

  stored(key: string): readonly number[] | undefined {
    return this.#shapes.get(key);
  }

  /** The tensor as nested lists of static numbers; undefined where there is none, or where it holds fractions. */
  numbers(key: string): Value | undefined {
    const entries = this.#entriesOf(key);
    const shape = this.#shapes.get(key);
    if (!entries || !shape) return undefined;
    if (!Array.from(entries).every(Number.isInteger)) return undefined;
    this.stated.add(key);
    const nested = (axis: number, at: number): Value => {
      if (axis === shape.length) return number(entries[at], true);
      return list(Array.from({ length: shape[axis] }, (_, i) => nested(axis + 1, at * shape[axis] + i)));
    };
    return nested(0, 0);
  }

  /** Shape of the tensor in program order. */
  shape(reference: Reference): readonly number[] {
    const stored = this.#shapes.get(reference.key) ?? [];
    const plan = parseLayout(reference.layout);
    if (!plan) return stored;
    const length = new Map(plan.file.map((axis, i) => [axis, stored[i] ?? 1] as const));
    return plan.program.map((axis) => (axis === '1' ? 1 : (length.get(axis) ?? 1)));
  }

  rank(reference: Reference): number {
    return this.shape(reference).length;
  }

  /** Axes of length one that the layout adds are known to be one. */
  fixed(reference: Reference, axis: number): number | undefined {
    return parseLayout(reference.layout)?.program[axis] === '1' ? 1 : undefined;
  }

  readonly #names = new Set<string>();

  /** A new free size: fixed to one where the layout adds the axis; a name that another call has taken gets the tensor's key. */
  freeName(name: string, reference: Reference, axis: number): Dim {
    const fixed = this.fixed(reference, axis);
    if (fixed !== undefined) return constant(fixed);
    const unique = this.#names.has(name) ? `${name}_${reference.key.replaceAll(/[^A-Za-z0-9]/g, '_')}` : name;
    this.#names.add(unique);
    return variable(unique);
  }
}

export const NO_REFERENCES = new ReferenceTable(new Map());

/** What a case may call besides the layouts. */
const READERS: ReadonlySet<string> = new Set(['length', 'entries', 'numbers', 'present', 'plain', 'layout']);

export function isLayout(name: string): boolean {
  return READERS.has(name) || Object.hasOwn(LAYOUTS, name);
}

/** `length("param.conv1.weight", 0)`: an axis of a stored tensor; `entries("param.layer1")`: how many numbered parts a prefix has. */
function measure(E: Elaboration, what: 'length' | 'entries', key: Given, axis: Value | undefined): Value {
  const text = key.value.kind === 'string' ? key.value.value : '';
  if (what === 'entries')
    return number(
      new Set(E.references.keys().flatMap((k) => (k.startsWith(`${text}.`) ? [k.slice(text.length + 1).split('.')[0]] : []))).size,
      true,
    );
  const found = E.references.stored(text)?.[axis?.kind === 'number' ? axis.value : 0];
  if (found !== undefined) return number(found, true);
  E.report('case-unknown-key', key.span, { key: text }, { hint: didYouMean(text, E.references.keys()) });
  return POISON;
}

/** `numbers("pads")`: the whole numbers of the tensor `in.pads` as static ones, such as sizes and places that a program has to know. */
function statedNumbers(E: Elaboration, { value, span }: Given): Value {
  const key = `in.${value.kind === 'string' ? value.value : ''}`;
  const found = E.references.numbers(key);
  if (found) return found;
  if (E.references.stored(key))
    E.report('static-type', span, { where: 'numbers', wanted: 'a tensor of whole numbers', found: `'${key}', which holds fractions` });
  else E.report('case-unknown-key', span, { key }, { hint: didYouMean(key, E.references.keys()) });
  return POISON;
}

/** `present(chw(cam), k("labels"))`: the file holds the channels of classes with a tag alone. */
function presentOnly(E: Elaboration, value: Given, tags: Given | undefined): Value {
  if (tags?.value.kind === 'poison') return POISON;
  if (tags?.value.kind === 'reference' && value.value.kind !== 'reference') {
    const { value: inner, layout } = value.value.kind === 'laid' ? value.value : { value: value.value, layout: '' };
    return { kind: 'laid', value: inner, layout, present: tags.value.reference };
  }
  const found = describe((tags ?? value).value);
  E.report('static-type', (tags ?? value).span, {
    where: 'present',
    wanted: 'a value and the tags in the file: present(chw(cam), k("labels"))',
    found,
  });
  return POISON;
}

/** `nchw("x")`: the tensor `in.x` of the reference file; `nchw(value)`: a value as it lies in the file. */
export function callLayout(E: Elaboration, name: string, args: Arguments, at: Span): Value {
  const [first, second] = args.positional;
  if (!first || first.value.kind === 'poison') return POISON;
  if (name === 'length' || name === 'entries') return measure(E, name, first, second?.value);
  if (name === 'numbers') return statedNumbers(E, first);
  if (name === 'present') return presentOnly(E, first, second);
  const layout = name === 'layout' ? (second?.value.kind === 'string' ? second.value.value : '') : (LAYOUTS[name] ?? '');
  if (first.value.kind !== 'string') {
    const rank = first.value.kind === 'tensor' ? first.value.node.type.shape.length : undefined;
    const order = parseLayout(layout);
    if ((layout !== '' && !order) || (order && rank !== undefined && order.program.length !== rank)) {
      E.report('case-layout', at, { key: 'this value', layout: layout || name, rank: rank ?? 'its' });
      return POISON;
    }
    return { kind: 'laid', value: first.value, layout };
  }
  const key = `in.${first.value.value}`;
  const stored = E.references.stored(key);
  if (!stored) {
    E.report('case-unknown-key', first.span, { key }, { hint: didYouMean(key, E.references.keys()) });
    return POISON;
  }
  const plan = parseLayout(layout);
  if ((layout !== '' && !plan) || (plan && plan.file.length !== stored.length)) {
    E.report('case-layout', at, { key, layout: layout || name, rank: stored.length });
    return POISON;
  }
  E.references.read.set(key, layout);
  return { kind: 'reference', reference: { key, layout } };
}
