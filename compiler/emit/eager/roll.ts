/**
 * Loops of the update: the same statements for one parameter after another become a loop over their keys, and a sum over what such a loop
 * collected becomes a loop over its results. Order of computation and places of release stay as planned.
 */
import type { Node } from '../../ops/graph.ts';
import { type Access, localTensor } from './access.ts';
import { stringLiteral, templateText } from './escape.ts';
import type { KeyLists } from './key-lists.ts';
import { Names } from './names.ts';
import { commonPath } from './paths.ts';
import { analyse, type Region, type Schedule } from './region.ts';
import { type Body, functionName, reach, wantedName } from './statement.ts';

/** Fewer rounds are clearer written out. */
const FEWEST_ROUNDS = 3;
const LONGEST_ROUND = 80;

export interface Rolling {
  readonly keyLists: KeyLists;
  /** Name of the record of new state values in the body, where a loop fills it. */
  newState: string | undefined;
  /** State outputs that loops have stored there. */
  readonly stored: Set<string>;
  /** Which new state values a node is. */
  readonly stateOutputs: ReadonlyMap<Node, readonly string[]>;
  /** Set for values that are outputs of another role too. */
  readonly otherOutputs: ReadonlySet<Node>;
  /** Arrays of results of loops: node → array and index. */
  readonly collected: Map<Node, { readonly array: string; readonly index: number }>;
}

type WriteRun = (body: Body, schedule: Schedule, first: number, last: number, path: string) => void;

/** Writes a loop that begins at this position of the schedule and returns how many nodes it covers; 0 where there is none. */
export function roll(rolling: Rolling, body: Body, schedule: Schedule, at: number, last: number, writeRun: WriteRun): number {
  return rollKeys(rolling, body, schedule, at, last, writeRun) || rollSum(rolling, body, schedule, at, last);
}

interface Rounds {
  readonly length: number;
  readonly regions: readonly Region[];
}

function rollKeys(rolling: Rolling, body: Body, schedule: Schedule, at: number, last: number, writeRun: WriteRun): number {
  const rounds = findRounds(body, schedule, at, last);
  if (!rounds) return 0;
  const { length, regions } = rounds;
  const storing = regions.every((region) => storedSuffixes(rolling, region)?.join() === storedSuffixes(rolling, regions[0])?.join());
  const suffixes = storing ? storedSuffixes(rolling, regions[0]) : undefined;
  const [first] = regions;
  const arrays = suffixes ? [] : first.results.map((index) => body.names.take(`${wantedName(first.nodes[index], '', true)}_each`));
  for (const array of arrays) body.lines.push({ text: `const ${array}: Tensor[] = [];`, depth: body.depth });
  if (suffixes && rolling.newState === undefined) {
    rolling.newState = body.names.take('new_state');
    body.lines.push({ text: `const ${rolling.newState}: Record<string, Tensor> = {};`, depth: body.depth });
  }
  body.lines.push({ text: `for (const key of ${rolling.keyLists.list(regions.map(({ keys }) => keys))}) {`, depth: body.depth });
  const inner: Body = {
    ...body,
    path: first.path,
    keys: first.keys,
    names: new Names([], body.names),
    values: new Map(body.values),
    depth: body.depth + 1,
  };
  writeRun(inner, schedule, at, at + length - 1, first.path);
  first.results.forEach((index, i) => {
    const value = reach(inner, first.nodes[index]).base;
    const store = suffixes ? `${rolling.newState}[${keyedName(suffixes[i])}] = ${value};` : `${arrays[i]}.push(${value});`;
    body.lines.push({ text: store, depth: inner.depth });
  });
  body.lines.push({ text: '}', depth: body.depth });
  regions.forEach((region, round) => {
    region.results.forEach((index, i) => {
      const node = region.nodes[index];
      if (suffixes) {
        const key = `${region.keys}${suffixes[i]}`;
        rolling.stored.add(key);
        // What follows a parameter reads its new value.
        body.values.set(node, { base: `${rolling.newState}[${stringLiteral(key)}]`, record: undefined, steps: [] });
      } else {
        rolling.collected.set(node, { array: arrays[i], index: round });
        body.values.set(node, { base: `${arrays[i]}[${round}]`, record: undefined, steps: [] });
      }
    });
  });
  return length * regions.length;
}

/** The longest run of equal rounds from here: same structure, own keys, and nothing else that differs. */
function findRounds(body: Body, schedule: Schedule, at: number, last: number): Rounds | undefined {
  const { order } = schedule.releases;
  // A later round may read what an earlier one makes; that is a value of its own, not yet written, and such rounds never match.
  const known = (node: Node): Access => body.values.get(node) ?? localTensor('');
  const look = (first: number, length: number): Region | undefined => {
    const path = commonPath(order.slice(first, first + length).map((node) => node.path));
    const region = analyse(first, first + length - 1, path, schedule, known);
    return region.keys === '' || region.results.length === 0 ? undefined : region;
  };
  let best: Rounds | undefined;
  for (let length = 1; length <= LONGEST_ROUND && at + length * FEWEST_ROUNDS - 1 <= last; length++) {
    if (!sameOperators(order, at, length)) continue;
    const first = look(at, length);
    if (!first) continue;
    const regions = [first];
    for (let next = at + length; next + length - 1 <= last && sameOperators(order, next - length, length); next += length) {
      const region = look(next, length);
      if (!region || region.key !== first.key || region.keys === regions[regions.length - 1].keys) break;
      if (region.tensors.some((node, i) => node !== first.tensors[i])) break;
      if (region.sizes.some(({ dim }, i) => dim !== first.sizes[i].dim)) break;
      regions.push(region);
    }
    if (regions.length >= FEWEST_ROUNDS && regions.length * length > (best ? best.regions.length * best.length : 0))
      best = { length, regions };
  }
  return best;
}

/** Whether the round from here and the next one hold the same operators. */
function sameOperators(order: readonly Node[], at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) {
    const next = order[i + length];
    if (next === undefined || next.op !== order[i].op || order[i].phase !== 'update' || next.phase !== 'update') return false;
  }
  return true;
}

/** Where each result of a round goes out, relative to the round's keys; undefined unless all go out as new state and nowhere else. */
function storedSuffixes(rolling: Rolling, region: Region): readonly string[] | undefined {
  const suffixes: string[] = [];
  for (const index of region.results) {
    const node = region.nodes[index];
    const names = rolling.stateOutputs.get(node) ?? [];
    if (names.length !== 1 || rolling.otherOutputs.has(node) || !names[0].startsWith(region.keys)) return undefined;
    suffixes.push(names[0].slice(region.keys.length));
  }
  return suffixes;
}

function keyedName(suffix: string): string {
  return suffix === '' ? 'key' : `\`\${key}${templateText(suffix)}\``;
}

/** `a = op(a, each[i])` over the results of a loop, one after another. */
function rollSum(rolling: Rolling, body: Body, schedule: Schedule, at: number, last: number): number {
  const { order, after } = schedule.releases;
  const [carried, term] = order[at].inputs;
  const start = term && rolling.collected.get(term);
  if (!start || order[at].inputs.length !== 2 || order[at].phase !== 'update' || Object.keys(order[at].attrs).length > 0) return 0;
  const released = (position: number): string =>
    JSON.stringify((after.get(order[position]) ?? []).map((node) => order[position].inputs.indexOf(node)));
  let count = 0;
  for (let previous = carried; at + count <= last; count++) {
    const node = order[at + count];
    const found = node.inputs.length === 2 ? rolling.collected.get(node.inputs[1]) : undefined;
    const follows =
      node.op === order[at].op && node.inputs[0] === previous && found?.array === start.array && found.index === start.index + count;
    const alone = count === 0 || (schedule.lastTouch.get(previous) ?? 0) === at + count;
    if (!follows || !alone || released(at + count) !== released(at)) break;
    previous = node;
  }
  if (count < FEWEST_ROUNDS || [...(after.get(order[at]) ?? [])].some((node) => node !== carried && node !== term)) return 0;
  const total = body.names.take(`${order[at].op}_all`);
  const next = body.names.take('next');
  const i = body.names.take('i');
  const element = `${start.array}[${i}]`;
  const frees = (after.get(order[at]) ?? []).map((node) => (node === carried ? total : element));
  const { depth } = body;
  body.lines.push(
    { text: `let ${total} = ${reach(body, carried).base};`, depth },
    { text: `for (let ${i} = ${start.index}; ${i} < ${start.index + count}; ${i}++) {`, depth },
    { text: `const ${next} = ops.${functionName(order[at].op)}(${total}, ${element});`, depth: depth + 1 },
    ...(frees.length > 0 ? [{ text: `s.free(${frees.join(', ')});`, depth: depth + 1 }] : []),
    { text: `${total} = ${next};`, depth: depth + 1 },
    { text: '}', depth },
  );
  body.values.set(order[at + count - 1], { base: total, record: undefined, steps: [] });
  return count;
}
