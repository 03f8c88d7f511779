/** First values of weights and state: `init fan_uniform(1)`, `init normal(0.01)`, `= zeros`. */
import type { Initializer } from '../ir/program.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { describe } from './values.ts';

/** Evaluates an initialiser; without one it is PyTorch's default of a convolution, uniform(±1/sqrt(fan in)). */
export function initializerOf(E: Elaboration, expression: Expression | undefined, scope: Scope): Initializer | undefined {
  if (!expression) return { kind: 'fan_uniform', scale: 1, fan: 'in' };
  const value = evaluate(E, expression, scope);
  if (value.kind === 'number') return { kind: 'constant', value: value.value };
  if (value.kind === 'symbol' && value.name === 'zeros') return { kind: 'constant', value: 0 };
  if (value.kind === 'symbol' && value.name === 'ones') return { kind: 'constant', value: 1 };
  if (value.kind === 'initializer') return value.initializer;
  if (value.kind !== 'poison')
    E.report('bad-setting', expression.span, {
      name: 'init',
      expected: 'zeros, ones, a number, normal(…), uniform(…), fan_normal(…) or fan_uniform(…)',
      found: describe(value),
    });
  return undefined;
}
