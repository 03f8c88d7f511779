/**
 * Numbers that are not: divisions by what may be zero, logarithms of zero, roots without a derivative, roots of what is negative. The facts are those of
 * `ops/numerics.ts` (zeros) and `ops/signs.ts` (signs).
 */

import type { Graph, Node } from '../ops/graph.ts';
import { type Hazard, hazardOf, type MayBeZero, roundsToZero, zeros } from '../ops/numerics.ts';
import { domainHazard, signs } from '../ops/signs.ts';
import { operator } from '../ops/table.ts';
import type { Elaboration } from './elaboration.ts';

/** Places of the source where a trap has been told: a line is told once, however many calls and programs run it. */
export type TrapsTold = Set<string>;

/** Warns of the traps that a graph's outputs really reach. A broken derivative counts where a loss sends a gradient to something that trains. */
export function checkTraps(E: Elaboration, graph: Graph, told: TrapsTold): void {
  const mayBeZero = zeros();
  const sign = signs();
  const used = ancestors(graph.outputs.map((o) => o.node));
  const carriesGradient = gradientPath(graph);
  for (const node of used) {
    const trap = node.span && (zeroTrap(node, mayBeZero, carriesGradient) ?? domainHazard(node, sign));
    if (!trap || !node.span) continue;
    const place = `${node.span.file.name}:${node.span.start}`;
    if (told.has(place)) continue;
    told.add(place);
    E.report('numeric-trap', E.authorSpan(node) ?? node.span, said(node, trap), { hint: trap.instead });
  }
}

const OPERATION: Readonly<Record<string, string>> = { div: 'this division', reciprocal: 'this quotient', pow: 'this power' };

type Trap = Hazard & { readonly because: string };

function zeroTrap(node: Node, mayBeZero: MayBeZero, carriesGradient: (node: Node, input: Node) => boolean): Trap | undefined {
  const hazard = hazardOf(node);
  if (!hazard) return undefined;
  const broken = node.inputs[hazard.input];
  const rounded = node.op === 'log' && roundsToZero(broken);
  if (!rounded && !mayBeZero(broken)) return undefined;
  if (hazard.breaks === 'gradient' && !carriesGradient(node, broken)) return undefined;
  return { ...hazard, because: rounded ? 'rounds to zero for scores far out' : 'may be zero' };
}

function said(node: Node, { input, because, effect }: Trap): { readonly what: string; readonly reason: string } {
  const broken = node.inputs[input];
  const subject = broken.name === undefined ? `the ${nounOf(broken)}` : `'${broken.name}'`;
  return { what: OPERATION[node.op] ?? node.op, reason: `${subject} ${because}; ${effect}` };
}

/** What a value is, in a word: what was computed before it was only reshaped. */
function nounOf(node: Node): string {
  switch (node.op) {
    case 'reshape':
    case 'broadcast_to':
    case 'transpose':
    case 'identity':
    case 'detach':
      return nounOf(node.inputs[0]);
    case 'max':
      return 'maximum';
    case 'min':
      return 'minimum';
    case 'sum':
    case 'mean':
    case 'square':
      return node.op;
    case 'sigmoid':
      return 'probability';
    case 'sqrt':
      return 'norm';
    default:
      return 'number below';
  }
}

/** Nodes that these are made of, themselves included, in the order of the graph. */
function ancestors(ends: readonly Node[]): readonly Node[] {
  const found = new Set<Node>();
  const open = [...ends];
  for (let node = open.pop(); node; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** Whether a gradient of a loss passes a node on its way to a parameter that one of its inputs is made of. */
function gradientPath(graph: Graph): (node: Node, input: Node) => boolean {
  const trains = new Set<Node>();
  const cuts = (node: Node): boolean => node.op !== 'input' && operator(node.op).differentiability !== 'smooth';
  for (const node of graph.nodes) {
    const parameter = node.op === 'input' && node.attrs.role === 'state';
    if (parameter || (!cuts(node) && node.inputs.some((input) => trains.has(input)))) trains.add(node);
  }
  const reached = new Set<Node>();
  const open = graph.outputs.flatMap(({ role, node }) => (role === 'loss' ? [node] : []));
  for (let node = open.pop(); node; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    if (!cuts(node)) open.push(...node.inputs);
  }
  return (node, input) => reached.has(node) && trains.has(input);
}
