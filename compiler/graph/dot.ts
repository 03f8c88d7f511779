/** A wiring as DOT, the one source of pictures: Graphviz draws it, on the command line or in a browser. */
import type { Node } from '../ops/graph.ts';
import { constantOf, type Dim, show } from '../shape/dim.ts';
import { positionAt } from '../source/source.ts';
import type { Wiring, WiringBox, WiringEdge } from './wiring.ts';

export interface Drawing {
  readonly title: string;
  readonly subtitle: string | undefined;
  /** Keys of state that never changes: boxes that own nothing else are shaded. */
  readonly frozen: ReadonlySet<string>;
  /** What a module is, by call path: its name in the library, and its documentation. */
  readonly modules: ReadonlyMap<string, { readonly name: string; readonly doc: string | undefined }>;
  /** What parameters follow that no gradient changes, by key, in words. */
  readonly follows: ReadonlyMap<string, string>;
  /** What stands below a loss: its weight, its epochs. */
  readonly notes: ReadonlyMap<string, string>;
  readonly legend: boolean;
}

/** Okabe and Ito's palette, which colour-blind readers tell apart, on light grounds. */
const INK = '#222222';
const COLOURS = { gradient: '#0072B2', cut: '#D55E00', data: '#8A8A8A' } as const;
const GROUND = {
  input: '#E3F2FB',
  module: '#FFFFFF',
  line: '#FAFAFA',
  loss: '#FCE9C8',
  output: '#E2F3EC',
  frozen: '#DADADA',
  shadow: '#F1E6F4',
  cluster: '#F4F7FA',
} as const;
const FONT = 'Helvetica,Arial,sans-serif';

export function dotOf(wiring: Wiring, drawing: Drawing): string {
  const names = new Map(wiring.boxes.map((box, i) => [box.id, `b${i}`] as const));
  const lines = [
    `digraph ${quoted(drawing.title)} {`,
    `  graph [rankdir=LR, bgcolor="white", pad=0.3, nodesep=0.3, ranksep=0.6, splines=spline, fontname=${quoted(FONT)}, fontsize=18, fontcolor=${quoted(INK)}, labelloc=t, labeljust=l, label=${leftLines([drawing.title, ...(drawing.subtitle ? [drawing.subtitle] : [])])}];`,
    `  node [shape=box, style="rounded,filled", fontname=${quoted(FONT)}, fontsize=13, fontcolor=${quoted(INK)}, color="#5A5A5A", penwidth=1.1, margin="0.2,0.09"];`,
    `  edge [fontname=${quoted(FONT)}, fontsize=11, fontcolor="#444444", arrowsize=0.7, penwidth=1.3];`,
  ];
  // Arrows come in at the left, with their labels: the title of an opened call stands at the right.
  for (const cluster of wiring.clusters) {
    const module = drawing.modules.get(cluster.path);
    lines.push(
      `  subgraph ${quoted(`cluster_${cluster.id}`)} {`,
      `    graph [label=${quoted(`\u00a0${headOf(cluster.path, module?.name)}\u00a0`)}, tooltip=${quoted(module?.doc ?? cluster.path)}, style="rounded,filled", fillcolor=${quoted(GROUND.cluster)}, color="#B8C4CE", fontsize=14, labeljust=r, margin=14];`,
      ...wiring.boxes.filter((box) => box.cluster === cluster.id).map((box) => `    ${boxText(box, names, drawing)}`),
      '  }',
    );
  }
  for (const box of wiring.boxes) if (box.cluster === undefined) lines.push(`  ${boxText(box, names, drawing)}`);
  const ends = wiring.boxes.filter((box) => box.kind === 'loss' || box.kind === 'output').map((box) => names.get(box.id));
  if (ends.length > 1) lines.push(`  { rank=sink; ${ends.join('; ')} }`);
  for (const edge of together(wiring.edges)) lines.push(`  ${edgeText(edge, names)}`);
  if (drawing.legend) lines.push(...legend(wiring, drawing));
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Lines that all begin at the left. */
function leftLines(lines: readonly string[]): string {
  return `"${lines.map((line) => `${quoted(line).slice(1, -1)}\\l`).join('')}"`;
}

/** `head: prototype_head`, or the name alone where both are the same. */
function headOf(path: string, module: string | undefined): string {
  const name = path.split('.').slice(-1)[0];
  return module === undefined || module === name || name.replace(/_\d+$/, '') === module ? name : `${name}: ${module}`;
}

function boxText(box: WiringBox, names: ReadonlyMap<string, string>, drawing: Drawing): string {
  const module = box.kind === 'module' ? drawing.modules.get(box.path) : undefined;
  const note = drawing.notes.get(box.id);
  const label =
    box.kind === 'module'
      ? [headOf(box.path, module?.name), ...ownText(box, drawing)]
      : [...box.label, ...(note === undefined ? [] : [note])];
  const look: Record<string, string> = {
    label: label.join('\n'),
    fillcolor: GROUND[groundOf(box, drawing)],
    tooltip: module?.doc ?? (box.path === '' ? label.join(', ') : box.path),
  };
  if (box.shared) Object.assign(look, { peripheries: '2' });
  if (box.kind === 'line') Object.assign(look, { style: 'filled', color: '#C4C4C4', fontsize: '11' });
  if (box.kind === 'loss') Object.assign(look, { color: '#E69F00', penwidth: '2' });
  if (box.kind === 'input') Object.assign(look, { color: '#56B4E9' });
  if (box.kind === 'output') Object.assign(look, { color: '#009E73' });
  return `${names.get(box.id)} [${Object.entries(look)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(', ')}];`;
}

/** What a module has: its own tensors, or the layers that it calls; frozen, following others, or shared with another call. */
function ownText(box: WiringBox, drawing: Drawing): readonly string[] {
  const ground = groundOf(box, drawing);
  const tensors = `${box.keys.length} ${box.keys.length === 1 ? 'tensor' : 'tensors'}`;
  return [
    ...(box.keys.length === 0
      ? []
      : [box.uses.length > 0 ? `calls ${box.uses.join(', ')}` : `${tensors}${frozenText(box.keys, drawing.frozen)}`]),
    ...(ground === 'shadow' ? [...new Set(box.keys.flatMap((key) => drawing.follows.get(key) ?? []))] : []),
    ...(box.shared ? [`shared: call ${box.shared.index} of ${box.shared.of}`] : []),
  ];
}

/** `, frozen`, or how many of them are. */
function frozenText(keys: readonly string[], frozen: ReadonlySet<string>): string {
  const still = keys.filter((key) => frozen.has(key)).length;
  return still === 0 ? '' : still === keys.length ? ', frozen' : `, ${still} frozen`;
}

function groundOf({ kind, keys }: WiringBox, { frozen, follows }: Drawing): keyof typeof GROUND {
  if (keys.length > 0 && keys.every((key) => frozen.has(key))) return 'frozen';
  return keys.length > 0 && keys.every((key) => follows.has(key)) ? 'shadow' : kind;
}

interface Bundle {
  readonly from: string;
  readonly to: string;
  readonly kind: WiringEdge['kind'];
  readonly values: Node[];
  readonly ends: Node[];
}

/** Values that go the same way, in one arrow. */
function together(edges: readonly WiringEdge[]): readonly Bundle[] {
  const found = new Map<string, Bundle>();
  for (const { from, to, kind, value, ends } of edges) {
    const key = `${from} ${to} ${kind}`;
    const known = found.get(key) ?? { from, to, kind, values: [], ends: [] };
    known.values.push(value);
    for (const end of ends) if (!known.ends.includes(end)) known.ends.push(end);
    found.set(key, known);
  }
  return [...found.values()];
}

function edgeText({ from, to, kind, values, ends }: Bundle, names: ReadonlyMap<string, string>): string {
  const shapes = [...new Set(values.map((value) => shapeText(value.type.shape)))].filter((text) => text !== '');
  const cuts = [...new Set(ends.map(endText))];
  const told = values.length === 1 ? nameOf(values[0]) : undefined;
  const label = [
    ...(told === undefined ? [] : [told]),
    ...shapes.slice(0, 2),
    ...(shapes.length > 2 ? [`and ${shapes.length - 2} more`] : []),
    ...cuts.slice(0, 2),
    ...(cuts.length > 2 ? [`and ${cuts.length - 2} more`] : []),
  ];
  const tip = values.map((value) => `${value.name ?? value.op}: ${value.kind} [${value.type.shape.map(show).join(', ')}]`).join('\n');
  const style = kind === 'cut' ? ', style=dashed' : kind === 'data' ? ', penwidth=1' : '';
  const ink = kind === 'cut' ? `, fontcolor=${quoted(COLOURS.cut)}` : '';
  return `${names.get(from)} -> ${names.get(to)} [label=${quoted(label.join('\n'))}, tooltip=${quoted(tip)}, labeltooltip=${quoted(tip)}, color=${quoted(COLOURS[kind])}${style}${ink}];`;
}

/** What an author calls a value; a single letter is a module's own business, a loss has a box with its name. */
function nameOf(value: Node): string | undefined {
  return value.name !== undefined && value.name.length > 1 && value.op !== 'input' && value.type.shape.length > 0 ? value.name : undefined;
}

function endText(node: Node): string {
  const place = node.span ? `, ${node.span.file.name.replace(/^.*\//, '')}:${positionAt(node.span.file, node.span.start).line}` : '';
  return `${node.op}${place}`;
}

/** `N·H/8·W/8·K+1`: what is rounded up is written as the plain quotient. */
export function shapeText(shape: readonly Dim[]): string {
  return shape
    .map((d) => {
      const text = show(d)
        .replace(/ceil\(([A-Za-z_]\w*\/\d+)\)/g, '$1')
        .replaceAll(' ', '');
      return constantOf(d) === undefined && shape.length > 1 && /[+-]/.test(text) ? `(${text})` : text.replaceAll('*', '×');
    })
    .join('·');
}

function legend(wiring: Wiring, drawing: Drawing): readonly string[] {
  const kinds = new Set(wiring.edges.map((edge) => edge.kind));
  const grounds = new Set(wiring.boxes.map((box) => groundOf(box, drawing)));
  const row = (colour: string, sign: string, text: string): string =>
    `<TR><TD ALIGN="RIGHT"><FONT COLOR="${colour}">${sign}</FONT></TD><TD ALIGN="LEFT">${text}</TD></TR>`;
  const ground = (colour: string, sign: string, text: string): string =>
    `<TR><TD ALIGN="RIGHT" BGCOLOR="${colour}"><FONT COLOR="${INK}">${sign}</FONT></TD><TD ALIGN="LEFT">${text}</TD></TR>`;
  const rows = [
    ...(kinds.has('gradient') ? [row(COLOURS.gradient, '──▶', 'a gradient comes back')] : []),
    ...(kinds.has('cut') ? [row(COLOURS.cut, '┄┄▶', 'the gradient ends at the operator named')] : []),
    ...(kinds.has('data')
      ? [row(COLOURS.data, '──▶', drawing.frozen.size > 0 || kinds.size > 1 ? 'nothing that trains lies behind' : 'values')]
      : []),
    ...(grounds.has('frozen') ? [ground(GROUND.frozen, 'frozen', 'shaded: not trained')] : []),
    ...(grounds.has('shadow') ? [ground(GROUND.shadow, 'follows', 'moves after other parameters; never a gradient')] : []),
    ...(wiring.boxes.some((box) => box.shared) ? [row(INK, 'double frame', 'shares its parameters with another call')] : []),
    row(INK, '/', 'H/8 is rounded up where it is not whole'),
  ];
  return [
    `  legend [shape=plaintext, style="", fontsize=11, label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3">${rows.join('')}</TABLE>>];`,
  ];
}
