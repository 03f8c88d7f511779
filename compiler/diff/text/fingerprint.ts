/** Statements of a spec without their places and comments: equal fingerprints mean equal statements, up to the names that are renamed. */
import type { Span } from '../../source/source.ts';

/** Any node of the tree: what they have in common is all that is needed here. */
export interface Tree {
  readonly kind: string;
  readonly span: Span;
}

const SILENT: ReadonlySet<string> = new Set(['span', 'doc', 'origin', 'missing', 'operatorSpan']);

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string' && 'span' in value;
}

/** What a part of the tree holds, without places and comments. */
export function partsOf(tree: object): readonly (readonly [string, unknown])[] {
  return Object.entries(tree).filter(([key, value]) => !SILENT.has(key) && value !== undefined);
}

/** `rename` gives names that mean something here (variables) another text; all others (modules, arguments, words) stand for themselves. */
export function fingerprint(tree: unknown, rename: (name: string) => string): string {
  if (Array.isArray(tree)) return `[${tree.map((item) => fingerprint(item, rename)).join(',')}]`;
  if (typeof tree !== 'object' || tree === null) return Object.is(tree, -0) ? '-0' : (JSON.stringify(tree) ?? 'null');
  if (isTree(tree) && tree.kind === 'identifier' && 'text' in tree) return rename(String(tree.text));
  return `{${partsOf(tree)
    .map(([key, value]) => `${key}:${fingerprint(value, rename)}`)
    .join(',')}}`;
}

/** Every identifier in a part of the tree. */
export function identifiers(tree: unknown, into: Set<string> = new Set()): ReadonlySet<string> {
  if (Array.isArray(tree)) for (const item of tree) identifiers(item, into);
  else if (typeof tree === 'object' && tree !== null) {
    if (isTree(tree) && tree.kind === 'identifier' && 'text' in tree) into.add(String(tree.text));
    else for (const [, value] of partsOf(tree)) identifiers(value, into);
  }
  return into;
}
