/** What differentiation refuses, as diagnostics at the author's lines. */
import type { CheckedMethod } from './check/check.ts';
import type { Diagnostics } from './diagnostics/diagnostics.ts';
import type { GradientProblem } from './transform/differentiate.ts';

/** Reports every problem of `compileMethod` for one method. The checker finds most of them first. */
export function reportGradientProblems(checked: CheckedMethod, problems: readonly GradientProblem[], diagnostics: Diagnostics): void {
  const { E } = checked.forward;
  for (const { kind, subject, node } of problems) {
    const at = (node && (E.authorSpan(node) ?? node.span)) ?? checked.source.span;
    diagnostics.report('not-differentiable', at, { method: checked.name, reason: reasonOf(kind, subject) });
  }
}

function reasonOf(kind: GradientProblem['kind'], subject: string): string {
  switch (kind) {
    case 'no-derivative':
      return `${subject} has no derivative rule, and a loss asks for its gradient`;
    case 'unknown-loss':
      return `there is no loss '${subject}'`;
    case 'loss-not-scalar':
      return `the loss '${subject}' is not one number`;
    case 'unknown-input':
      return `no layer owns the parameter '${subject}'`;
    case 'reserved-name':
      return `'${subject}' is the name of the sum of all losses: call this loss something else`;
  }
}
