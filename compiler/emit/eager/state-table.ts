/**
 * The state of a program as text: one row for each tensor, layers of equal structure as a function of their path and sizes, and the slots of
 * optimisers by the parameters that they belong to.
 */
import type { StateDeclaration } from '../../ir/program.ts';
import { constantOf } from '../../shape/dim.ts';
import { commentText, stringLiteral, templateText } from './escape.ts';
import { pathsOf } from './key-lists.ts';
import { literal, Raw, Row, type Value } from './literal.ts';
import { shapeValue } from './meta.ts';
import type { ConstantItem, Line } from './module.ts';
import type { Names } from './names.ts';
import { tailName } from './paths.ts';

/** A layer with more sizes of its own is clearer row by row. */
const MOST_SIZES = 4;
const TYPE = 'readonly StateEntry[]';
const ZERO = JSON.stringify({ kind: 'constant', value: 0 });

/** Tensors, and layers that hold several, in order of declaration. */
type Tree = { readonly kind: 'tensor'; readonly entry: StateDeclaration } | Layer;

interface Layer {
  readonly kind: 'layer';
  readonly path: string;
  readonly entries: readonly StateDeclaration[];
  readonly children: readonly Tree[];
  /** What layers share that are written by one function. */
  readonly key: string;
  /** The numbers in which such layers differ, in order of first use. */
  readonly sizes: readonly number[];
}

/** The constants that make up `state`, in order; the last one is `state` itself. */
export function stateItems(state: readonly StateDeclaration[], names: Names): readonly ConstantItem[] {
  const table = new Table(names);
  const firstSlot = state.findIndex(({ role }) => role === 'slot');
  const declared = firstSlot < 0 ? state : state.slice(0, firstSlot);
  const trees = layers(declared, '');
  table.count(trees);
  const rows = trees.flatMap((tree) => table.lines(tree, undefined));
  const doc = 'Every tensor of the state with its first value.';
  if (firstSlot < 0) return [...table.items, { kind: 'constant', doc, value: list(`const state: ${TYPE} = `, rows) }];
  const name = names.take('declared');
  const slots = slotLines(declared, state.slice(firstSlot), name);
  return [
    ...table.items,
    { kind: 'constant', doc: 'What the layers declare, with first values.', value: list(`const ${name}: ${TYPE} = `, rows) },
    {
      kind: 'constant',
      doc: 'Every tensor of the state: what the layers declare, then what the optimiser keeps.',
      value: list(`const state: ${TYPE} = `, [{ text: `...${name},`, depth: 1 }, ...slots]),
    },
  ];
}

class Table {
  readonly items: ConstantItem[] = [];
  readonly #names: Names;
  readonly #count = new Map<string, number>();
  readonly #known = new Map<string, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  count(trees: readonly Tree[]): void {
    for (const tree of trees) {
      if (tree.kind === 'tensor') continue;
      this.#count.set(tree.key, (this.#count.get(tree.key) ?? 0) + 1);
      this.count(tree.children);
    }
  }

  /** Rows of a list; `inside` is the layer whose function is being written. */
  lines(tree: Tree, inside: Layer | undefined): readonly Line[] {
    if (tree.kind === 'tensor') return [row(tree.entry, inside)];
    const name = this.#function(tree);
    if (name === undefined) return tree.children.flatMap((child) => this.lines(child, inside));
    const sizes = tree.sizes.map((size) => (inside ? parameter(inside, size) : String(size)));
    return [{ text: `...${name}(${[keyText(tree.path, inside), ...sizes].join(', ')}),`, depth: 1 }];
  }

  /** The function of layers like this one, where that saves rows. */
  #function(layer: Layer): string | undefined {
    const known = this.#known.get(layer.key);
    if (known !== undefined) return known;
    const uses = this.#count.get(layer.key) ?? 0;
    const rows = layer.entries.length;
    if (layer.sizes.length > MOST_SIZES || uses * rows <= uses + rows + 3) return undefined;
    const lines = layer.children.flatMap((child) => this.lines(child, layer));
    const name = this.#names.take(`${tailName(layer.path)}_state`);
    this.#known.set(layer.key, name);
    const parameters = ['key: string', ...layer.sizes.map((size) => `${parameter(layer, size)}: number`)];
    this.items.push({
      kind: 'constant',
      doc: commentText(`${layer.path} and layers like it.`),
      value: list(`const ${name} = (${parameters.join(', ')}): ${TYPE} => `, lines),
    });
    return name;
  }
}

function list(head: string, rows: readonly Line[]): readonly Line[] {
  return [{ text: `${head}[`, depth: 0 }, ...rows, { text: '];', depth: 0 }];
}

function row(entry: StateDeclaration, inside: Layer | undefined): Line {
  const { key, role, type, init, average, backbone } = entry;
  const shape = type.shape.map((dim, axis): Value => {
    const size = constantOf(dim);
    return inside && size !== undefined && !isWindow(entry, axis) ? new Raw(parameter(inside, size)) : shapeValue([dim]);
  });
  const flat = shape.map((part) => (Array.isArray(part) ? part[0] : part));
  const [line] = literal(
    new Row({ key: new Raw(keyText(key, inside)), role, shape: flat, init: { ...init }, averageOf: average?.of, backbone }),
    1,
    '',
    ',',
  );
  return line;
}

function keyText(key: string, inside: Layer | undefined): string {
  return inside ? `\`\${key}${templateText(key.slice(inside.path.length))}\`` : stringLiteral(key);
}

/** Height and width of a filter say what a layer is; only the other numbers are its sizes. */
function isWindow({ type }: StateDeclaration, axis: number): boolean {
  return type.shape.length === 4 && axis < 2;
}

function parameter(layer: Layer, size: number): string {
  return layer.sizes.length === 1 ? 'size' : 'abcd'[layer.sizes.indexOf(size)];
}

/** Groups consecutive entries by the next part of their path. */
function layers(entries: readonly StateDeclaration[], path: string): readonly Tree[] {
  const trees: Tree[] = [];
  for (let i = 0; i < entries.length; ) {
    const rest = entries[i].key.slice(path === '' ? 0 : path.length + 1);
    const part = rest.split('.')[0];
    const inner = path === '' ? part : `${path}.${part}`;
    let end = i + 1;
    while (end < entries.length && entries[end].key.startsWith(`${inner}.`)) end++;
    if (end === i + 1 || rest === part) {
      trees.push({ kind: 'tensor', entry: entries[i] });
      i++;
      continue;
    }
    trees.push(layer(entries.slice(i, end), inner));
    i = end;
  }
  return trees;
}

function layer(entries: readonly StateDeclaration[], path: string): Layer {
  const sizes: number[] = [];
  const shapes = entries.map((entry) =>
    entry.type.shape.map((dim, axis) => {
      const size = constantOf(dim);
      if (size === undefined || isWindow(entry, axis)) return JSON.stringify(size ?? dim.key);
      if (!sizes.includes(size)) sizes.push(size);
      return sizes.indexOf(size);
    }),
  );
  const key = JSON.stringify(
    entries.map(({ key, role, init, average, backbone }, i) => [key.slice(path.length), role, shapes[i], init, average?.of, backbone]),
  );
  return { kind: 'layer', path, entries, children: layers(entries, path), key, sizes };
}

/** Rows of the optimiser's slots: runs of parameters with the same slots in one call. */
function slotLines(declared: readonly StateDeclaration[], slots: readonly StateDeclaration[], name: string): readonly Line[] {
  const parameters = new Map(declared.flatMap((entry) => (entry.role === 'parameter' ? [[entry.key, entry] as const] : [])));
  const ownerOf = (slot: StateDeclaration): string | undefined => {
    const owner = slot.key.slice(0, Math.max(0, slot.key.lastIndexOf('.')));
    const shape = parameters.get(owner)?.type.shape;
    const alike = shape?.length === slot.type.shape.length && shape.every((dim, axis) => dim === slot.type.shape[axis]);
    return alike && slot.role === 'slot' && JSON.stringify(slot.init) === ZERO && !slot.backbone ? owner : undefined;
  };
  const runs: { readonly suffixes: readonly string[]; readonly owners: string[]; readonly entries: StateDeclaration[] }[] = [];
  for (let i = 0; i < slots.length; ) {
    const owner = ownerOf(slots[i]);
    let end = i + 1;
    while (owner !== undefined && end < slots.length && ownerOf(slots[end]) === owner) end++;
    const own = slots.slice(i, end);
    const suffixes = owner === undefined ? [] : own.map(({ key }) => key.slice(owner.length + 1));
    const last = runs[runs.length - 1];
    if (owner !== undefined && last && last.suffixes.join('\n') === suffixes.join('\n')) {
      last.owners.push(owner);
      last.entries.push(...own);
    } else runs.push({ suffixes, owners: owner === undefined ? [] : [owner], entries: [...own] });
    i = end;
  }
  return runs.flatMap(({ suffixes, owners, entries }): readonly Line[] => {
    if (owners.length < 2) return entries.map((entry) => row(entry, undefined));
    const paths = pathsOf(declared, owners, ['parameter']);
    const under = paths === undefined || paths.length === 0 ? '' : `, [${paths.map(stringLiteral).join(', ')}]`;
    const tail = `, [${suffixes.map(stringLiteral).join(', ')}]),`;
    if (paths) return [{ text: `...slotsOf(${name}, keysOf(${name}, ['parameter']${under})${tail}`, depth: 1 }];
    return literal(owners, 1, `...slotsOf(${name}, `, tail);
  });
}
