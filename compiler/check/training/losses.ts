/** Losses: their value, weight, epochs and condition. */
import { removedWith } from '../../diagnostics/edits.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { LossDeclaration, WeightRamp } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import { showShape } from '../../shape/dim.ts';
import type { BlockItem, CallExpression, Expression, LossStatement, MethodMember } from '../../syntax/ast.ts';
import { type Elaboration, named } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import { toNode } from '../nodes.ts';
import type { Scope } from '../scope.ts';
import { withKind } from '../signature.ts';
import { describe } from '../values.ts';
import { epoch, epochSpan } from './epochs.ts';

/** What reports and logs call the weighted sum; `transform/differentiate.ts` names an output so. */
const SUM_OF_LOSSES = 'total';

/** Losses written anywhere in a body, those of blocks and of branches that are not taken among them. */
export function lossesAmong(members: readonly (MethodMember | BlockItem)[]): readonly LossStatement[] {
  return members.flatMap((member) => {
    switch (member.kind) {
      case 'loss':
        return [member];
      case 'no_grad':
      case 'iterate':
        return lossesAmong(member.body);
      case 'if':
        return [...member.branches.flatMap((branch) => lossesAmong(branch.body)), ...lossesAmong(member.otherwise ?? [])];
      default:
        return [];
    }
  });
}

/** Adds a loss to the training step. */
export function runLoss(E: Elaboration, statement: LossStatement, scope: Scope): void {
  const name = statement.name.text;
  if (name === SUM_OF_LOSSES) {
    E.report('reserved-name', statement.name.span, { name, what: 'the sum of all losses' }, { hint: 'call this loss something else' });
    return;
  }
  const first = E.losses.find((l) => l.name === name);
  if (first) {
    E.report('duplicate-name', statement.name.span, { name }, { labels: [{ span: first.span, text: 'first declared here' }] });
    return;
  }
  const value = evaluate(E, statement.value, scope);
  if (value.kind === 'poison') return;
  let node = toNode(E, value, statement.value.span, `the loss ${name}`);
  if (!node) return;
  if (node.type.shape.length !== 0) {
    E.report(
      'loss-not-scalar',
      statement.value.span,
      { name, shape: showShape(node.type.shape) },
      { hint: 'reduce it: mean(…) or sum(…)' },
    );
    return;
  }
  if (statement.when) node = conditional(E, statement.when, node, name, scope);
  const labelled = node && withKind(E, node, 'loss', statement.value.span, `the loss ${name}`);
  if (labelled?.kind !== 'tensor') return;
  named(E, labelled, name);
  scope.define(name, labelled, 'loss', statement.name.span);
  E.losses.push({
    name,
    node: labelled.node,
    ...clauses(E, statement, scope),
    ...(statement.when ? { when: statement.when.span } : {}),
    span: statement.name.span,
  });
}

/** The loss where a condition holds that data decide, and zero elsewhere; `differentiate` keeps what is not finite out of the gradients. */
function conditional(E: Elaboration, when: Expression, loss: Node, name: string, scope: Scope): Node | undefined {
  const condition = toNode(E, evaluate(E, when, scope), when.span, 'when');
  if (!condition) return undefined;
  if (condition.type.shape.length !== 0 || condition.type.dtype !== 'bool') {
    E.report(
      'loss-condition',
      when.span,
      { name, found: `${condition.type.dtype} ${showShape(condition.type.shape)}` },
      { hint: 'ask one question of the batch: when any(rest), or when max(score) > 0.5' },
    );
    return undefined;
  }
  const zero = E.node('const', [], { value: 0, dtype: 'f32' }, when.span);
  return zero && E.node('select', [condition, loss, zero], {}, when.span);
}

type Clauses = Pick<LossDeclaration, 'weight' | 'fromEpoch' | 'untilEpoch' | 'off'>;

function clauses(E: Elaboration, statement: LossStatement, scope: Scope): Clauses {
  const name = statement.name.text;
  return {
    weight: weightOf(E, statement.weight, name, scope),
    ...epochSpan(E, statement, { short: name, whole: `the loss '${name}'` }, scope),
    ...(offOf(E, statement) === 'untouched' ? { off: 'untouched' } : {}),
  };
}

/** What becomes of parameters while the loss is off. */
function offOf(E: Elaboration, { off, name, fromEpoch, untilEpoch }: LossStatement): 'zero' | 'untouched' {
  if (!off || off.text === 'zero') return 'zero';
  if (off.text !== 'untouched') {
    E.report(
      'bad-setting',
      off.span,
      { name: `off of ${name.text}`, expected: 'zero (decay and momentum act) or untouched', found: off.text },
      { hint: didYouMean(off.text, ['zero', 'untouched']) },
    );
    return 'zero';
  }
  if (!fromEpoch && !untilEpoch) {
    const edit = removedWith('off', off.span);
    const fix = edit && { title: `take 'off ${off.text}' away`, edits: [edit] };
    E.report('loss-never-off', off.span, { name: name.text }, { fix });
  }
  return 'untouched';
}

/** Warns of losses that start when training is over. */
export function checkEpochs(E: Elaboration, epochs: number | undefined): void {
  for (const { name, fromEpoch, span } of E.losses)
    if (epochs !== undefined && fromEpoch >= epochs)
      E.report('loss-never-active', span, { name, from: fromEpoch, epochs: epochs === 1 ? '1 epoch' : `${epochs} epochs` });
}

function weightOf(E: Elaboration, expression: Expression | undefined, name: string, scope: Scope): number | WeightRamp {
  if (!expression) return 1;
  if (isRamp(expression, scope)) return rampOf(E, expression, scope) ?? 1;
  const found = evaluate(E, expression, scope);
  if (found.kind === 'number') return found.value;
  if (found.kind !== 'poison')
    E.report(
      'not-static',
      expression.span,
      { where: `the weight of ${name}`, what: describe(found) },
      { hint: 'a weight is a number, or grows with the epochs: weight ramp(0, 0.1, from: 5, to: 8)' },
    );
  return 1;
}

function isRamp(expression: Expression, scope: Scope): expression is CallExpression {
  return expression.kind === 'call' && expression.callee.kind === 'name' && expression.callee.name.text === 'ramp' && !scope.find('ramp');
}

/** `ramp(0, 0.1, from: 5, to: 8)`: two weights, and the epochs between which it goes from one to the other. */
function rampOf(E: Elaboration, call: CallExpression, scope: Scope): WeightRamp | undefined {
  const values: number[] = [];
  const epochs = new Map<string, Expression>();
  for (const { name, value, span } of call.args) {
    if (name && name.text !== 'from' && name.text !== 'to') {
      E.report('unknown-argument', name.span, { callee: 'ramp', name: name.text }, { hint: 'it takes two weights, from and to' });
      return undefined;
    }
    if (name) {
      epochs.set(name.text, value);
      continue;
    }
    const found = evaluate(E, value, scope);
    if (found.kind === 'poison') return undefined;
    if (found.kind === 'number' && values.length < 2) values.push(found.value);
    else if (found.kind === 'number') {
      E.report('too-many-arguments', span, { callee: 'ramp', expected: 'two weights, from: and to:', found: call.args.length });
      return undefined;
    } else {
      E.report('not-static', value.span, { where: 'a weight of ramp', what: describe(found) });
      return undefined;
    }
  }
  const [from, to] = [epochs.get('from'), epochs.get('to')];
  const missing = values.length < 2 ? 'the weights it goes from and to' : !from ? 'from' : !to ? 'to' : undefined;
  if (missing !== undefined || !from || !to) {
    E.report('missing-argument', call.span, { callee: 'ramp', name: missing ?? 'to' }, { hint: 'ramp(0, 0.1, from: 5, to: 8)' });
    return undefined;
  }
  const [fromEpoch, toEpoch] = [epoch(E, from, 'from of ramp', scope), epoch(E, to, 'to of ramp', scope)];
  if (fromEpoch === undefined || toEpoch === undefined) return undefined;
  if (toEpoch <= fromEpoch) {
    E.report('epochs-in-order', to.span, { what: 'the ramp', from: fromEpoch, to: toEpoch });
    return undefined;
  }
  return { from: values[0], to: values[1], fromEpoch, toEpoch };
}
