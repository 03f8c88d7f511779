/** Steps that work on 0..255 stand before `normalize`, which stands once. */
import type { ViewPlan } from '../../ir/program.ts';
import type { Expression } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { VIEW_STEPS } from './transforms.ts';

/** Reports the first step of a view that comes too late; `written` are its steps as the author wrote them. */
export function checkColourSteps(E: Elaboration, views: readonly ViewPlan[], name: string, written: readonly Expression[]): void {
  const view = views.find((v) => v.name === name);
  if (!view || view.steps.length !== written.length) return;
  let normalized = before(views, view.from);
  for (const [i, step] of view.steps.entries()) {
    const late = step.op === 'normalize' || VIEW_STEPS[step.op]?.colour === true;
    if (normalized && late) {
      E.report(
        'step-after-normalize',
        written[i].span,
        { step: step.op },
        { hint: step.op === 'normalize' ? 'leave one of them out' : 'write it before normalize(…)' },
      );
      return;
    }
    if (step.op === 'normalize') normalized = true;
  }
}

/** Whether what a view starts from is normalised already. */
function before(views: readonly ViewPlan[], from: string): boolean {
  const view = views.find((v) => v.name === from);
  return view !== undefined && (view.steps.some((step) => step.op === 'normalize') || before(views, view.from));
}
