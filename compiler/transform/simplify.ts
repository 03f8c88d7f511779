/** Brings a graph to a smaller one that computes the same: constants folded, exact identities applied, equal nodes shared, dead ones dropped. */
import { type Rule, rewrite } from '../ir/rewrite.ts';
import type { Graph } from '../ops/graph.ts';
import { arithmeticIdentities, lateBroadcast } from './arithmetic-identities.ts';
import { backwardIdentities } from './backward-identities.ts';
import { separateCalls } from './calls-of-their-own.ts';
import { shareCommonSubexpressions } from './common-subexpressions.ts';
import { foldConstants } from './fold-constants.ts';
import { layoutIdentities } from './layout-identities.ts';

export interface SimplifyOptions {
  /** No derivative will be taken of this graph any more: `detach` is dropped. */
  readonly final: boolean;
}

/** Rounds after which a graph is taken as it is; each round is linear in its size, and few graphs need more than three. */
const ROUNDS = 12;

export function simplify(graph: Graph, options: SimplifyOptions): Graph {
  const rules = (): Rule => {
    const backward = backwardIdentities();
    return (node, b) => {
      if (node.op === 'input') return undefined;
      // Kinds have done their work in the checker; `identity` only ever changed the kind.
      if (node.op === 'identity' || (options.final && node.op === 'detach')) return node.inputs[0];
      const known = foldConstants(node, b) ?? arithmeticIdentities(node, b) ?? layoutIdentities(node, b) ?? lateBroadcast(node, b);
      return known ?? backward(node, b);
    };
  };
  let current = shareCommonSubexpressions(graph);
  for (let round = 0; round < ROUNDS; round++) {
    const { graph: next, replaced } = rewrite(current, rules());
    if (replaced === 0) break;
    current = shareCommonSubexpressions(next);
  }
  return options.final ? separateCalls(current) : current;
}
