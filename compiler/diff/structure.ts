/** Groups of differences between graphs as rows: what class they are of, and how the spec says what differs. */
import type { CheckedMethod } from '../check/check.ts';
import { type DiffClass, placeOf, type Row } from './classes.ts';
import type { Found, Group } from './graph/groups.ts';
import type { Leaf } from './text/bodies.ts';
import { type Defaults, excerpt, textOf } from './text/excerpt.ts';
import { isTree, type Tree } from './text/fingerprint.ts';

export function structureRow(group: Group, a: CheckedMethod, b: CheckedMethod, main: object): Row {
  const { landing } = group;
  const leaf = landing.b ?? landing.a;
  const { from, to } = wording(landing.a, landing.b, a, b);
  return {
    class: classOf(group, main),
    what: leaf ? title(leaf) : 'the graph',
    from,
    to,
    at: { from: placeOf(landing.a?.tree.span), to: placeOf(landing.b?.tree.span) },
    effects: [],
  };
}

/** Constants of a formula: they change what comes out, and no shape. */
const CONSTANTS: ReadonlySet<string> = new Set(['const', 'fill']);

/** `main`: the training step's comparison, or the only one. */
function classOf({ landing, found }: Group, main: object): DiffClass {
  const kinds = new Set([landing.a?.tree.kind, landing.b?.tree.kind]);
  if (kinds.has('hyper')) return 'hyper-parameter';
  const training = found.filter(({ compared }) => compared === main);
  if (training.length === 0) return 'protocol';
  // Sizes mostly follow from what else was done here.
  const chosen = training.filter(({ difference }) => difference.kind !== 'size');
  const told = chosen.length > 0 ? chosen : training;
  const gradient = told.filter(({ difference }) => difference.kind === 'detach');
  if (gradient.length === told.length) return 'gradient flow';
  if (kinds.has('loss') || told.every(inLoss)) return 'loss';
  const constants = told.every(
    ({ difference: d }) => d.kind === 'detach' || (d.kind === 'choice' && CONSTANTS.has(d.a.node.op) && d.attribute === 'value'),
  );
  return constants ? 'hyper-parameter' : 'architecture';
}

function inLoss({ difference: d, compared }: Found): boolean {
  if (d.kind === 'added') return compared.lossPart.has(d.b);
  if (d.kind === 'removed') return compared.lossPart.has(d.a);
  return compared.lossPart.has(d.a) && compared.lossPart.has(d.b);
}

/** What stands here: `net`, `loss gsc`, `head of prototype_head`. */
function title(leaf: Leaf): string {
  const { tree, body, declares } = leaf;
  const name = declares.join(', ');
  const word = 'word' in tree && isTree(tree.word) ? textOf(tree.word.span) : tree.kind.replace('_', ' ');
  const own = tree.kind === 'return' ? 'result' : `${'role' in tree ? String(tree.role) : word} ${name}`.trim();
  return body === '' ? own : `${own} of ${body}`;
}

function wording(
  a: Leaf | undefined,
  b: Leaf | undefined,
  left: CheckedMethod,
  right: CheckedMethod,
): { from: string | undefined; to: string | undefined } {
  if (!a || !b) return { from: a && textOf(rightSide(a.tree).span), to: b && textOf(rightSide(b.tree).span) };
  const [x, y] = [rightSide(a.tree), rightSide(b.tree)];
  return excerpt(x, y, { a: defaultsOf(left), b: defaultsOf(right) });
}

/** The right-hand side of a statement: what it is called is said already. */
function rightSide(tree: Tree): Tree {
  if (tree.kind === 'layer' && 'pretraining' in tree && tree.pretraining !== undefined && 'value' in tree && isTree(tree.value))
    return tree.value;
  for (const part of ['value', 'defaultValue', 'distribution'])
    if (part in tree) {
      const value: unknown = Object.entries(tree).find(([key]) => key === part)?.[1];
      if (isTree(value)) return value;
    }
  return tree;
}

function defaultsOf({ source }: CheckedMethod): Defaults {
  return (callee, parameter) => {
    const declaration = source.file.names.get(callee)?.declaration;
    if (declaration?.kind !== 'module') return undefined;
    const found = [...(declaration.config ?? []), ...declaration.params].find((p) => p.name.text === parameter);
    return found?.defaultValue && textOf(found.defaultValue.span);
  };
}
