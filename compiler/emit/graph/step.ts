/** Forward, backward and update as one flat graph: the gradients go straight into the optimiser, and state is read once. */
import { inputKey, inputName, isInput } from '../../ir/paths.ts';
import { settle, withInputs } from '../../ir/rewrite.ts';
import type { Graph, Node } from '../../ops/graph.ts';

/**
 * Outputs: losses, outputs and gradients of the gradient graph, outputs of the update (`grad_norm`), and the new values of all state that
 * either changes. Throws where the update wants a gradient that the first graph does not give.
 */
export function wholeStep(gradients: Graph, update: Graph, name: string): Graph {
  const given = new Map(gradients.outputs.flatMap(({ role, name, node }) => (role === 'gradient' ? [[name, node] as const] : [])));
  const known = new Map(gradients.nodes.filter(isInput).map((node) => [inputKey(inputName(node)), node] as const));
  const image = new Map<Node, Node>();
  const added: Node[] = [];
  for (const node of update.nodes) {
    const input = isInput(node) ? inputName(node) : undefined;
    if (input?.role === 'gradient') {
      const gradient = given.get(input.name);
      if (!gradient) throw new Error(`the update wants the gradient of ${input.name}, which is not computed`);
      image.set(node, gradient);
      continue;
    }
    const shared = input && known.get(inputKey(input));
    if (shared) {
      image.set(node, shared);
      continue;
    }
    const copy = withInputs(
      node,
      node.inputs.map((of) => image.get(of) ?? of),
    );
    image.set(node, copy);
    added.push(copy);
  }
  const outputs = [...gradients.outputs, ...update.outputs.map((output) => ({ ...output, node: image.get(output.node) ?? output.node }))];
  return settle(name, [...gradients.nodes, ...added], outputs, [...gradients.assertions, ...update.assertions]);
}
