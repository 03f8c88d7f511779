/**
 * Cuts inside a word of the language. `softmax` subtracts the largest value detached, `top_k` finds places before it gathers values: one word makes
 * several operators, and where the gradient passes the word as a whole, what ends inside is the word's own business and no decision of a method.
 */
import { passesGradient } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** Whether the gradient ends at this node only inside a word that hands the same values' gradient on by another way. */
export type InsideWord = (cut: Node) => boolean;

export function insideWords(graph: Graph): InsideWord {
  const words = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    const word = wordOf(node);
    if (word === undefined) continue;
    const known = words.get(word);
    if (known) known.push(node);
    else words.set(word, [node]);
  }
  const read = new Set<Node>(graph.outputs.map((output) => output.node));
  for (const node of graph.nodes)
    for (const input of node.inputs) if (wordOf(node) === undefined || wordOf(node) !== wordOf(input)) read.add(input);
  return (cut) => {
    const word = words.get(wordOf(cut) ?? '') ?? [];
    if (word.length < 2 || read.has(cut)) return false;
    // What the cut is made of, back to the values that the word was given.
    const own = new Set(word);
    const given = new Set<Node>();
    const behind = new Set<Node>([cut]);
    for (const node of behind)
      for (const input of node.inputs)
        if (own.has(input)) behind.add(input);
        else if (input.type.dtype === 'f32') given.add(input);
    const passed = new Set<Node>(given);
    for (const node of word) if (passesGradient(node) && node.inputs.some((input) => passed.has(input))) passed.add(node);
    return word.some((node) => passed.has(node) && read.has(node));
  };
}

/** Operators of one expression in one call. */
function wordOf({ span, path, op }: Node): string | undefined {
  return span && op !== 'input' ? `${path} ${span.file.name} ${span.start} ${span.end}` : undefined;
}
