/** Statements of bodies: what each declaration does to the scope, the state and the graph. */
import type { StateDeclaration } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import { compare } from '../shape/compare.ts';
import { constantOf, show, showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { AfterStepStatement, BlockItem, Expression, RequireStatement, Statement } from '../syntax/ast.ts';
import { runAssignment, runIf, runIterate, runNoGrad, type Turn } from './blocks.ts';
import { ANY, type Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { declareState, runLayer } from './layers.ts';
import { runLet } from './lets.ts';
import { dimOf, toNode } from './nodes.ts';
import { checkBounds } from './number-types.ts';
import type { Scope } from './scope.ts';
import { epochSpan } from './training/epochs.ts';
import { type Instance, POISON, tensor, type Value } from './values.ts';

export interface Body {
  /** The layer whose body this is; parameters belong to it. */
  readonly instance: Instance | undefined;
  /** In words, for messages. */
  readonly where: string;
  /** The turn of the innermost `iterate` around the statements. */
  readonly turn?: Turn;
  /** Inside `no_grad`. */
  readonly noGrad?: Span | undefined;
  /** Whether `return` ends the body: not inside `iterate` and `no_grad`, and not in a method. */
  readonly returns: boolean;
}

/** Runs statements to a `return`; undefined when there is none. */
export function runBody(E: Elaboration, body: readonly BlockItem[], scope: Scope, context: Body): Value | undefined {
  for (const statement of body) {
    // Without a fact that a module rests on, whatever follows in it would be reported too.
    if (statement.kind === 'require') {
      if (!runRequire(E, statement, scope)) return POISON;
      continue;
    }
    const mark = E.session.work.enter(statement.span);
    const result = runStatement(E, statement, scope, context);
    E.session.work.leave(mark);
    if (result) return result;
  }
  return undefined;
}

function runStatement(E: Elaboration, statement: Exclude<BlockItem, RequireStatement>, scope: Scope, context: Body): Value | undefined {
  const block = context.noGrad ? 'no_grad' : context.turn && 'iterate';
  if (block && PARAMETRIC.has(statement.kind)) {
    E.report(
      'misplaced-declaration',
      statement.span,
      { what: declarationWords(statement), where: block },
      {
        hint:
          statement.kind !== 'loss'
            ? 'declare it above the block'
            : block === 'no_grad'
              ? 'a loss in it would train nothing: write it below the block, where the names of the block are known'
              : 'collect its terms in a carried value, and write the loss below the block',
      },
    );
    if ('name' in statement) scope.define(statement.name.text, POISON, statement.kind, statement.name.span);
    return undefined;
  }
  switch (statement.kind) {
    case 'return':
      if (context.returns) return evaluate(E, statement.value, scope);
      E.report('misplaced-return', statement.span, {});
      return undefined;
    case 'if':
      return runIf(E, statement, scope, context);
    case 'no_grad':
      runNoGrad(E, statement, scope, context);
      return undefined;
    case 'iterate':
      runIterate(E, statement, scope, context);
      return undefined;
    case 'assignment':
      runAssignment(E, statement, scope, context);
      return undefined;
    case 'let':
      runLet(E, statement, scope);
      return undefined;
    case 'layer':
      runLayer(E, statement, scope, context);
      return undefined;
    case 'hyper':
      scope.define(statement.name.text, evaluate(E, statement.value, scope), 'hyper', statement.name.span);
      return undefined;
    case 'weight':
    case 'state':
      declareState(E, statement, scope, context);
      return undefined;
    case 'after_step':
      runAfterStep(E, statement, scope, context);
      return undefined;
    case 'random':
      runRandom(E, statement.name.text, statement.distribution, scope, statement.span);
      return undefined;
    case 'input':
    case 'loss':
    case 'watch':
      E.report('misplaced-declaration', statement.span, { what: declarationWords(statement), where: context.where });
      return undefined;
  }
}

/** What has parameters, is optimised or is kept from step to step. */
const PARAMETRIC: ReadonlySet<BlockItem['kind']> = new Set(['layer', 'weight', 'state', 'after_step', 'loss', 'input', 'hyper']);

function declarationWords(statement: Statement | BlockItem): string {
  return 'name' in statement ? `${statement.kind} ${statement.name.text}` : statement.kind.replace('_', ' ');
}

function runAfterStep(E: Elaboration, statement: AfterStepStatement, scope: Scope, context: Body): void {
  // Statistics of a shadow are those of the layer that it follows, which alone changes them.
  if (context.instance?.shadow) return;
  const names = statement.assignments.map(({ name }) => name.text).join(', ');
  const span = epochSpan(E, statement, { short: `the changes of ${names}`, whole: `'after step' of ${names}` }, scope);
  for (const { name, value } of statement.assignments) {
    const key = context.instance?.path === undefined ? name.text : `${context.instance.path}.${name.text}`;
    const declared = E.session.states.get(key);
    if (!declared || declared.role === 'parameter') {
      E.report('unknown-name', name.span, { name: name.text }, { hint: 'only what is declared with state changes after a step' });
      continue;
    }
    const node = toNode(E, evaluate(E, value, scope), value.span, `the new ${name.text}`);
    if (!node || !keepsType(E, name.text, declared, node, value.span) || !E.training) continue;
    E.updates.set(key, node);
    if (statement.fromEpoch || statement.untilEpoch) E.updateSpans.set(key, span);
  }
}

/** Whether a new value has the type that the state is declared with; reported where it has not. */
function keepsType(E: Elaboration, name: string, { type }: StateDeclaration, node: Node, at: Span): boolean {
  const { shape, dtype } = node.type;
  const fits = shape.length === type.shape.length && shape.every((d, i) => compare(d, type.shape[i], E.session.facts) !== 'different');
  if (!fits || dtype !== type.dtype) {
    const typeText = (of: Node['type']): string => `${of.dtype} ${showShape(of.shape)}`;
    E.report('state-changed', at, { name, declared: typeText(type), found: typeText(node.type) });
    return false;
  }
  for (const [i, d] of type.shape.entries()) E.same(d, shape[i], `${name} keeps its size from step to step`, at);
  return true;
}

/** A fact about sizes: used for proofs from here on, and checked when the program starts. */
export function runRequire(E: Elaboration, statement: RequireStatement, scope: Scope): boolean {
  const left = dimOf(E, evaluate(E, statement.left, scope), statement.left.span, 'a fact');
  const right = dimOf(E, evaluate(E, statement.right, scope), statement.right.span, 'a fact');
  if (!left || !right) return false;
  const fact = `${show(left)} ${statement.relation} ${show(right)}`;
  const reason = E.facts.add(left, statement.relation, right);
  if (reason) {
    const { file, start, end } = statement.span;
    const written = file.text.slice(start, end).replace(/^require\s+/, '');
    if (E.callee !== undefined) E.report('fact-unmet', statement.span, { callee: E.callee, fact: written, reason });
    else E.report('fact-contradiction', statement.span, { fact, reason });
    return false;
  }
  // What is true of numbers need not be asked again when the program starts.
  if (constantOf(left) === undefined || constantOf(right) === undefined)
    E.obligations.assertions.push({ left, right, relation: statement.relation, reason: 'required', span: E.place(statement.span).span });
  return true;
}

/** `random gate ~ uniform(like: x)`: a named draw in [0, 1) (or normal) that a comparison can inject. */
function runRandom(E: Elaboration, name: string, distribution: Expression, scope: Scope, at: Span): void {
  const call = distribution.kind === 'call' && distribution.callee.kind === 'name' ? distribution : undefined;
  const how = call?.callee.kind === 'name' ? call.callee.name.text : undefined;
  const likeArg = call?.args.find((a) => a.name?.text === 'like');
  const like = likeArg && toNode(E, evaluate(E, likeArg.value, scope), likeArg.span, 'like');
  if (!call || !like || (how !== 'uniform' && how !== 'normal' && how !== 'bernoulli')) {
    E.report('bad-setting', at, {
      name: `random ${name}`,
      expected: 'uniform(like: x), normal(like: x) or bernoulli(p, like: x)',
      found: 'this',
    });
    scope.define(name, POISON, 'random');
    return;
  }
  const path = E.path ? `${E.path}.${name}` : name;
  const draw = E.input(
    'draw',
    `${path}~${how === 'normal' ? 'normal' : 'uniform'}`,
    { dtype: 'f32', shape: like.type.shape },
    'tensor',
    how === 'normal' ? ANY : { low: 0, high: 1 },
    at,
  );
  if (how !== 'bernoulli') {
    scope.define(name, tensor(draw), 'random');
    return;
  }
  const given = call.args[0] ? evaluate(E, call.args[0].value, scope) : POISON;
  if (call.args[0] && !checkBounds(E, 'the probability of bernoulli', given, 'share', call.args[0].value.span)) {
    scope.define(name, POISON, 'random');
    return;
  }
  const p = given.kind === 'poison' ? undefined : toNode(E, given, call.args[0].span, 'the probability');
  const below = p && E.node('less', [draw, p], {}, at);
  scope.define(name, below ? E.op('cast', [below], { dtype: 'f32' }, at) : POISON, 'random');
}
