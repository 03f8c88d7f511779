/**
 * What an expression means while a spec is checked: either a static value, known when the file is compiled, or a tensor of the graph being
 * built. `poison` stands for something already reported; whatever touches it stays silent.
 */
import type { BoundFile } from '../bind/bind.ts';
import type { Initializer, ViewStep } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import { constantOf, type Dim, show } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Expression, Identifier, MethodDeclaration, ModuleDeclaration, VariantDeclaration } from '../syntax/ast.ts';
import type { MethodInstance } from './method.ts';
import type { Scope } from './scope.ts';

export type Value =
  | { readonly kind: 'number'; readonly value: number; readonly integer: boolean }
  /** A size that is not a number yet. */
  | { readonly kind: 'dim'; readonly dim: Dim }
  /** float64 × size: only `round`, `int` and `ceil` make a size of it. */
  | { readonly kind: 'scaled'; readonly factor: number; readonly dim: Dim }
  /** A quotient of sizes before `ceil`, `floor` or `round`; a size only where the division is exact. */
  | { readonly kind: 'ratio'; readonly numerator: Dim; readonly denominator: Dim }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A word with a fixed meaning: `imagenet`, `zero`, `channel`. */
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'tuple'; readonly items: readonly Value[] }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Value> }
  | { readonly kind: 'range'; readonly from: Value | undefined; readonly to: Value | undefined }
  | { readonly kind: 'tensor'; readonly node: Node }
  | { readonly kind: 'instance'; readonly instance: Instance }
  /** `method`: the one among whose members it stands, and over whose names it closes. */
  | { readonly kind: 'module'; readonly declaration: ModuleDeclaration; readonly file: BoundFile; readonly method?: MethodInstance }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'lambda'; readonly params: readonly Identifier[]; readonly body: Expression; readonly scope: Scope }
  | { readonly kind: 'method'; readonly declaration: MethodDeclaration | VariantDeclaration; readonly file: BoundFile }
  | { readonly kind: 'method_instance'; readonly method: MethodInstance }
  /** The decoded photo of an infer program, before any step: becomes a graph input when a step list ends in a tensor. */
  | { readonly kind: 'photo'; readonly photo: Photo }
  /** A tensor of a reference file, whose sizes are named by the parameter it is given to. */
  | { readonly kind: 'reference'; readonly reference: Reference }
  /** How a weight starts, handed on as configuration: `init: he`. */
  | { readonly kind: 'initializer'; readonly initializer: Initializer }
  /** A value and how it lies in a reference file: `nchw(r.cam)` in a case; of `present` classes alone where the file leaves the others out. */
  | { readonly kind: 'laid'; readonly value: Value; readonly layout: string; readonly present?: Reference }
  /** A stage of a case, and a result of it that is made outside the program. */
  | { readonly kind: 'stage'; readonly name: string; readonly fields: ReadonlyMap<string, Value> }
  | { readonly kind: 'stage_result'; readonly stage: string; readonly field: string }
  | { readonly kind: 'poison' };

export interface Photo {
  readonly name: string;
  /** Of a group of partners how many there are; their sizes differ until a step makes them the same. */
  readonly count?: Dim;
  readonly height: Dim;
  readonly width: Dim;
  readonly steps: readonly ViewStep[];
  /** In a case: tensors of the file in the place of the inputs that the program makes of the photo, in its order. */
  readonly given?: GivenInputs;
}

export interface GivenInputs {
  readonly references: readonly Reference[];
  /** Those that the program has asked for: steps in words → key in the file. */
  readonly taken: Map<string, string>;
}

/** Axis order of a tensor in a reference file, as a permutation to this project's order; `squeeze` drops axes of size one first. */
export interface Reference {
  readonly key: string;
  readonly layout: string;
}

/** A module with its configuration and, once declared by `layer`, its place: the owner of learned parameters. */
export interface Instance {
  readonly declaration: ModuleDeclaration;
  readonly file: BoundFile;
  /** Of a module among the members of a method: that method. */
  readonly method?: MethodInstance;
  readonly config: ReadonlyMap<string, Value>;
  /** Where it was configured, and in the body of which call. */
  readonly span: Span;
  readonly frame: CallFrame | undefined;
  /** Declaration path, once `layer` or `backbone` has named it. */
  path: string | undefined;
  backbone: boolean;
  /** Whose parameters its own follow, where it is a shadow or part of one. */
  readonly shadow?: Shadow;
  /** Layers inside, made when the module is first called. */
  readonly members: Map<string, Value>;
}

/** One call of a module while a graph is built: what an operator's place in the text means. */
export interface CallFrame {
  readonly declaration: ModuleDeclaration;
  /** The layer that is called; none for a module that owns nothing. */
  readonly instance: Instance | undefined;
  /** Call path. */
  readonly path: string;
  /** The call in the body of the caller. */
  readonly at: Span;
  /** None for the body of a method or an inference program. */
  readonly caller: CallFrame | undefined;
}

export interface Shadow {
  /** Declaration path of the layer that is followed. */
  readonly of: string;
  /** Share of the old value that stays at each step. */
  readonly momentum: number;
}

export const POISON: Value = { kind: 'poison' };

export function number(value: number, integer = Number.isInteger(value)): Value {
  return { kind: 'number', value, integer };
}
export function tensor(node: Node): Value {
  return { kind: 'tensor', node };
}
/** A size as a value: plain numbers stay numbers. */
export function size(dim: Dim): Value {
  const value = constantOf(dim);
  return value === undefined ? { kind: 'dim', dim } : { kind: 'number', value, integer: true };
}
export function list(items: readonly Value[]): Value {
  return { kind: 'list', items };
}
export function record(fields: Iterable<readonly [string, Value]>): Value {
  return { kind: 'record', fields: new Map(fields) };
}
export function symbol(name: string): Value {
  return { kind: 'symbol', name };
}

/** The value in words, for messages. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'number':
      return value.integer ? `the number ${value.value}` : `the number ${value.value}`;
    case 'dim':
      return `the size ${show(value.dim)}`;
    case 'scaled':
      return `${value.factor} × ${show(value.dim)}`;
    case 'ratio':
      return `${show(value.numerator)} / ${show(value.denominator)}`;
    case 'string':
      return `the text "${value.value}"`;
    case 'boolean':
      return String(value.value);
    case 'symbol':
      return `the word ${value.name}`;
    case 'list':
      return `a list of ${value.items.length}`;
    case 'tuple':
      return `a tuple of ${value.items.length}`;
    case 'record':
      return `a record with ${[...value.fields.keys()].join(', ')}`;
    case 'range':
      return 'a range';
    case 'tensor':
      return `${article(kindText(value.node))} ${showShapeOf(value.node)}`;
    case 'instance':
      return `the layer ${value.instance.path ?? value.instance.declaration.name.text}`;
    case 'module':
      return `the module ${value.declaration.name.text}`;
    case 'function':
      return `the operator ${value.name}`;
    case 'lambda':
      return 'a function';
    case 'method':
      return `the method ${value.declaration.name.text}`;
    case 'method_instance':
      return `the method ${value.method.name}`;
    case 'photo':
      return 'the photo itself';
    case 'reference':
      return `the reference tensor ${value.reference.key}`;
    case 'laid':
      return describe(value.value);
    case 'stage':
      return `the stage ${value.name}`;
    case 'stage_result':
      return `${value.field} of the stage ${value.stage}`;
    case 'initializer':
      return 'an initialiser';
    case 'poison':
      return 'something with an error';
  }
}

function article(words: string): string {
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}
function kindText(node: Node): string {
  return node.kind === 'tensor' ? 'tensor' : `${node.kind} tensor`;
}
export function showShapeOf(node: Node): string {
  return `[${node.type.shape.map(show).join(', ')}]`;
}
