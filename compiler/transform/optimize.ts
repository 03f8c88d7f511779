/**
 * The update graph: (state, gradients, scalars) → new state. Optimisers, decay and clipping are IR like everything else; nothing about them
 * is written again in the runtime.
 *
 * Inputs: `state` parameters and slots under their keys, `gradient` under the parameter's key, `scalar` `lr.<group>` (rate of this step)
 * and `step` (f32, 1 at the first step). Outputs: `state` new parameters and slots, `output` `grad_norm` (L2 norm over all gradients
 * before clipping).
 */

import type { OptimizerPlan, OptimizerRule, ParameterGroup, StateDeclaration } from '../ir/program.ts';
import { passBuilder, settle } from '../ir/rewrite.ts';
import type { Builder } from '../ops/builder.ts';
import type { Graph, GraphOutput, InputRole, Node, TensorType } from '../ops/graph.ts';
import { orthogonalized, sizeRatio } from './muon.ts';
import { simplify } from './simplify.ts';

export interface UpdateGraph {
  readonly graph: Graph;
  /** State that the optimiser adds: zero at the start. */
  readonly slots: readonly StateDeclaration[];
}

const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Slots of a rule, as they follow the parameter's key: `net.conv1.weight.momentum`. */
export function slotNames(rule: OptimizerRule): readonly string[] {
  switch (rule.kind) {
    case 'sgd':
      return rule.momentum === 0 ? [] : ['momentum'];
    case 'adam':
    case 'adamw':
      return ['first_moment', 'second_moment'];
    case 'muon':
      return ['momentum'];
  }
}

/** Counts the steps of a parameter that does not take part in all of them. */
const STEPS = 'steps';

export interface UpdateOptions {
  /** The gradients that the rules see are outputs too (for comparison with another implementation). */
  readonly clippedGradients?: boolean;
  /**
   * Keys of parameters that some phase of training leaves untouched: where the rule reads the number of the step, they count their own, as in
   * PyTorch.
   */
  readonly ownSteps?: ReadonlySet<string>;
  /** State of role `average`: follows the parameters of the step, those that this update leaves untouched too. */
  readonly averages?: readonly StateDeclaration[];
}

/** Rank-0 values that all parameters of a group read. */
interface GroupNumbers {
  readonly rate: Node;
  /** 1 - rate · decay, where decay is decoupled from the gradient. */
  readonly kept: Node | undefined;
  /** Of Adam: the rate over the first moment's correction, and the root of the second's. */
  readonly correctedRate: Node;
  readonly secondRoot: Node;
}

/** What a rule reads and makes for one parameter. */
interface Update {
  readonly b: Builder;
  readonly parameter: Node;
  readonly gradient: Node;
  readonly numbers: GroupNumbers;
  readonly decay: number;
  readonly slots: readonly Node[];
}
interface Updated {
  readonly parameter: Node;
  readonly slots: readonly Node[];
}

/** Name of the output that holds a parameter's gradient after clipping. */
export const clippedName = (key: string): string => `clipped.${key}`;

/**
 * Builds the update of all parameters of the plan's groups; keys that are not among `parameters` are left out (nothing trains them).
 */
export function buildUpdate(plan: OptimizerPlan, parameters: readonly StateDeclaration[], options: UpdateOptions = {}): UpdateGraph {
  const b = passBuilder();
  const input = (role: InputRole, name: string, type: TensorType): Node => b.input(role, name, type, { kind: 'tensor', range: ANY });
  const scalar: TensorType = { dtype: 'f32', shape: [] };
  const declared = new Map(parameters.map((parameter) => [parameter.key, parameter] as const));
  const members = plan.groups.flatMap((group) =>
    group.keys.flatMap((key) => (declared.has(key) ? [{ group, declaration: declared.get(key)! }] : [])),
  );
  const outputs: GraphOutput[] = [];
  const slots: StateDeclaration[] = [];

  b.with({ phase: 'update' }, () => {
    const gradients = members.map(({ declaration }) => input('gradient', declaration.key, declaration.type));
    const norm = globalNorm(b, gradients);
    const factor = plan.clipNorm === undefined ? undefined : clipFactor(b, norm, plan.clipNorm);
    let step: Node | undefined;
    const stepInput = (): Node => {
      step ??= input('scalar', 'step', scalar);
      return step;
    };
    const numbers = new Map<ParameterGroup, GroupNumbers>();
    for (const { group } of members)
      if (!numbers.has(group)) numbers.set(group, groupNumbers(b, group, input('scalar', `lr.${group.name}`, scalar), stepInput));
    members.forEach(({ group, declaration }, i) => {
      const { key, type } = declaration;
      const slot = (name: string, shape = type.shape): StateDeclaration => ({
        ...declaration,
        key: `${key}.${name}`,
        role: 'slot',
        type: { ...type, shape },
        init: { kind: 'constant', value: 0 },
        backbone: false,
        parameterRole: undefined,
      });
      const own = slotNames(group.rule).map((name) => slot(name));
      const gradient = factor ? b.with({ path: key, phase: 'update' }, () => b.mul(gradients[i], factor)) : gradients[i];
      if (options.clippedGradients) outputs.push({ role: 'output', name: clippedName(key), node: gradient });
      let shared = numbers.get(group)!;
      if (adaptive(group.rule) && options.ownSteps?.has(key)) {
        const steps = slot(STEPS, []);
        const count = b.with({ path: key, phase: 'update' }, () => b.addition(input('state', steps.key, steps.type), b.scalar(1)));
        shared = b.with({ path: key, phase: 'update' }, () => groupNumbers(b, group, shared.rate, () => count));
        outputs.push({ role: 'state', name: steps.key, node: count });
        slots.push(steps);
      }
      const updated = b.with({ path: key, phase: 'update' }, () =>
        apply(group.rule, {
          b,
          parameter: input('state', key, type),
          gradient,
          numbers: shared,
          decay: group.weightDecay,
          slots: own.map((slot) => input('state', slot.key, slot.type)),
        }),
      );
      outputs.push({ role: 'state', name: key, node: updated.parameter });
      own.forEach((slot, k) => {
        outputs.push({ role: 'state', name: slot.key, node: updated.slots[k] });
        slots.push(slot);
      });
    });
    for (const { key, type, average } of options.averages ?? []) {
      if (!average) continue;
      const now = outputs.find(({ role, name }) => role === 'state' && name === average.of)?.node;
      const followed = b.with({ path: key, phase: 'update' }, () =>
        mix(b, input('state', key, type), now ?? input('state', average.of, type), average.momentum),
      );
      outputs.push({ role: 'state', name: key, node: followed });
    }
    outputs.push({ role: 'output', name: 'grad_norm', node: norm });
  });
  return { graph: simplify(settle('update', b.nodes, outputs, []), { final: true }), slots };
}

/** sqrt of the sum of squares of all elements. */
function globalNorm(b: Builder, gradients: readonly Node[]): Node {
  const squares = gradients.map((g) => total(b, b.unary('square', g)));
  return squares.length === 0
    ? b.scalar(0)
    : b.unary(
        'sqrt',
        squares.reduce((x, y) => b.addition(x, y)),
      );
}

function total(b: Builder, x: Node): Node {
  return x.type.shape.length === 0 ? x : b.add('sum', [x], { axes: x.type.shape.map((_, i) => i), keep: false });
}

/** PyTorch's `clip_grad_norm_`: min(1, limit / (norm + 1e-6)). */
function clipFactor(b: Builder, norm: Node, limit: number): Node {
  return b.add('minimum', [b.div(b.scalar(limit), b.addition(norm, b.scalar(1e-6))), b.scalar(1)], {});
}

function apply(rule: OptimizerRule, update: Update): Updated {
  switch (rule.kind) {
    case 'sgd':
      return sgd(rule, update);
    case 'adam':
      return adam(rule, { ...update, gradient: withDecay(update), decay: 0 });
    case 'adamw':
      return adam(rule, update);
    case 'muon':
      return muon(rule, update);
  }
}

/** g + decay · p. */
function withDecay({ b, gradient, parameter, decay }: Update): Node {
  return decay === 0 ? gradient : b.addition(gradient, b.mul(parameter, b.scalar(decay)));
}

/** p · (1 - rate · decay): decoupled decay. */
function decayed({ b, parameter, numbers }: Update): Node {
  return numbers.kept === undefined ? parameter : b.mul(parameter, numbers.kept);
}

/** What all parameters of a group share; it stands in front of them, so that none of them computes it for the others. */
function groupNumbers(b: Builder, { rule, weightDecay }: ParameterGroup, rate: Node, step: () => Node): GroupNumbers {
  const decoupled = weightDecay !== 0 && (rule.kind === 'adamw' || rule.kind === 'muon');
  return {
    rate,
    kept: decoupled ? b.sub(b.scalar(1), b.mul(rate, b.scalar(weightDecay))) : undefined,
    correctedRate: adaptive(rule) ? b.div(rate, biasCorrection(b, step(), rule.beta1)) : rate,
    secondRoot: adaptive(rule) ? b.unary('sqrt', biasCorrection(b, step(), rule.beta2)) : b.scalar(1),
  };
}

/** Whether a rule reads the number of the step. */
function adaptive(rule: OptimizerRule): rule is Extract<OptimizerRule, { kind: 'adam' | 'adamw' }> {
  return rule.kind === 'adam' || rule.kind === 'adamw';
}

/** torch.optim.SGD without dampening: the buffer starts at zero, so that its first value is d. */
function sgd(rule: Extract<OptimizerRule, { kind: 'sgd' }>, update: Update): Updated {
  const { b, parameter, slots } = update;
  const { rate } = update.numbers;
  const d = withDecay(update);
  if (rule.momentum === 0) return { parameter: b.sub(parameter, b.mul(d, rate)), slots: [] };
  const buffer = b.addition(b.mul(slots[0], b.scalar(rule.momentum)), d);
  const direction = rule.nesterov ? b.addition(d, b.mul(buffer, b.scalar(rule.momentum))) : buffer;
  return { parameter: b.sub(parameter, b.mul(direction, rate)), slots: [buffer] };
}

/** x · beta + y · (1 - beta) */
function mix(b: Builder, x: Node, y: Node, beta: number): Node {
  return b.addition(b.mul(x, b.scalar(beta)), b.mul(y, b.scalar(1 - beta)));
}

/**
 * 1 - beta^step. Written with tanh, 1 - e^(-2a) = 2 tanh(a) / (1 + tanh(a)): in float32 the plain difference has only three digits left
 * at the first steps for beta = 0.999.
 */
function biasCorrection(b: Builder, step: Node, beta: number): Node {
  if (beta === 0) return b.scalar(1);
  const t = b.unary('tanh', b.mul(step, b.scalar(-0.5 * Math.log(beta))));
  return b.div(b.mul(t, b.scalar(2)), b.addition(t, b.scalar(1)));
}

/** torch.optim.Adam and AdamW: p - rate · m̂ / (sqrt(v̂) + epsilon). */
function adam(rule: Extract<OptimizerRule, { kind: 'adam' | 'adamw' }>, update: Update): Updated {
  const { b, gradient, slots } = update;
  const { correctedRate, secondRoot } = update.numbers;
  const first = mix(b, slots[0], gradient, rule.beta1);
  const second = mix(b, slots[1], b.unary('square', gradient), rule.beta2);
  const denominator = b.addition(b.div(b.unary('sqrt', second), secondRoot), b.scalar(rule.epsilon));
  return { parameter: b.sub(decayed(update), b.mul(b.div(first, denominator), correctedRate)), slots: [first, second] };
}

/**
 * Muon (K. Jordan): an averaged momentum, with Nesterov a further step of it, made orthogonal, scaled by sqrt(max(1, out / in)).
 * For a filter [kh, kw, in, out] the matrix is [kh·kw·in, out].
 */
function muon(rule: Extract<OptimizerRule, { kind: 'muon' }>, update: Update): Updated {
  const { b, gradient, slots } = update;
  const buffer = mix(b, slots[0], gradient, rule.momentum);
  const direction = rule.nesterov ? mix(b, buffer, gradient, rule.momentum) : buffer;
  const step = b.mul(orthogonalized(b, direction, rule.iterations), sizeRatio(b, direction));
  return { parameter: b.sub(decayed(update), b.mul(step, update.numbers.rate)), slots: [buffer] };
}
