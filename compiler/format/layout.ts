/**
 * From the concrete tree to a document of Prettier's printer: every token once, in its order; only what stands between them is chosen here.
 *
 * The layout does not depend on how the text was laid out, but for these: an empty line stays (one of several), a block of one item stays on
 * its line where it was written so, and settings that a comma joins stay on one line.
 */
import { builders } from 'prettier/doc';
import { blockRules } from './blocks.ts';
import { between } from './spacing.ts';
import { type Branch, firstLeaf, type Leaf, lastLeaf, leaves, type Tree } from './tree.ts';

type Doc = builders.Doc;

const { breakParent, conditionalGroup, fill, group, hardline, indent, join, line, lineSuffix, softline } = builders;

/** Elements up to this long (in characters) share lines where their list does not fit on one. */
const SHORT = 60;

const openers: ReadonlySet<string> = new Set(['LParen', 'LSquare', 'LCurly']);
const closers: ReadonlySet<string> = new Set(['RParen', 'RSquare', 'RCurly']);

/** The document of a whole file, its last line end too. */
export function layout(file: Branch): Doc {
  return new Layout(file).file(file);
}

class Layout {
  /** The token printed last, where a space may be due before the next; undefined where the place between them is decided. */
  #left: Leaf | undefined;
  /** Tokens after which their line ends anyway, and those after which it can: a comment behind them says that it does. */
  readonly #lastOfLine = new Set<Leaf>();
  readonly #breakable = new Set<Leaf>();
  readonly #blocks = blockRules();

  constructor(file: Branch) {
    this.#markLines(file);
  }

  file(file: Branch): Doc {
    const items: Tree[] = [];
    const head: Leaf[] = [];
    let end: Leaf | undefined;
    for (const child of file.children) {
      if (child.kind === 'branch') items.push(child);
      else if (child.type === 'EOF') end = child;
      else head.push(child);
    }
    if (head.length > 0) items.unshift({ kind: 'branch', rule: 'language', children: head });
    const body = this.#lines(items);
    const rest = end && end.before.length > 0 ? [items.length > 0 ? hardline : '', this.#notes(end, items.length > 0)] : '';
    return items.length === 0 && rest === '' ? '' : [body, rest, hardline];
  }

  #markLines(tree: Tree): void {
    if (tree.kind === 'leaf') return;
    const block = tree.rule === 'file' || this.#blocks.has(tree.rule);
    for (const [i, child] of tree.children.entries()) {
      const before = i > 0 ? lastLeaf(tree.children[i - 1]) : undefined;
      if (block && child.kind === 'branch') this.#lastOfLine.add(lastLeaf(child));
      if (child.kind === 'leaf') {
        if (opens(tree, i) || (child.type === 'Comma' && bracketed(tree))) this.#breakable.add(child);
        if (before && !openers.has(before.type) && (closers.has(child.type) || tree.rule === 'conditional')) this.#breakable.add(before);
      } else if (before && (child.rule === 'forClause' || child.rule === 'returnType')) this.#breakable.add(before);
      else if (child.rule === 'link') {
        const [operator] = child.children;
        if (operator.kind === 'leaf' && operator.type === 'Pipe' && before) this.#breakable.add(before);
        else if (operator.kind === 'leaf' && operator.type !== 'DotDot') this.#breakable.add(operator);
      }
      this.#markLines(child);
    }
  }

  // -------------------------------------------------------------- lines

  /** Items, each on a line of its own; a setting that ends in a comma keeps the next one beside it. */
  #lines(items: readonly Tree[]): Doc {
    const parts: Doc[] = [];
    for (const [i, item] of items.entries()) {
      const leaf = firstLeaf(item);
      if (i > 0) {
        if (goesOn(items[i - 1], leaf)) parts.push(' ');
        else parts.push(hardline, startsBlank(leaf) ? hardline : '');
      }
      this.#left = undefined;
      parts.push(leaf.before.length > 0 ? [this.#notes(leaf, false), hardline, leaf.blank ? hardline : ''] : '');
      parts.push(this.#tree(item, true));
    }
    return parts;
  }

  /** Comments on lines of their own; an empty line before the first only where something stands before it. */
  #notes(leaf: Leaf, inside: boolean): Doc {
    return leaf.before.map((note, i) => [i > 0 ? hardline : '', note.blank && (i > 0 || inside) ? hardline : '', note.text]);
  }

  // -------------------------------------------------------------- trees

  /** `noted`: the comments before the first token are printed already. */
  #tree(tree: Tree, noted = false): Doc {
    if (tree.kind === 'leaf') return this.#leaf(tree, noted);
    switch (tree.rule) {
      case 'chain':
        return this.#chain(tree, noted);
      case 'conditional':
        return this.#conditional(tree, noted);
      default:
        return this.#sequence(tree, noted);
    }
  }

  #leaf(leaf: Leaf, noted: boolean): Doc {
    const text = this.#text(leaf, noted);
    return [text, this.#remark(leaf)];
  }

  #text(leaf: Leaf, noted: boolean): Doc {
    const space = this.#left ? between(this.#left, leaf) : '';
    const notes = noted || leaf.before.length === 0 ? space : [this.#left ? hardline : '', this.#notes(leaf, false), hardline];
    this.#left = leaf;
    return [notes, leaf.text];
  }

  /** The comment behind a token. Where nothing else ends the line there, it does. */
  #remark(leaf: Leaf): Doc {
    if (leaf.after === undefined) return '';
    const comment = lineSuffix(` ${leaf.after}`);
    if (this.#lastOfLine.has(leaf)) return comment;
    if (this.#breakable.has(leaf)) return [comment, breakParent];
    this.#left = undefined;
    return [comment, hardline];
  }

  /** Children one after the other; brackets among them hold what may be broken over lines. */
  #sequence(tree: Branch, noted: boolean): Doc {
    const parts: Doc[] = [];
    let header: Doc[] | undefined = tree.children.some((c) => c.kind === 'branch' && c.rule === 'returnType') ? [] : undefined;
    for (let i = 0; i < tree.children.length; i++) {
      const child = tree.children[i];
      const into = header ?? parts;
      const isNoted = noted && i === 0;
      if (child.kind === 'branch' && child.rule === 'returnType' && header) {
        this.#left = undefined;
        const type = this.#tree(child);
        // A return type goes to a line of its own before the list of parameters is taken apart.
        const below = [header, indent([hardline, type])];
        const remark = firstLeaf(child).before.length > 0 || lastLeaf(tree.children[i - 1]).after !== undefined;
        parts.push(remark ? below : conditionalGroup([[header, ' ', type], below, [header, ' ', type]]));
        header = undefined;
      } else if (child.kind === 'leaf' && openers.has(child.type)) {
        const close = closing(tree.children, i);
        into.push(this.#brackets(tree, i, close, isNoted));
        i = close;
      } else into.push(this.#tree(child, isNoted));
    }
    if (header) parts.push(header);
    return parts;
  }

  #brackets(tree: Branch, from: number, to: number, noted: boolean): Doc {
    const open = this.#tree(tree.children[from], noted);
    const inside = tree.children.slice(from + 1, to);
    const close = tree.children[to] as Leaf;
    if (inside.length === 0 && close.before.length === 0) return [open, this.#tree(close)];
    this.#left = undefined;
    if (this.#blocks.has(tree.rule)) return this.#block(open, inside, close, tree.children[from] as Leaf);
    const edge = close.type === 'RCurly' ? line : softline;
    const elements = elementsOf(inside);
    const remarks = inside.some((t) => leaves(t).some((l) => l.before.length > 0 || l.after !== undefined)) || close.before.length > 0;
    if (!remarks && elements.length === 1 && sole(elements[0])) {
      const hugged = [open, edge === line ? ' ' : '', this.#element(elements[0]), edge === line ? ' ' : ''];
      this.#left = undefined;
      return [hugged, this.#tree(close)];
    }
    const docs = elements.map((element) => this.#element(element));
    const short = !remarks && elements.length > 1 && elements.every((element) => length(element) <= SHORT);
    const content = short ? fill(docs.flatMap((d, i) => (i === 0 ? [d] : [line, d]))) : join(remarks ? hardline : line, docs);
    const dangling = close.before.length > 0 ? [docs.length > 0 ? hardline : '', this.#notes(close, docs.length > 0)] : '';
    this.#left = undefined;
    const end = this.#text(close, true);
    return [group([open, indent([edge, content, dangling]), edge, end], { shouldBreak: remarks }), this.#remark(close)];
  }

  /** One element with the comma behind it. */
  #element(element: readonly Tree[]): Doc {
    this.#left = undefined;
    return group(
      element.map((tree): Doc => {
        if (tree.kind === 'leaf' || tree.rule !== 'forClause') return this.#tree(tree);
        this.#left = undefined;
        return [line, this.#tree(tree)];
      }),
    );
  }

  #block(open: Doc, items: readonly Tree[], close: Leaf, brace: Leaf): Doc {
    const first = items.length > 0 ? firstLeaf(items[0]) : close;
    const onLine =
      items.length > 0 &&
      !first.startsLine &&
      first.before.length === 0 &&
      brace.after === undefined &&
      close.before.length === 0 &&
      items.every((item, i) => i === 0 || goesOn(items[i - 1], firstLeaf(item))) &&
      items.every((item) => leaves(item).every((l) => l.after === undefined));
    const body = this.#lines(items);
    const dangling = close.before.length > 0 ? [items.length > 0 ? hardline : '', this.#notes(close, items.length > 0)] : '';
    this.#left = undefined;
    const end = this.#text(close, true);
    if (onLine) return [group([open, indent([line, body]), line, end]), this.#remark(close)];
    return [open, indent([hardline, body, dangling]), hardline, end, this.#remark(close)];
  }

  /** Operands and operators: a pipe starts a line, other operators end one. */
  #chain(tree: Branch, noted: boolean): Doc {
    const [first, ...links] = tree.children;
    const head = this.#tree(first, noted);
    if (links.length === 0) return head;
    const rest = links.map((link): Doc => {
      const [operator, operand] = link.kind === 'branch' ? link.children : [link];
      if (operator.kind === 'leaf' && operator.type === 'DotDot') return this.#tree(link);
      if (operator.kind === 'leaf' && operator.type === 'Pipe') {
        this.#left = undefined;
        return [line, this.#tree(link)];
      }
      const sign = this.#tree(operator);
      this.#left = undefined;
      return [sign, line, operand ? this.#tree(operand) : ''];
    });
    return group([head, indent(rest)]);
  }

  #conditional(tree: Branch, noted: boolean): Doc {
    if (tree.children.length === 1) return this.#tree(tree.children[0], noted);
    const parts = tree.children.map((child, i): Doc => {
      if (child.kind === 'leaf') this.#left = undefined;
      const doc = this.#tree(child, noted && i === 0);
      return child.kind === 'leaf' ? [line, doc] : doc;
    });
    return group([parts[0], indent(parts.slice(1))]);
  }
}

/** Whether a bracket opens there that holds something. */
function opens({ children }: Branch, at: number): boolean {
  const [open, next] = [children[at], children[at + 1]];
  return open.kind === 'leaf' && openers.has(open.type) && !(next?.kind === 'leaf' && closers.has(next.type));
}

/** Whether the commas of a rule stand between brackets. */
function bracketed(tree: Branch): boolean {
  return tree.children.some((child) => child.kind === 'leaf' && openers.has(child.type));
}

/** Where the bracket at `from` closes: in the same rule. */
function closing(children: readonly Tree[], from: number): number {
  let depth = 0;
  for (let i = from; i < children.length; i++) {
    const child = children[i];
    if (child.kind !== 'leaf') continue;
    if (openers.has(child.type)) depth++;
    else if (closers.has(child.type) && --depth === 0) return i;
  }
  throw new Error('a sound file has no open bracket');
}

/** Trees up to and with each comma. */
function elementsOf(inside: readonly Tree[]): readonly (readonly Tree[])[] {
  const elements: Tree[][] = [];
  let current: Tree[] = [];
  for (const tree of inside) {
    current.push(tree);
    if (tree.kind === 'leaf' && tree.type === 'Comma') {
      elements.push(current);
      current = [];
    }
  }
  if (current.length > 0) elements.push(current);
  return elements;
}

/** A list or record alone in its brackets opens and closes with them. */
function sole(element: readonly Tree[]): boolean {
  if (element.length !== 1) return false;
  const all = leaves(element[0]);
  const only = all[0];
  return (only.rule === 'list' || only.rule === 'record') && closers.has(all[all.length - 1].type) && closesWith(element[0]);
}

function closesWith(tree: Tree): boolean {
  if (tree.kind === 'leaf') return false;
  if (tree.rule === 'list' || tree.rule === 'record') return true;
  return tree.children.length === 1 && closesWith(tree.children[0]);
}

function length(element: readonly Tree[]): number {
  let sum = 0;
  for (const tree of element)
    for (const leaf of leaves(tree)) sum += leaf.text.length + (leaf.type === 'Comma' || leaf.type === 'Colon' ? 1 : 0);
  return sum;
}

/** Whether an item stays on the line of the one before it. */
function goesOn(before: Tree, leaf: Leaf): boolean {
  return lastLeaf(before).type === 'Comma' && lastLeaf(before).after === undefined && !leaf.startsLine && leaf.before.length === 0;
}

function startsBlank(leaf: Leaf): boolean {
  return leaf.before.length > 0 ? leaf.before[0].blank : leaf.blank;
}
