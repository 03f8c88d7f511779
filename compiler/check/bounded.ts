/** A check that ends: what asks for too much work is told at its line. */
import { DimError } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Session } from './elaboration.ts';
import { TooMuchWork } from './work.ts';

/** The result of `body`; undefined after a report where it took too many steps. `whole` is the place where no line alone is to blame. */
export function bounded<T>(session: Session, whole: Span, body: () => T): T | undefined {
  const { work, diagnostics, root } = session;
  const before = diagnostics.errorReports;
  try {
    return body();
  } catch (error) {
    const at = work.heaviest(root.spec.source) ?? whole;
    if (error instanceof TooMuchWork) {
      // A mistake told before may be what the work was for: a module that calls itself.
      if (diagnostics.errorReports === before) diagnostics.report('too-much-work', at, {});
      return undefined;
    }
    // A size that no operator asked for by itself.
    if (!(error instanceof DimError)) throw error;
    diagnostics.report('size-out-of-range', at, { where: 'a size', reason: error.message });
    return undefined;
  }
}
