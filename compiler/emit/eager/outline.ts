/**
 * Recovers readable functions from the flat graph: every run of nodes that belongs to one call becomes a function, recursively, and calls of
 * equal structure share one. Values that live on after a call come back as a typed record; what a call releases, it releases inside.
 */
import type { Node } from '../../ops/graph.ts';
import type { Dim } from '../../shape/dim.ts';
import { type Access, accessText, localTensor, type RecordOf, type Step } from './access.ts';
import { commentText } from './escape.ts';
import { call } from './literal.ts';
import { isSizeNumber } from './memory.ts';
import type { FunctionItem, Item, Line, RecordType } from './module.ts';
import { Names } from './names.ts';
import { below, commonPath, shortName, tailName, within } from './paths.ts';
import { analyse, inputName, type Region, type Schedule } from './region.ts';
import { type Rolling, roll } from './roll.ts';
import { append, type Body, keyText, originOf, reach, sizeText, wantedName, writeStatement } from './statement.ts';

/** A call of fewer statements is clearer in place. */
const FEWEST = 4;
/** A function with more tensors or sizes passed one by one is harder to read than its body. */
const MOST_TENSORS = 8;
const MOST_SIZES = 8;

interface Template {
  readonly name: string;
  /** Set when the function returns a record. */
  readonly record: string | undefined;
  /** For each result of the region the way from the returned record, with paths of records relative to the region; empty for a single tensor. */
  readonly results: readonly (readonly Step[])[];
  readonly paths: string[];
}

/** Functions and record types of one module, shared by all of its graphs. */
export class Outline {
  readonly #moduleNames: Names;
  readonly #templates = new Map<string, Template>();
  readonly #functions: {
    readonly item: Omit<FunctionItem, 'doc'>;
    readonly template: Template;
    readonly place: string;
  }[] = [];

  /** For each schedule, by phase and path, the different runs of nodes under that path. */
  readonly #runs = new Map<Schedule, ReadonlyMap<string, ReadonlySet<string>>>();

  constructor(moduleNames: Names) {
    this.#moduleNames = moduleNames;
  }

  /** What was outlined, callees first. */
  items(): readonly Item[] {
    return this.#functions.map(({ item, template, place }): Item => {
      const shown = template.paths.slice(0, 6).join(', ') + (template.paths.length > 6 ? ` and ${template.paths.length - 6} more` : '');
      const doc = commentText(`${shown}${place === '' ? '' : ` (${place})`}`);
      return { ...item, doc };
    });
  }

  /** Writes the nodes from `first` to `last` of the schedule into a body. `whole` marks the body of a function: its run is not outlined again. */
  write(body: Body, schedule: Schedule, first: number, last: number, path: string, whole: boolean): void {
    const { order } = schedule.releases;
    for (let i = first; i <= last; ) {
      const node = order[i];
      if (!within(node.path, path) || node.path === path) {
        this.#statement(body, schedule, i, last);
        i++;
        continue;
      }
      const child = path === '' ? node.path.split('.')[0] : `${path}.${below(node.path, path).split('.')[0]}`;
      let j = i;
      while (j < last && order[j + 1].phase === node.phase && within(order[j + 1].path, child)) j++;
      const all = whole && i === first && j === last;
      if (j - i + 1 < FEWEST) for (let k = i; k <= j; k++) this.#statement(body, schedule, k, last);
      else {
        const shared = commonPath(order.slice(i, j + 1).map((member) => member.path));
        const part = shared === child && this.#mixesParts(schedule, i, j, child);
        if (all || part || !this.#call(body, schedule, i, j, shared)) this.write(body, schedule, i, j, shared, all);
      }
      i = j + 1;
    }
  }

  /** Whether this run of a call ends one inner call and begins another, both interrupted by nodes from elsewhere: no function of a reader's. */
  #mixesParts(schedule: Schedule, first: number, last: number, path: string): boolean {
    let runs = this.#runs.get(schedule);
    if (!runs) {
      runs = runsOf(schedule);
      this.#runs.set(schedule, runs);
    }
    if ((runs.get(`${schedule.releases.order[first].phase} ${path}`)?.size ?? 0) < 2) return false;
    const inner = new Set<string>();
    for (const node of schedule.releases.order.slice(first, last + 1))
      if (node.path !== path) inner.add(`${node.phase} ${path}.${below(node.path, path).split('.')[0]}`);
    return [...inner].some((key) => (runs.get(key)?.size ?? 0) > 1);
  }

  /** Writes the body of a graph: like `write`, with loops for what an update does to one parameter after another. */
  writeGraph(body: Body, schedule: Schedule, rolling: Rolling): void {
    const { order } = schedule.releases;
    const last = order.length - 1;
    const run = (inner: Body, own: Schedule, first: number, end: number, path: string): void => {
      for (let i = first; i <= end; i++) this.#statement(inner, own, i, end);
      if (inner.path !== path) throw new Error('a loop is written under its own path');
    };
    for (let i = 0; i <= last; ) {
      if (order[i].phase === 'update') {
        const covered = roll(rolling, body, schedule, i, last, run);
        if (covered === 0) {
          const end = this.#unrolled(schedule, i, last);
          this.write(body, schedule, i, end, '', false);
          i = end + 1;
        } else i += covered;
        continue;
      }
      let j = i;
      while (j < last && order[j + 1].phase !== 'update') j++;
      this.write(body, schedule, i, j, '', false);
      i = j + 1;
    }
  }

  /** The end of the update nodes from here that share their call path. */
  #unrolled(schedule: Schedule, first: number, last: number): number {
    const { order } = schedule.releases;
    let end = first;
    while (end < last && order[end + 1].phase === 'update' && order[end].path !== '' && order[end + 1].path === order[first].path) end++;
    return end;
  }

  #statement(body: Body, schedule: Schedule, at: number, last: number): void {
    const { order, after } = schedule.releases;
    const node = order[at];
    const next = at < last ? order[at + 1] : undefined;
    writeStatement(body, node, next?.path !== node.path || next.phase !== node.phase, after.get(node) ?? []);
  }

  /** Writes a call of the run's function; false where the run is better written in place. */
  #call(body: Body, schedule: Schedule, first: number, last: number, path: string): boolean {
    const region = analyse(first, last, path, schedule, (node) => reach(body, node));
    if ((region.results.length === 0 && !region.stores) || region.tensors.length > MOST_TENSORS || region.sizes.length > MOST_SIZES)
      return false;
    let template = this.#templates.get(region.key);
    if (!template) {
      template = this.#define(body, schedule, first, last, region);
      this.#templates.set(region.key, template);
    }
    if (!template.paths.includes(path)) template.paths.push(path);

    const relative = shortName(below(path, body.path));
    const { phase } = region.nodes[0];
    const wanted = phase === 'backward' ? `d_${relative}` : `${relative}_${template.record === undefined ? 'out' : 'saved'}`;
    const name = region.results.length === 0 ? '' : body.names.take(wanted);
    const args = ['s'];
    if (region.readsNumbers) args.push('c');
    if (region.readsState) args.push('state');
    if (region.readsGradients) args.push('gradients');
    if (region.stores) args.push('grads');
    if (takesKey(region)) args.push(keyText(body, region.keys));
    args.push(...region.tensors.map((node) => accessText(reach(body, node))));
    args.push(...region.records.map(({ expression }) => expression));
    args.push(...region.sizes.map(({ dim, at }) => sizeText(body, dim, at)));
    const origin = originOf(region.nodes[0]);
    append(body, call(`${name === '' ? '' : `const ${name} = `}${template.name}`, args, ';', body.depth), origin && { ...origin, path });

    const record: RecordOf | undefined = template.record === undefined ? undefined : { type: template.record, path };
    region.results.forEach((index, i) => {
      const steps = template.results[i].map((step) => ({
        field: step.field,
        record: step.record && { type: step.record.type, path: `${path}.${step.record.path}` },
      }));
      body.values.set(region.nodes[index], { base: name, record, steps });
    });
    return true;
  }

  #define(outer: Body, schedule: Schedule, first: number, last: number, region: Region): Template {
    const { phase } = region.nodes[0];
    const suffix = phase === 'backward' ? '_vjp' : phase === 'update' ? '_update' : '';
    const name = this.#moduleNames.take(tailName(region.path) + suffix);
    const names = new Names(['s', 'c', 'state', 'gradients', 'grads', 'key'], this.#moduleNames);
    const parameters: { name: string; type: string }[] = [{ name: 's', type: 'Scope' }];
    if (region.readsNumbers) parameters.push({ name: 'c', type: 'TensorMap' });
    if (region.readsState) parameters.push({ name: 'state', type: 'TensorMap' });
    if (region.readsGradients) parameters.push({ name: 'gradients', type: 'TensorMap' });
    if (region.stores) parameters.push({ name: 'grads', type: 'Record<string, Tensor>' });
    if (takesKey(region)) parameters.push({ name: 'key', type: 'string' });
    const values = new Map<Node, Access>();
    for (const node of region.tensors) {
      const parameter = names.take(parameterName(node, outer.path, parameters));
      parameters.push({ name: parameter, type: 'Tensor' });
      values.set(node, localTensor(parameter));
    }
    const records = region.records.map(({ record }) => {
      const parameter = names.take('saved');
      parameters.push({ name: parameter, type: record.type });
      return { parameter, record };
    });
    for (const [node, { record, rest }] of region.inRecords)
      values.set(node, { base: records[record].parameter, record: records[record].record, steps: rest });
    const sizes = new Map<Dim | string, string>();
    for (const { dim, wanted, at } of region.sizes) {
      const parameter = names.take(wanted);
      parameters.push({ name: parameter, type: 'number' });
      sizes.set(at ?? dim, parameter);
    }
    const lines: Line[] = [];
    const body: Body = {
      path: region.path,
      keys: takesKey(region) ? region.keys : undefined,
      names,
      values,
      sizes,
      stored: schedule.stored,
      depth: 0,
      lines,
    };
    this.write(body, schedule, first, last, region.path, true);

    const accesses = region.results.map((index) => reach(body, region.nodes[index]));
    const place = originOf(region.nodes[0]);
    const make = (returns: string, record: RecordType | undefined, results: readonly (readonly Step[])[]): Template => {
      const template: Template = { name, record: record?.name, results, paths: [] };
      const item = { kind: 'function', name, exported: false, parameters, returns, record, body: lines } as const;
      this.#functions.push({ item, template, place: place ? `${place.file}:${place.line}` : '' });
      return template;
    };
    if (accesses.length === 0) return make('void', undefined, []);
    if (accesses.length === 1) {
      lines.push({ text: `return ${accessText(accesses[0])};`, depth: 0 });
      return make('Tensor', undefined, [[]]);
    }
    const { fields, results } = returned(accesses, region.path);
    lines.push(
      ...call(
        'return ',
        fields.map(({ field, base }) => (field === base ? field : `${field}: ${base}`)),
        ';',
        0,
        '{}',
      ),
    );
    const recordName = this.#moduleNames.take(typeName(name));
    const record: RecordType = { name: recordName, fields: fields.map(({ field, type }) => ({ name: field, type })) };
    return make(recordName, record, results);
  }
}

/** The runs of consecutive nodes under each path, told apart by the paths inside them. */
function runsOf({ releases: { order } }: Schedule): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const open = new Map<string, Set<string>>();
  const close = (key: string, inside: ReadonlySet<string>): void => {
    const runs = found.get(key) ?? new Set();
    found.set(key, runs.add([...inside].join(' ')));
    open.delete(key);
  };
  for (const node of order) {
    const parts = node.path.split('.');
    const keys = new Set(parts.map((_, i) => `${node.phase} ${parts.slice(0, i + 1).join('.')}`));
    for (const [key, inside] of [...open]) if (!keys.has(key)) close(key, inside);
    for (const key of keys) {
      const inside = open.get(key) ?? new Set();
      open.set(key, inside.add(node.path));
    }
  }
  for (const [key, inside] of open) close(key, inside);
  return found;
}

interface Field {
  readonly field: string;
  readonly base: string;
  readonly type: string;
}

/** The fields of the record that reach all results, nested records whole, and the way to each result. */
function returned(
  accesses: readonly Access[],
  path: string,
): { readonly fields: readonly Field[]; readonly results: readonly (readonly Step[])[] } {
  const names = new Names([]);
  const fields = new Map<string, Field>();
  const results = accesses.map((access): readonly Step[] => {
    let entry = fields.get(access.base);
    if (!entry) {
      const field = names.take(access.record ? access.base.replace(/_saved$/, '') : access.base);
      entry = { field, base: access.base, type: access.record?.type ?? 'Tensor' };
      fields.set(access.base, entry);
    }
    const steps: readonly Step[] = [{ field: entry.field, record: access.record }, ...access.steps];
    return steps.map((step) => ({
      field: step.field,
      record: step.record && { type: step.record.type, path: below(step.record.path, path) },
    }));
  });
  return { fields: [...fields.values()], results };
}

/** `x` and `dy` for the first value and the first gradient that come in; inputs keep their names. */
function parameterName(node: Node, path: string, before: readonly { readonly name: string }[]): string {
  if (node.op === 'input') return inputName(node);
  if (isSizeNumber(node)) return wantedName(node, path, true);
  const first = node.phase === 'backward' ? 'dy' : 'x';
  return before.some(({ name }) => name === first) ? `${wantedName(node, path, true)}_in` : first;
}

function takesKey(region: Region): boolean {
  return region.keys !== '' && (region.readsState || region.readsGradients || region.stores);
}

/** `layer3_2_vjp` → `Layer32VjpResult`; `conv1` → `Conv1Saved`. */
function typeName(functionName: string): string {
  const camel = functionName
    .replace(/_vjp(?=(_[0-9]+)?$)/, '_gradients')
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('_')
    .replace(/_(?![0-9])|(?<![0-9])_/g, '');
  return /_vjp/.test(functionName) || /_update/.test(functionName) ? camel : `${camel}Saved`;
}
