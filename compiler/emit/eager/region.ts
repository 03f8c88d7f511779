/**
 * A region is a run of consecutive nodes of one call. This file says what crosses its border, and gives the text under which two regions
 * are the same function: operators, attributes (symbolic sizes numbered), wiring, releases, results and relative names.
 */
import type { AttrValue, Node } from '../../ops/graph.ts';
import { constantOf, type Dim, isDim } from '../../shape/dim.ts';
import { positionAt } from '../../source/source.ts';
import { type Access, type RecordOf, recordAt, type Step } from './access.ts';
import { numberLiteral } from './escape.ts';
import { isNumber, type Releases } from './memory.ts';
import { below, commonPath } from './paths.ts';

/** What a whole graph knows of its schedule. */
export interface Schedule {
  readonly releases: Releases;
  /** Position of the last thing that happens to a value: a use, its release, or the end for outputs. */
  readonly lastTouch: ReadonlyMap<Node, number>;
  /** Values that go out as a gradient and as nothing else: stored where they are made. */
  readonly stored: ReadonlyMap<Node, StoredGradient>;
}

export interface StoredGradient {
  /** The parameter's key. */
  readonly key: string;
  /** Whether no other node reads it. */
  readonly alone: boolean;
}

export interface Region {
  readonly nodes: readonly Node[];
  /** Call path shared by all nodes. */
  readonly path: string;
  /** Longest prefix of the keys of state read inside and of gradients stored. */
  readonly keys: string;
  readonly readsState: boolean;
  readonly readsGradients: boolean;
  readonly readsNumbers: boolean;
  /** Whether gradients are stored inside. */
  readonly stores: boolean;
  /** Tensors from outside, by order of use, which come as parameters of their own. */
  readonly tensors: readonly Node[];
  /** Records from outside that belong to this call: parameters too. */
  readonly records: readonly { readonly expression: string; readonly record: RecordOf }[];
  /** Values inside such records: number of the record and the way from it. */
  readonly inRecords: ReadonlyMap<Node, { readonly record: number; readonly rest: readonly Step[] }>;
  /** Symbolic sizes by order of use. */
  readonly sizes: readonly SizeUse[];
  /** Indices of the nodes that live on after the region. */
  readonly results: readonly number[];
  readonly key: string;
}

export function keyedInput(node: Node): 'state' | 'gradient' | undefined {
  if (node.op !== 'input') return undefined;
  return node.attrs.role === 'state' || node.attrs.role === 'gradient' ? node.attrs.role : undefined;
}

/** The key of a single number in the record of a graph's numbers: `0.5`, `2 i32`. */
export function numberKey(node: Node): string {
  const { value, dtype } = node.attrs;
  return dtype === 'f32' ? String(value === 0 ? numberLiteral(value) : value) : `${String(value)} ${String(dtype)}`;
}

export function inputName(node: Node): string {
  return String(node.attrs.name);
}

/** A size in an attribute. */
export interface SizeUse {
  readonly dim: Dim;
  readonly wanted: string;
  /** Set for a known size of an update: where it stands. Such sizes are parameters one by one, so that parameters of all shapes share code. */
  readonly at: string | undefined;
}

/** The sizes in a node's attributes that a function of it takes as parameters. */
export function sizeUses(node: Node): readonly SizeUse[] {
  const found: SizeUse[] = [];
  const visit = (value: AttrValue, wanted: string): void => {
    if (isDim(value)) {
      if (constantOf(value) === undefined) found.push({ dim: value, wanted, at: undefined });
      else if (node.phase === 'update') found.push({ dim: value, wanted, at: sizePlace(node, wanted) });
    } else if (Array.isArray(value)) for (const [i, part] of value.entries()) visit(part, `${wanted}_${i}`);
  };
  for (const name of Object.keys(node.attrs).sort()) visit(node.attrs[name], name);
  return found;
}

export function sizePlace(node: Node, wanted: string): string {
  return `${node.id}:${wanted}`;
}

/** `first` and `last` are positions in the schedule. */
export function analyse(first: number, last: number, path: string, schedule: Schedule, reach: (node: Node) => Access): Region {
  const nodes = schedule.releases.order.slice(first, last + 1);
  const index = new Map(nodes.map((node, i) => [node, i]));
  const keyed: string[] = [];
  let readsState = false;
  let readsGradients = false;
  let readsNumbers = false;
  const tensors: Node[] = [];
  const seen = new Set<Node>();
  const records: { readonly expression: string; readonly record: RecordOf }[] = [];
  const inRecords = new Map<Node, { readonly record: number; readonly rest: readonly Step[] }>();
  const sizes: SizeUse[] = [];

  const touch = (node: Node): void => {
    if (index.has(node) || seen.has(node)) return;
    seen.add(node);
    if (isNumber(node)) {
      readsNumbers = true;
      return;
    }
    const role = keyedInput(node);
    if (role) {
      keyed.push(inputName(node));
      if (role === 'state') readsState = true;
      else readsGradients = true;
      return;
    }
    const found = recordAt(reach(node), path);
    if (!found) {
      tensors.push(node);
      return;
    }
    let at = records.findIndex((entry) => entry.expression === found.expression);
    if (at < 0) at = records.push({ expression: found.expression, record: found.record }) - 1;
    inRecords.set(node, { record: at, rest: found.rest });
  };

  for (const node of nodes) {
    const stored = schedule.stored.get(node);
    if (stored) keyed.push(stored.key);
    node.inputs.forEach(touch);
    for (const released of schedule.releases.after.get(node) ?? []) touch(released);
    for (const size of sizeUses(node))
      if (size.at !== undefined || !sizes.some(({ dim, at }) => at === undefined && dim === size.dim)) sizes.push(size);
  }
  const results = nodes.flatMap((node, i) => ((schedule.lastTouch.get(node) ?? 0) > last ? [i] : []));
  const keys = commonPath(keyed);

  const reference = (node: Node): string => {
    const inside = index.get(node);
    if (inside !== undefined) return `n${inside}`;
    if (isNumber(node)) return `c:${numberKey(node)}`;
    const role = keyedInput(node);
    if (role) return `${role}:${keys === '' ? inputName(node) : inputName(node).slice(keys.length)}`;
    const held = inRecords.get(node);
    if (held)
      return `r${held.record}${held.rest.map((step) => `.${step.field}${step.record ? `<${step.record.type} ${below(step.record.path, path)}>` : ''}`).join('')}`;
    return `x${tensors.indexOf(node)}`;
  };
  const attribute = (node: Node, value: AttrValue, wanted: string): unknown => {
    if (isDim(value)) {
      const place = sizePlace(node, wanted);
      const parameter = sizes.findIndex(({ dim, at }) => (at === undefined ? dim === value : at === place));
      return parameter < 0 ? { constant: constantOf(value) } : { parameter };
    }
    if (Array.isArray(value)) return value.map((part: AttrValue, i) => attribute(node, part, `${wanted}_${i}`));
    return typeof value === 'number' ? numberLiteral(value) : value;
  };
  const storedText = (node: Node): string => {
    const stored = schedule.stored.get(node);
    return stored ? `${stored.alone ? '' : '+'}${keys === '' ? stored.key : stored.key.slice(keys.length)}` : '';
  };
  const key = JSON.stringify([
    records.map(({ record }) => [record.type, below(record.path, path)]),
    results,
    keys === '',
    nodes.map((node) => [
      node.op,
      node.phase,
      node.type.dtype,
      below(node.path, path),
      place(node),
      node.inputs.map(reference),
      Object.keys(node.attrs)
        .sort()
        .map((name) => [name, reducesAll(node, name) ? 'all' : attribute(node, node.attrs[name], name)]),
      (schedule.releases.after.get(node) ?? []).map(reference),
      storedText(node),
    ]),
  ]);
  const stores = nodes.some((node) => schedule.stored.has(node));
  return { nodes, path, keys, readsState, readsGradients, readsNumbers, stores, tensors, records, inRecords, sizes, results, key };
}

/** Whether this attribute names every axis of what an update reduces: written by rank, so that parameters of all ranks share code. */
export function reducesAll(node: Node, attribute: string): boolean {
  const { axes } = node.attrs;
  if (attribute !== 'axes' || node.phase !== 'update' || !Array.isArray(axes)) return false;
  return axes.length > 0 && axes.length === node.inputs[0].type.shape.length && axes.every((axis: AttrValue, i) => axis === i);
}

function place(node: Node): string {
  return node.span ? `${node.span.file.name}:${positionAt(node.span.file, node.span.start).line}` : '';
}
