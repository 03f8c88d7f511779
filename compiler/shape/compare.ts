/** The one question about two sizes, with three answers. */
import { constantOf, type Dim, subtract } from './dim.ts';
import type { Facts } from './facts.ts';

export type Comparison = 'equal' | 'different' | 'unknown';

/**
 * Whether two sizes are the same for all values of their names (under the facts): `equal` and `different` are proofs, `unknown` is neither.
 * `different` means they are never the same; sizes that agree for some values only are unknown.
 */
export function compare(a: Dim, b: Dim, facts: Facts): Comparison {
  const difference = facts.normalize(subtract(a, b));
  const value = constantOf(difference);
  if (value !== undefined) return value === 0 ? 'equal' : 'different';
  const [low, high] = [facts.lower(difference), facts.upper(difference)];
  if (low > 0 || high < 0) return 'different';
  return low === 0 && high === 0 ? 'equal' : 'unknown';
}
