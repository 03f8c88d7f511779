/** Which outputs a graph keeps, and the nodes that only they need. */
import { settle } from '../ir/rewrite.ts';
import type { Graph, GraphOutput } from '../ops/graph.ts';

/** Drops the other outputs and everything that is no longer needed, unread inputs included. */
export function keepOutputs(graph: Graph, keep: (output: GraphOutput) => boolean, name: string = graph.name): Graph {
  return settle(name, graph.nodes, graph.outputs.filter(keep), graph.assertions);
}
