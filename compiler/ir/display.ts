/** A graph as readable text, one line a node: for goldens, `build --explain` and debugging. */
import type { AttrValue, Graph, Node } from '../ops/graph.ts';
import { isDim, show, showShape } from '../shape/dim.ts';
import { positionAt } from '../source/source.ts';
import { inputName, isInput } from './paths.ts';

function attr(value: AttrValue): string {
  if (isDim(value)) return show(value);
  if (typeof value === 'object') return `[${value.map(attr).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function call(node: Node): string {
  if (isInput(node)) {
    const { role, name } = inputName(node);
    return `${role} ${JSON.stringify(name)}`;
  }
  const operands = node.inputs.map((input) => `%${input.id}`);
  const names = Object.keys(node.attrs).sort();
  const attrs = names.map((name) => `${name}: ${attr(node.attrs[name])}`);
  return `${node.op}(${[...operands, ...attrs].join(', ')})`;
}

/** `%3: f32[N, K] = sum(%2, axes: [1], keep: false)` */
export function showNode(node: Node): string {
  return `%${node.id}: ${node.type.dtype}${showShape(node.type.shape)} = ${call(node)}`;
}

/** `file:line`, or nothing for what no line of a spec asked for. */
export function showLine(node: Node): string {
  return node.span ? `${node.span.file.name}:${positionAt(node.span.file, node.span.start).line}` : '';
}

export interface DisplayOptions {
  /** Add kind, path, name and place of each node. */
  readonly origins: boolean;
}

export function showGraph(graph: Graph, options: DisplayOptions = { origins: false }): string {
  const lines = [`graph ${graph.name}`];
  for (const node of graph.nodes) {
    const origin = options.origins
      ? [node.kind === 'tensor' ? '' : node.kind, node.name ?? '', node.path, node.phase === 'forward' ? '' : node.phase, showLine(node)]
      : [];
    const told = origin.filter((part) => part !== '');
    lines.push(`  ${showNode(node)}${told.length > 0 ? `  // ${told.join(' · ')}` : ''}`);
  }
  for (const { role, name, node } of graph.outputs) lines.push(`  ${role} ${JSON.stringify(name)} = %${node.id}`);
  for (const { left, relation, right, reason } of graph.assertions)
    lines.push(`  assert ${show(left)} ${relation} ${show(right)}: ${reason}`);
  return `${lines.join('\n')}\n`;
}
