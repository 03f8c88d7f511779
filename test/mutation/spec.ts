/** The correct specs that mistakes are made in, with every node of their trees and what stands above it. */
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { sourceFile } from '../../compiler/source/source.ts';
import type { CallExpression, NameExpression, SpecFile, Statement } from '../../compiler/syntax/ast.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { type Node, visit } from '../../compiler/syntax/visit.ts';

export interface Place<N extends Node = Node> {
  readonly node: N;
  /** From the file down to the parent. */
  readonly above: readonly Node[];
}

export interface Spec {
  /** As `specs/` names it. */
  readonly name: string;
  readonly text: string;
  readonly file: SpecFile;
  readonly places: readonly Place[];
}

/** Reads a spec that is sound; throws where it does not parse. */
export function readSpec(name: string, text: string): Spec {
  const diagnostics = new Diagnostics();
  const file = parse(sourceFile(name, text), diagnostics);
  if (diagnostics.all.length > 0) throw new Error(`${name}: ${diagnostics.all[0].message}`);
  const places: Place[] = [];
  const above = new Map<Node, readonly Node[]>();
  visit(file, (node, parent) => {
    // A field without a written value has its name for a value: one node met twice is one place.
    if (above.has(node)) return false;
    const path = parent ? [...(above.get(parent) ?? []), parent] : [];
    above.set(node, path);
    places.push({ node, above: path });
    return true;
  });
  return { name, text, file, places };
}

type Of<K extends Node['kind']> = Extract<Node, { kind: K }>;

export function placesOf<K extends Node['kind']>(spec: Spec, ...kinds: readonly K[]): readonly Place<Of<K>>[] {
  const wanted: ReadonlySet<string> = new Set(kinds);
  return spec.places.filter((p): p is Place<Of<K>> => wanted.has(p.node.kind));
}

export const textOf = (spec: Spec, node: { readonly span: { readonly start: number; readonly end: number } }): string =>
  spec.text.slice(node.span.start, node.span.end);

/** The innermost node of one of these kinds that holds a place. */
export function within<K extends Node['kind']>(place: Place, ...kinds: readonly K[]): Of<K> | undefined {
  const wanted: ReadonlySet<string> = new Set(kinds);
  return place.above.findLast((node): node is Of<K> => wanted.has(node.kind));
}

/** What declares names: the statement, setting, stage or block around a place, or the place itself. */
const DECLARING = ['let', 'layer', 'hyper', 'weight', 'state', 'input', 'random', 'loss', 'watch', 'stage'] as const;

/** Names that the statement around a place declares: what is wrong with it may show where they are used. */
export function declaredAt(place: Place): readonly string[] {
  const own = { ...place, above: [...place.above, place.node] };
  const statement = within(own, ...DECLARING);
  if (statement) return statement.kind === 'let' ? statement.names.map((n) => n.text) : [statement.name.text];
  const holder = within(own, 'module', 'infer', 'method', 'variant');
  return holder && holder.kind !== 'method' && holder.kind !== 'variant' ? [holder.name.text] : [];
}

/** Names that a place can see without leaving its declaration: parameters and what the same body declares. */
export function scopeOf(place: Place): readonly string[] {
  const names = new Set<string>();
  const body = (statements: readonly (Statement | { readonly kind: string })[]): void => {
    for (const s of statements) for (const name of namesOf(s)) names.add(name);
  };
  for (const node of place.above) {
    if (node.kind === 'module') {
      for (const p of [...(node.config ?? []), ...node.params]) names.add(p.name.text);
      body(node.body);
    }
    if (node.kind === 'infer') {
      for (const p of node.params) names.add(p.name.text);
      body(node.body);
    }
    if (node.kind === 'method') body(node.members);
    if (node.kind === 'pipeline') {
      // Stages see stages, and have names of their own.
      names.clear();
      body(node.items);
    }
  }
  return [...names];
}

function namesOf(node: { readonly kind: string }): readonly string[] {
  const known = node as Statement;
  switch (known.kind) {
    case 'let':
      return known.names.map((n) => n.text);
    case 'layer':
    case 'hyper':
    case 'weight':
    case 'state':
    case 'input':
    case 'random':
      return [known.name.text];
    default:
      return node.kind === 'stage' ? [(node as Of<'stage'>).name.text] : [];
  }
}

/** Names read by what lies below a node. */
export function namesIn(node: Node): ReadonlySet<string> {
  const found = new Set<string>();
  visit(node, (n) => {
    if (n.kind === 'name') found.add(n.name.text);
    return true;
  });
  return found;
}

/** Name of the function that a call calls, where it is a plain name. */
export function calleeOf(call: CallExpression): string | undefined {
  return call.callee.kind === 'name' ? (call.callee as NameExpression).name.text : undefined;
}

/** Every name that stands anywhere in the text: what a typing error must not hit by chance. */
export function wordsOf(spec: Spec): ReadonlySet<string> {
  return new Set(spec.text.match(/[A-Za-z_]\w*/g) ?? []);
}
