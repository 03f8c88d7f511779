/** One node as source text, in terms of the body it stands in. */
import type { AttrValue, Node } from '../../ops/graph.ts';
import { constantOf, type Dim, isDim } from '../../shape/dim.ts';
import { positionAt } from '../../source/source.ts';
import { type Access, accessText } from './access.ts';
import { commentText, identifier, numberLiteral, property, stringLiteral, templateText } from './escape.ts';
import { call, WIDTH } from './literal.ts';
import { isNumber, isSizeNumber } from './memory.ts';
import type { Line, Origin } from './module.ts';
import type { Names } from './names.ts';
import { below, shortName, tailName } from './paths.ts';
import { inputName, keyedInput, numberKey, reducesAll, type StoredGradient, sizePlace } from './region.ts';

/** The body of one generated function while it is written. */
export interface Body {
  readonly path: string;
  /** Prefix of the state keys that the parameter `key` holds; undefined where keys are written out. */
  readonly keys: string | undefined;
  readonly names: Names;
  readonly values: Map<Node, Access>;
  readonly sizes: ReadonlyMap<Dim | string, string>;
  readonly stored: ReadonlyMap<Node, StoredGradient>;
  readonly depth: number;
  readonly lines: Line[];
}

export function reach(body: Body, node: Node): Access {
  const role = keyedInput(node);
  if (role) return { base: `${role === 'state' ? 'state' : 'gradients'}[${keyText(body, inputName(node))}]`, record: undefined, steps: [] };
  if (isNumber(node)) return { base: `c[${stringLiteral(numberKey(node))}]`, record: undefined, steps: [] };
  const access = body.values.get(node);
  if (!access) throw new Error(`value ${node.id} (${node.op}, ${node.path}) is used where it does not exist`);
  return access;
}

/** The expression of a state key or of a prefix of one. */
export function keyText(body: Body, key: string): string {
  if (body.keys === undefined) return stringLiteral(key);
  const rest = key.slice(body.keys.length);
  return rest === '' ? 'key' : `\`\${key}${templateText(rest)}\``;
}

/** The runtime's function of an operator: camel case; `const` is a reserved word. */
export function functionName(op: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(op)) throw new Error(`operator name ${JSON.stringify(op)} is not in snake case`);
  return op === 'const' ? 'constant' : op.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** A size as it is written in a body; `at` is the place of a known size that may be a parameter. */
export function sizeText(body: Body, dim: Dim, at: string | undefined): string {
  const own = at === undefined ? undefined : body.sizes.get(at);
  if (own !== undefined) return own;
  const value = constantOf(dim);
  if (value !== undefined) return numberLiteral(value);
  const name = body.sizes.get(dim);
  if (name === undefined) throw new Error(`size ${dim.key} has no variable`);
  return name;
}

function attributeText(body: Body, node: Node, value: AttrValue, wanted: string): string {
  if (isDim(value)) return sizeText(body, value, sizePlace(node, wanted));
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value === 'boolean') return String(value);
  return `[${value.map((part: AttrValue, i) => attributeText(body, node, part, `${wanted}_${i}`)).join(', ')}]`;
}

export function originOf(node: Node): Origin | undefined {
  if (!node.span) return undefined;
  return { file: node.span.file.name, line: positionAt(node.span.file, node.span.start).line, path: node.path };
}

function originText(origin: Origin, path: string): string {
  const relative = below(origin.path, path);
  const shown = relative === '' || origin.path === path ? '' : ` ${relative}`;
  return commentText(`${origin.file}:${origin.line}${shown}`);
}

/** The name of the variable for a node: the spec's own, or the call path with the operator, the last node of a call bearing the path alone. */
export function wantedName(node: Node, path: string, last: boolean): string {
  if (isSizeNumber(node)) return 'count';
  const prefix = node.phase === 'backward' ? 'd_' : '';
  if (node.name !== undefined) return identifier(prefix + node.name);
  const relative = node.path === path ? '' : below(node.path, path);
  if (relative === '') return identifier(prefix + node.op);
  const base = relative === node.path && path !== '' ? tailName(relative) : shortName(relative);
  return identifier(prefix + base + (last ? '' : `_${node.op}`));
}

/** Writes `const name = ops.operator(inputs, attributes);` with its place behind it where that changed, then what is released. */
export function writeStatement(body: Body, node: Node, last: boolean, released: readonly Node[]): void {
  const stored = body.stored.get(node);
  const place = stored && `grads[${keyText(body, stored.key)}]`;
  const name = stored?.alone ? (place ?? '') : body.names.take(wantedName(node, body.path, last));
  const args = node.inputs.map((input) => accessText(reach(body, input)));
  const attrs = Object.keys(node.attrs);
  if (attrs.length > 0)
    args.push(
      `{ ${attrs.map((key) => `${property(key)}: ${reducesAll(node, key) ? `allAxes(${args[0]})` : attributeText(body, node, node.attrs[key], key)}`).join(', ')} }`,
    );
  const lines = call(`${stored?.alone ? '' : 'const '}${name} = ops.${functionName(node.op)}`, args, ';', body.depth);
  body.values.set(node, { base: name, record: undefined, steps: [] });
  // What a line was the last to read goes at its end.
  const frees = releaseText(body, released);
  const end = lines[lines.length - 1];
  const together = frees !== '' && end.text.length + frees.length + 2 * body.depth < WIDTH;
  append(body, together ? [...lines.slice(0, -1), { ...end, text: `${end.text} ${frees}` }] : lines, originOf(node));
  if (!together) writeReleases(body, released);
  if (stored && !stored.alone) body.lines.push({ text: `${place} = ${name};`, depth: body.depth });
}

function releaseText(body: Body, released: readonly Node[]): string {
  return released.length === 0 ? '' : `s.free(${released.map((node) => accessText(reach(body, node))).join(', ')});`;
}

export function writeReleases(body: Body, released: readonly Node[]): void {
  if (released.length === 0) return;
  body.lines.push(
    ...call(
      's.free',
      released.map((node) => accessText(reach(body, node))),
      ';',
      body.depth,
    ),
  );
}

/** Adds the lines of one statement with the comment that names their place, unless the line before already does. */
export function append(body: Body, lines: readonly Line[], origin: Origin | undefined): void {
  const before = lastOrigin(body.lines);
  if (origin && !(before && before.file === origin.file && before.line === origin.line && before.path === origin.path)) {
    const comment = `// ${originText(origin, body.path)}`;
    const [first, ...rest] = lines;
    if (first.text.length + comment.length + first.depth * 2 < 136) {
      body.lines.push({ text: `${first.text} ${comment}`, depth: first.depth, origin }, ...rest.map((line) => ({ ...line, origin })));
      return;
    }
    body.lines.push({ text: comment, depth: body.depth, origin });
  }
  body.lines.push(...lines.map((line) => ({ ...line, origin })));
}

function lastOrigin(lines: readonly Line[]): Origin | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    const { origin } = lines[i];
    if (origin) return origin;
  }
  return undefined;
}
