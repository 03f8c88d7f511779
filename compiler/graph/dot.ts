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
  /** Whether arrows lead to the right or down; by the length of the longest way where nothing is said. */
  readonly direction?: Direction;
  /** Boxes that a comparison marks. */
  readonly marked?: ReadonlySet<string>;
}

export type Direction = 'across' | 'down';

/** Boxes one behind the other that fit beside each other on a page. */
const ACROSS = 6;

/** Okabe and Ito's palette, which colour-blind readers tell apart, on light grounds. */
const INK = '#222222';
const COLOURS = { gradient: '#0072B2', cut: '#D55E00', past: '#8A8A8A', data: '#8A8A8A' } as const;
const MARK = '#B5179E';
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
/** Graphviz knows how wide its letters are, and readers have it, or one with letters as wide. */
const FONT = 'Arial';

export function dotOf(wiring: Wiring, drawing: Drawing): string {
  const names = new Map(wiring.boxes.map((box, i) => [box.id, `b${i}`] as const));
  const down = (drawing.direction ?? (longestWay(wiring) > ACROSS ? 'down' : 'across')) === 'down';
  const gaps = down ? 'nodesep=0.35, ranksep=0.35' : 'nodesep=0.3, ranksep=0.5';
  const lines = [
    `digraph ${quoted(drawing.title)} {`,
    `  graph [rankdir=${down ? 'TB' : 'LR'}, bgcolor="white", pad=0.3, ${gaps}, splines=spline, fontname=${quoted(FONT)}, fontsize=18, fontcolor=${quoted(INK)}, labelloc=t, labeljust=l, label=${headText(wiring, drawing)}];`,
    `  node [shape=box, style="rounded,filled", fontname=${quoted(FONT)}, fontsize=14, fontcolor=${quoted(INK)}, color="#5A5A5A", penwidth=1.1, margin="0.15,0.07"];`,
    `  edge [fontname=${quoted(FONT)}, fontsize=12, fontcolor="#444444", arrowsize=0.7, penwidth=1.3];`,
  ];
  // Arrows come in at the left (from above): the title of an opened call stands at the right.
  for (const cluster of wiring.clusters) {
    const module = drawing.modules.get(cluster.path);
    lines.push(
      `  subgraph ${quoted(`cluster_${cluster.id}`)} {`,
      `    graph [label=${clusterTitle(`${calledText(cluster.path, module?.name)}${timesText(cluster.times)}`)}, tooltip=${quoted(module?.doc ?? cluster.path)}, style="rounded,filled", fillcolor=${quoted(GROUND.cluster)}, color="#B8C4CE", fontsize=14, labeljust=r, labelloc=${down ? 'b' : 't'}, margin=14];`,
      ...wiring.boxes.filter((box) => box.cluster === cluster.id).map((box) => `    ${boxText(box, names, drawing)}`),
      '  }',
    );
  }
  for (const box of wiring.boxes) if (box.cluster === undefined) lines.push(`  ${boxText(box, names, drawing)}`);
  const ends = wiring.boxes.filter((box) => box.kind === 'loss' || box.kind === 'output').map((box) => names.get(box.id));
  if (ends.length > 1) lines.push(`  { rank=sink; ${ends.join('; ')} }`);
  for (const edge of together(wiring.edges)) lines.push(`  ${edgeText(edge, names)}`);
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** Boxes on the longest way through the wiring. */
function longestWay({ boxes, edges }: Wiring): number {
  const before = new Map<string, Set<string>>();
  for (const { from, to } of edges) before.set(to, (before.get(to) ?? new Set()).add(from));
  const lengths = new Map<string, number>();
  const length = (id: string): number => {
    const known = lengths.get(id);
    if (known !== undefined) return known;
    // A circle, which no wiring should have, must not hang the drawing.
    lengths.set(id, 1);
    const found = 1 + Math.max(0, ...[...(before.get(id) ?? [])].map(length));
    lengths.set(id, found);
    return found;
  };
  return Math.max(0, ...boxes.map(({ id }) => length(id)));
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `head: prototype_head`, or the name alone where both are the same. */
function calledText(path: string, module: string | undefined): string {
  const name = path.split('.').slice(-1)[0];
  if (module === undefined || module === name) return name;
  return name.replace(/_\d+$/, '') === module ? module : `${name}: ${module}`;
}

/** `b3 … b4: wide_block` */
function rowText(first: string, last: string, module: string | undefined): string {
  const ends = [first, last].map((path) => path.split('.').slice(-1)[0]).join(' … ');
  return module === undefined ? ends : `${ends}: ${module}`;
}

/** At the right of an opened call at least twice as wide: arrows come and go in the middle. */
function clusterTitle(text: string): string {
  const room = `<TD WIDTH="${8 * text.length}"></TD>`;
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="1" CELLSPACING="0"><TR>${room}<TD>${escaped(text)}</TD></TR></TABLE>>`;
}

function timesText(times: number): string {
  return times > 1 ? ` ×${times}` : '';
}

function boxText(box: WiringBox, names: ReadonlyMap<string, string>, drawing: Drawing): string {
  const module = box.kind === 'module' ? drawing.modules.get(box.path) : undefined;
  const note = drawing.notes.get(box.id);
  const label =
    box.kind === 'module'
      ? [
          `${box.last === undefined ? calledText(box.path, module?.name) : rowText(box.path, box.last, module?.name)}${timesText(box.times)}`,
          ...ownText(box, drawing),
        ]
      : [...box.label, ...(note === undefined ? [] : [note])];
  const look: Record<string, string> = {
    label: label.join('\n'),
    fillcolor: fillOf(box, drawing),
    tooltip: module?.doc ?? (box.path === '' ? label.join(', ') : box.path),
  };
  if (box.shared) Object.assign(look, { peripheries: '2' });
  if (box.kind === 'line') Object.assign(look, { style: 'filled', color: '#C4C4C4', fontsize: '12' });
  if (box.kind === 'loss') Object.assign(look, { color: '#E69F00', penwidth: '2' });
  if (box.kind === 'input') Object.assign(look, { color: '#56B4E9' });
  if (box.kind === 'output') Object.assign(look, { color: '#009E73' });
  if (drawing.marked?.has(box.id)) Object.assign(look, { color: MARK, penwidth: '3' });
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

/** As much of a box is shaded as is frozen. */
function fillOf(box: WiringBox, drawing: Drawing): string {
  const ground = groundOf(box, drawing);
  const share = box.keys.filter((key) => drawing.frozen.has(key)).length / Math.max(1, box.keys.length);
  if (ground === 'frozen' || share === 0) return GROUND[ground];
  return `${GROUND.frozen};${Math.min(0.9, Math.max(0.1, share)).toFixed(2)}:${GROUND[ground]}`;
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
  const lines = [
    ...(told === undefined ? [] : [`<B>${escaped(told)}</B>`]),
    ...few(shapes).map(escaped),
    ...few(cuts).map((cut) => `<I>${escaped(cut)}</I>`),
  ];
  const tip = values.map((value) => `${value.name ?? value.op}: ${value.kind} [${value.type.shape.map(show).join(', ')}]`).join('\n');
  const style = kind === 'cut' || kind === 'past' ? ', style=dashed' : kind === 'data' ? ', penwidth=1' : '';
  const ink = kind === 'cut' ? `, fontcolor=${quoted(COLOURS.cut)}` : '';
  return `${names.get(from)} -> ${names.get(to)} [label=${tableOf(lines)}, tooltip=${quoted(tip)}, labeltooltip=${quoted(tip)}, color=${quoted(COLOURS[kind])}${style}${ink}];`;
}

/** Two of them, or one and how many there are beside it. */
function few(texts: readonly string[]): readonly string[] {
  return texts.length <= 2 ? texts : [texts[0], `and ${texts.length - 1} more`];
}

/** Lines on a ground of their own, so that an arrow behind them does not strike them through. */
function tableOf(lines: readonly string[]): string {
  if (lines.length === 0) return '""';
  const rows = lines.map((line) => `<TR><TD>${line}</TD></TR>`).join('');
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="1" CELLSPACING="0" BGCOLOR="#FFFFFFD8">${rows}</TABLE>>`;
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

/** The title, and below it what the signs in this drawing mean. */
function headText(wiring: Wiring, drawing: Drawing): string {
  const title = [
    `<TR><TD ALIGN="LEFT" COLSPAN="4"><B>${escaped(drawing.title)}</B></TD></TR>`,
    ...(drawing.subtitle ? [`<TR><TD ALIGN="LEFT" COLSPAN="4"><FONT POINT-SIZE="14">${escaped(drawing.subtitle)}</FONT></TD></TR>`] : []),
  ];
  const signs = drawing.legend ? signsOf(wiring, drawing) : [];
  const rows = signs.flatMap((sign, i) => (i % 2 === 0 ? [`<TR>${sign}${signs[i + 1] ?? ''}</TR>`] : []));
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2">${[...title, ...rows].join('')}</TABLE>>`;
}

function signsOf(wiring: Wiring, drawing: Drawing): readonly string[] {
  const kinds = new Set(wiring.edges.map((edge) => edge.kind));
  const grounds = new Set(wiring.boxes.map((box) => groundOf(box, drawing)));
  const partly = wiring.boxes.some((box) => fillOf(box, drawing).includes(';'));
  const text = (words: string): string => `<TD ALIGN="LEFT"><FONT POINT-SIZE="12">${words}</FONT></TD>`;
  const sign = (colour: string, mark: string, words: string): string =>
    `<TD ALIGN="RIGHT"><FONT POINT-SIZE="12" COLOR="${colour}">${mark}</FONT></TD>${text(words)}`;
  const ground = (colour: string, mark: string, words: string): string =>
    `<TD ALIGN="RIGHT" BGCOLOR="${colour}"><FONT POINT-SIZE="12">${mark}</FONT></TD>${text(words)}`;
  return [
    ...(kinds.has('gradient') ? [sign(COLOURS.gradient, '──▶', 'a gradient comes back')] : []),
    ...(kinds.has('cut') ? [sign(COLOURS.cut, '┄┄▶', 'the gradient ends at the operator named')] : []),
    ...(kinds.has('past') ? [sign(COLOURS.past, '┄┄▶', 'the gradient has ended further back')] : []),
    ...(kinds.has('data')
      ? [sign(COLOURS.data, '──▶', drawing.frozen.size > 0 || kinds.size > 1 ? 'nothing that trains lies behind' : 'values')]
      : []),
    ...(grounds.has('frozen') || partly
      ? [ground(GROUND.frozen, 'grey', `not trained${partly ? '; in part, where a box is grey in part' : ''}`)]
      : []),
    ...(grounds.has('shadow') ? [ground(GROUND.shadow, 'follows', 'moves after other parameters; never a gradient')] : []),
    ...(wiring.boxes.some((box) => box.shared) ? [sign(INK, 'double frame', 'shares its parameters with another call')] : []),
    ...(drawing.marked && drawing.marked.size > 0 ? [sign(MARK, '▢', 'differs')] : []),
    sign(INK, 'H/8', 'is rounded up where it is not whole'),
  ];
}
