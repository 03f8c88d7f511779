/** Groups of differences between graphs as rows: what class they are of, and how the spec says what differs. */
import { declaredIn } from '../check/blocks.ts';
import type { CheckedMethod } from '../check/check.ts';
import type { IfStatement, IterateStatement, NoGradStatement } from '../syntax/ast.ts';
import { type DiffClass, placeOf, type Row } from './classes.ts';
import type { GraphDifference } from './graph/differences.ts';
import type { Found, Group } from './graph/groups.ts';
import type { Leaf } from './text/bodies.ts';
import { type Defaults, excerpt, textOf } from './text/excerpt.ts';
import { isTree, type Tree } from './text/fingerprint.ts';

export function structureRow(group: Group, a: CheckedMethod, b: CheckedMethod, main: object): Row {
  const { landing } = group;
  const leaf = landing.b ?? landing.a;
  const { from, to } = landing.a || landing.b ? wording(landing.a, landing.b, a, b) : operators(group);
  return {
    class: classOf(group, main),
    what: leaf ? title(leaf) : 'the graph',
    from,
    to,
    at: { from: placeOf(landing.a?.tree.span), to: placeOf(landing.b?.tree.span) },
    effects: [],
  };
}

/** Operators that differ, where no statement says it. */
function operators({ found }: Group): { from: string; to: string } {
  const names = (side: 'a' | 'b'): string => {
    const points = found.flatMap(({ difference: d }) =>
      side === 'a' ? (d.kind === 'added' ? [] : [d.a]) : d.kind === 'removed' ? [] : [d.b],
    );
    return [...new Set(points.map(({ node }) => node.op))].sort().join(', ') || 'nothing';
  };
  return { from: names('a'), to: names('b') };
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
    ({ difference: d }) =>
      d.kind === 'detach' || (d.kind === 'choice' && CONSTANTS.has(d.a.node.op) && d.attribute === 'value') || isConstant(d),
  );
  return constants ? 'hyper-parameter' : 'architecture';
}

/** One constant for two numbers, or two for what was one: nothing else is there or is read otherwise. */
function isConstant(d: GraphDifference): boolean {
  if (d.kind === 'added') return CONSTANTS.has(d.b.node.op);
  if (d.kind === 'removed') return CONSTANTS.has(d.a.node.op);
  if (d.kind !== 'wiring' || d.a.inputs.length !== d.b.inputs.length) return false;
  return d.a.inputs.some((edge, i) => CONSTANTS.has(edge.from.node.op) && CONSTANTS.has(d.b.inputs[i].from.node.op));
}

function inLoss({ difference: d, compared }: Found): boolean {
  if (d.kind === 'added') return compared.lossPart.has(d.b);
  if (d.kind === 'removed') return compared.lossPart.has(d.a);
  return compared.lossPart.has(d.a) && compared.lossPart.has(d.b);
}

/** What stands here: `net`, `loss gsc`, `head of prototype_head`. */
function title(leaf: Leaf): string {
  const { tree, body, declares } = leaf;
  if (isBlock(tree)) {
    const about = tree.kind === 'iterate' ? tree.carried.map((c) => c.name.text) : [...new Set(declaredIn([tree]).map(({ text }) => text))];
    return `${tree.kind === 'if' ? 'condition of' : tree.kind} ${about.join(', ')}${body === '' ? '' : ` of ${body}`}`;
  }
  const name = declares.join(', ');
  const word =
    tree.kind === 'assignment' ? 'next' : 'word' in tree && isTree(tree.word) ? textOf(tree.word.span) : tree.kind.replace('_', ' ');
  const own = tree.kind === 'return' ? 'result' : `${'role' in tree ? String(tree.role) : word} ${name}`.trim();
  return body === '' ? own : `${own} of ${body}`;
}

function wording(
  a: Leaf | undefined,
  b: Leaf | undefined,
  left: CheckedMethod,
  right: CheckedMethod,
): { from: string | undefined; to: string | undefined } {
  const whole = (tree: Tree): string => (isBlock(tree) ? headOf(tree) : textOf(rightSide(tree).span));
  if (!a || !b) return { from: a && whole(a.tree), to: b && whole(b.tree) };
  if (isBlock(a.tree) || isBlock(b.tree)) return blockWording(a.tree, b.tree);
  const [x, y] = [rightSide(a.tree), rightSide(b.tree)];
  // A loss says more than its formula: when it counts.
  const [p, q] = [condition(a.tree), condition(b.tree)];
  if (p !== q) return { from: p ?? 'always', to: q ?? 'always' };
  return excerpt(x, y, { a: defaultsOf(left), b: defaultsOf(right) });
}

function condition(tree: Tree): string | undefined {
  return tree.kind === 'loss' && 'when' in tree && isTree(tree.when) ? `when ${textOf(tree.when.span)}` : undefined;
}

type Block = NoGradStatement | IterateStatement | IfStatement;

const BLOCKS: ReadonlySet<string> = new Set(['no_grad', 'iterate', 'if']);

function isBlock(tree: object): tree is Block {
  return 'kind' in tree && BLOCKS.has(String(tree.kind));
}

/** What a block says before its statements. */
function headOf(block: Block): string {
  switch (block.kind) {
    case 'no_grad':
      return 'no_grad';
    case 'iterate':
      return `${block.carried.map(({ span }) => textOf(span)).join(', ')} times ${textOf(block.times.span)}`;
    case 'if':
      return block.branches.map(({ condition }) => textOf(condition.span)).join(' / ');
  }
}

function blockWording(a: Tree, b: Tree): { from: string | undefined; to: string | undefined } {
  if (isBlock(a) && isBlock(b) && a.kind === 'iterate' && b.kind === 'iterate') {
    const start = (block: IterateStatement): string => block.carried.map(({ span }) => textOf(span)).join(', ');
    if (start(a) === start(b)) return { from: `times ${textOf(a.times.span)}`, to: `times ${textOf(b.times.span)}` };
  }
  return { from: isBlock(a) ? headOf(a) : textOf(a.span), to: isBlock(b) ? headOf(b) : textOf(b.span) };
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
