/** From a method's program to its files: TypeScript, JavaScript and the map from generated lines to spec lines. */
import { hashProgram } from '../../ir/identity.ts';
import type { MethodProgram } from '../../ir/program.ts';
import type { Graph } from '../../ops/graph.ts';
import { commentText, property } from './escape.ts';
import { graphFunction } from './graph-function.ts';
import { KeyLists } from './key-lists.ts';
import { call, literal } from './literal.ts';
import { plannedReleases, type Releases } from './memory.ts';
import { metaValue, type ProgramInfo } from './meta.ts';
import type { FunctionItem, Item, Module } from './module.ts';
import { Names } from './names.ts';
import { Outline } from './outline.ts';
import { stateItems } from './state-table.ts';

export type { ProgramInfo, SeparabilityInfo } from './meta.ts';

export interface EmittedFile {
  readonly path: string;
  readonly text: string;
}
export interface EmittedProgram {
  readonly files: readonly EmittedFile[];
}

export interface EmitOptions {
  /** Order of computation and places of release; by default the memory plan. */
  readonly plan?: (graph: Graph) => Releases;
}

/** What a generated program takes from `wsss/runtime`; every name it imports is one of these. */
export const RUNTIME_VALUES = ['allAxes', 'checkArguments', 'keysOf', 'ops', 'scope', 'sizes', 'slotsOf', 'statePorts'] as const;
export const RUNTIME_TYPES = [
  'GraphArguments',
  'GraphEntry',
  'GraphResult',
  'InferEntry',
  'Program',
  'ProgramMeta',
  'Scope',
  'StateEntry',
  'Tensor',
  'TensorMap',
] as const;

/** Parameters of generated functions: a function of one of these names would be hidden where it is called. */
const PARAMETERS = ['s', 'c', 'args', 'state', 'batch', 'draws', 'scalars', 'gradients', 'grads', 'dims', 'key', 'saved'] as const;

/** The program as plain data. Pure and deterministic: equal programs give equal modules. */
export function programModule(program: MethodProgram, info: ProgramInfo, options: EmitOptions = {}): Module {
  const names = new Names([...RUNTIME_VALUES, ...RUNTIME_TYPES, 'meta', 'program', 'state']);
  const functionNames = new Map(Object.keys(program.graphs).map((graph) => [graph, names.take(graph)]));
  names.leave(PARAMETERS);
  const keyLists = new KeyLists(program.state, names);
  const meta = metaValue(program, info, keyLists);
  const outline = new Outline(names);
  const plan = options.plan ?? plannedReleases;
  const graphs: FunctionItem[] = Object.entries(program.graphs).map(([key, graph]) =>
    graphFunction({ ...graph, name: key }, functionNames.get(key) ?? key, plan(graph), outline, keyLists, names),
  );
  const entries = [...functionNames].map(([key, name]) => (property(key) === name ? name : `${property(key)}: ${name}`));
  const items: readonly Item[] = [
    ...stateItems(program.state, names),
    ...keyLists.items(),
    {
      kind: 'constant',
      doc: 'What the program needs and gives.',
      value: literal(meta, 0, 'export const meta = ', ' as const satisfies ProgramMeta;'),
    },
    ...outline.items(),
    ...graphs,
    {
      kind: 'constant',
      doc: 'The whole program.',
      value: call('export const program: Program = ', ['meta', `graphs: { ${entries.join(', ')} }`], ';', 0, '{}'),
    },
  ];
  return {
    header: [
      `${commentText(program.name)}, generated from ${commentText(info.specName)} by wsss ${commentText(info.compilerVersion)}. Do not edit.`,
      `Content hash of the program: ${hashProgram(program)}`,
    ],
    imports: imports(items),
    items,
  };
}

function imports(items: readonly Item[]): Module['imports'] {
  const text = JSON.stringify(items);
  const used = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  return [
    ...RUNTIME_VALUES.filter(used).map((name) => ({ name, type: false })),
    ...RUNTIME_TYPES.filter(used).map((name) => ({ name, type: true })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A file name from a program's name, another for every name: `speeds[rate=0.1]` is the file `speeds-rate=0.1`. Characters that some file system
 * refuses are written by their numbers.
 */
export function fileName(program: string): string {
  const plain = program.replace(/\[/g, '-').replace(/\]$/, '');
  return plain.replace(/[^A-Za-z0-9_=.,-]/gu, (character) => `~${character.codePointAt(0)?.toString(16)}`) || 'program';
}

/**
 * `<name>.ts`, the same program as `<name>.js`, and `<name>.map.json`, which leads from generated lines to lines of the spec. Same program, same
 * bytes. Loads ts-morph on first use.
 */
export async function emitProgram(program: MethodProgram, info: ProgramInfo, options: EmitOptions = {}): Promise<EmittedProgram> {
  const module = programModule(program, info, options);
  const name = fileName(program.name);
  const { writeModule } = await import('./writer.ts');
  const written = writeModule(module, name);
  const map = JSON.stringify({ format: 1, [`${name}.ts`]: written.typescriptLines, [`${name}.js`]: written.javascriptLines }, undefined, 1);
  return {
    files: [
      { path: `${name}.ts`, text: written.typescript },
      { path: `${name}.js`, text: written.javascript },
      { path: `${name}.map.json`, text: `${map}\n` },
    ],
  };
}
