/**
 * The concrete tree as a printer wants it: children in the order of the text, and comments at the token they belong to. The tree of the
 * reader has its children sorted by what they are, and holds no comments.
 */
import type { CommentToken, CstNode, IToken } from '../../grammar/read.ts';

export interface Leaf {
  readonly kind: 'leaf';
  readonly token: IToken;
  readonly text: string;
  /** Name of the token type, `LParen`. */
  readonly type: string;
  /** What the rule calls it, `prefix`. */
  readonly label: string;
  /** The rule that the token stands in. */
  readonly rule: string;
  /** Comments on lines of their own before it. */
  readonly before: readonly Note[];
  /** The comment that ends its line. */
  readonly after: string | undefined;
  /** Whether an empty line stands between it and what is before it, its comments too. */
  readonly blank: boolean;
  /** Whether it, or its first comment, starts a line. */
  readonly startsLine: boolean;
}

/** A comment, and whether an empty line stands before it. */
export interface Note {
  readonly text: string;
  readonly blank: boolean;
}

export interface Branch {
  readonly kind: 'branch';
  readonly rule: string;
  readonly children: readonly Tree[];
}

export type Tree = Leaf | Branch;

/** The tree of a whole file; the last leaf is the end of the file, without text, which holds the comments after everything. */
export function treeOf(text: string, cst: CstNode, comments: readonly CommentToken[]): Branch {
  const root = inOrder(cst);
  const leaves: RawLeaf[] = [];
  collectLeaves(root, leaves);
  const placed = placeComments(text, leaves, comments);
  return dress(root, placed);
}

interface Raw {
  readonly rule: string;
  readonly children: readonly (Raw | RawLeaf)[];
  readonly start: number;
}
interface RawLeaf {
  readonly token: IToken;
  readonly label: string;
  readonly rule: string;
  readonly start: number;
}

function inOrder(node: CstNode): Raw {
  const children: (Raw | RawLeaf)[] = [];
  for (const [label, group] of Object.entries(node.children))
    for (const child of group) {
      if ('children' in child) {
        const raw = inOrder(child);
        if (raw.children.length > 0) children.push(raw);
      } else children.push({ token: child, label, rule: node.name, start: startOf(child) });
    }
  if (children.length > 1) children.sort((a, b) => a.start - b.start);
  return { rule: node.name, children, start: children[0]?.start ?? Number.POSITIVE_INFINITY };
}

/** The end of the file has no place of its own. */
function startOf(token: IToken): number {
  return token.tokenType.name === 'EOF' ? Number.MAX_SAFE_INTEGER : token.startOffset;
}

function collectLeaves(node: Raw, into: RawLeaf[]): void {
  for (const child of node.children) {
    if ('token' in child) into.push(child);
    else collectLeaves(child, into);
  }
}

type Placed = Pick<Leaf, 'before' | 'after' | 'blank' | 'startsLine'>;

function placeComments(text: string, leaves: readonly RawLeaf[], comments: readonly CommentToken[]): ReadonlyMap<IToken, Placed> {
  const placed = new Map<IToken, Placed>();
  let next = 0;
  let end = 0;
  let previous: IToken | undefined;
  for (const { token, start } of leaves) {
    const before: Note[] = [];
    let startsLine: boolean | undefined;
    while (next < comments.length && comments[next].start < start) {
      const comment = comments[next++];
      const ends = lineEnds(text, end, comment.start);
      const known = previous && placed.get(previous);
      if (previous && known && before.length === 0 && known.after === undefined && ends === 0)
        placed.set(previous, { ...known, after: comment.text.trimEnd() });
      else {
        startsLine ??= ends > 0;
        before.push({ text: comment.text.trimEnd(), blank: ends > 1 });
      }
      end = comment.end;
    }
    const ends = lineEnds(text, end, Math.min(start, text.length));
    placed.set(token, { before, after: undefined, blank: ends > 1, startsLine: startsLine ?? ends > 0 });
    end = Math.min(start + token.image.length, text.length);
    previous = token;
  }
  return placed;
}

function lineEnds(text: string, from: number, to: number): number {
  let ends = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) ends++;
  return ends;
}

function dress(node: Raw, placed: ReadonlyMap<IToken, Placed>): Branch {
  return {
    kind: 'branch',
    rule: node.rule,
    children: node.children.map((child): Tree => {
      if (!('token' in child)) return dress(child, placed);
      const type = child.token.tokenType.name;
      return {
        kind: 'leaf',
        token: child.token,
        text: type === 'EOF' ? '' : child.token.image,
        type,
        label: child.label,
        rule: child.rule,
        ...(placed.get(child.token) ?? { before: [], after: undefined, blank: false, startsLine: false }),
      };
    }),
  };
}

export function firstLeaf(tree: Tree): Leaf {
  return tree.kind === 'leaf' ? tree : firstLeaf(tree.children[0]);
}
export function lastLeaf(tree: Tree): Leaf {
  return tree.kind === 'leaf' ? tree : lastLeaf(tree.children[tree.children.length - 1]);
}
export function leaves(tree: Tree): readonly Leaf[] {
  const found: Leaf[] = [];
  const visit = (at: Tree): void => {
    if (at.kind === 'leaf') found.push(at);
    else for (const child of at.children) visit(child);
  };
  visit(tree);
  return found;
}
