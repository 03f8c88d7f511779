/** The part of two statements that differs, as the spec writes it. */
import type { Span } from '../../source/source.ts';
import { fingerprint, isTree, partsOf, type Tree } from './fingerprint.ts';

export interface Excerpt {
  readonly from: string;
  readonly to: string;
}

/** Text of a place with runs of white space, line ends and comments as one space. */
export function textOf({ file, start, end }: Span): string {
  return file.text
    .slice(start, end)
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const same = (a: unknown, b: unknown): boolean => fingerprint(a, (name) => name) === fingerprint(b, (name) => name);

/** A default that a call leaves out: by the name of the module and of its parameter. */
export type Defaults = (callee: string, parameter: string) => string | undefined;

/** The smallest parts that hold the whole difference. */
export function excerpt(a: Tree, b: Tree, defaults: { readonly a: Defaults; readonly b: Defaults }): Excerpt {
  const whole = { from: textOf(a.span), to: textOf(b.span) };
  if (a.kind !== b.kind) return whole;
  if (isCall(a) && isCall(b)) {
    if (!same(a.callee, b.callee))
      return same(a.args, b.args) && isTree(a.callee) && isTree(b.callee)
        ? { from: textOf(a.callee.span), to: textOf(b.callee.span) }
        : whole;
    return callExcerpt(a, b, defaults) ?? whole;
  }
  if (a.kind === 'list') return whole;
  const parts = pairsOf(a, b);
  const different = parts?.filter(([x, y]) => !same(x, y));
  if (different?.length !== 1) return whole;
  const [[x, y]] = different;
  return excerpt(x, y, defaults);
}

interface Call extends Tree {
  readonly callee: unknown;
  readonly args: readonly { readonly span: Span; readonly name: { readonly text: string } | undefined; readonly value: Tree }[];
}

function isCall(tree: Tree): tree is Call {
  return tree.kind === 'call' && 'args' in tree;
}

/** Arguments that differ; where one has its name and is left out on the other side, with the default. */
function callExcerpt(a: Call, b: Call, defaults: { readonly a: Defaults; readonly b: Defaults }): Excerpt | undefined {
  const key = (call: Call, i: number): string => call.args[i].name?.text ?? `#${i}`;
  const keys = (call: Call): readonly string[] => call.args.map((_, i) => key(call, i));
  const [left, right] = [keys(a), keys(b)];
  if (new Set(left).size !== left.length || new Set(right).size !== right.length) return undefined;
  const all = [...left, ...right.filter((k) => !left.includes(k))];
  const argument = (call: Call, k: string): Tree | undefined => call.args.find((_, i) => key(call, i) === k)?.value;
  const different = all.filter((k) => {
    const [x, y] = [argument(a, k), argument(b, k)];
    return !x || !y || !same(x, y);
  });
  if (different.length === 0) return undefined;
  if (different.length === 1) {
    const [x, y] = [argument(a, different[0]), argument(b, different[0])];
    if (x && y && (x.kind === 'call' || x.kind === 'pipe' || x.kind === 'comprehension') && x.kind === y.kind)
      return excerpt(x, y, defaults);
  }
  if (different.some((k) => k.startsWith('#') && !(argument(a, k) && argument(b, k)))) return undefined;
  const callee = isTree(a.callee) ? textOf(a.callee.span) : '';
  const say = (call: Call, side: Defaults): string =>
    different
      .flatMap((k) => {
        const value = argument(call, k);
        const text = value ? textOf(value.span) : side(callee, k);
        return text === undefined ? [] : [k.startsWith('#') ? text : `${k}: ${text}`];
      })
      .join(', ');
  return { from: say(a, defaults.a) || 'nothing', to: say(b, defaults.b) || 'nothing' };
}

/** Parts of two nodes of one kind, side by side; undefined where they do not have the same number. */
function pairsOf(a: Tree, b: Tree): readonly (readonly [Tree, Tree])[] | undefined {
  const [x, y] = [treesIn(a), treesIn(b)];
  // What is not a part (an operator, a number) differs as a whole.
  const plain = (tree: Tree): string =>
    fingerprint(
      partsOf(tree).filter(([, value]) => typeof value !== 'object'),
      (name) => name,
    );
  if (x.length !== y.length || x.length === 0 || plain(a) !== plain(b)) return undefined;
  return x.map((tree, i) => [tree, y[i]]);
}

function treesIn(tree: object): readonly Tree[] {
  return partsOf(tree).flatMap(([, value]) => within(value));
}

function within(value: unknown): readonly Tree[] {
  if (Array.isArray(value)) return value.flatMap(within);
  if (isTree(value)) return [value];
  return typeof value === 'object' && value !== null ? treesIn(value) : [];
}
