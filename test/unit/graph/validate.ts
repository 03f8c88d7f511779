/** Holds a decoded graph against the definitions of TensorFlow's operations (operations.json, taken from TensorFlow itself). */
import { readFileSync } from 'node:fs';
import type { DecodedAttr, DecodedModel, DecodedNode } from './decode.ts';

interface Argument {
  readonly name: string;
  readonly type?: string;
  readonly type_attr?: string;
  /** The argument stands for as many tensors as this attribute says. */
  readonly number_attr?: string;
}
interface Definition {
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
  readonly attrs: Readonly<
    Record<string, { readonly type: string; readonly default?: boolean; readonly allowed?: readonly (string | number)[] }>
  >;
}

export const OPERATIONS: Readonly<Record<string, Definition>> = (
  JSON.parse(readFileSync(new URL('./operations.json', import.meta.url), 'utf8')) as { readonly operations: Record<string, Definition> }
).operations;

/** The member of AttrValue that holds an attribute of this type. */
const MEMBER: Readonly<Record<string, DecodedAttr['value']>> = {
  string: 's',
  int: 'i',
  float: 'f',
  bool: 'b',
  type: 'type',
  shape: 'shape',
  tensor: 'tensor',
};

function typeOf(argument: Argument, node: DecodedNode): string | undefined {
  return argument.type ?? node.attr[argument.type_attr ?? '']?.type;
}

/** One argument for each tensor. */
function expanded(arguments_: readonly Argument[], node: DecodedNode): readonly Argument[] {
  return arguments_.flatMap((a) => (a.number_attr === undefined ? [a] : Array.from({ length: node.attr[a.number_attr]?.i ?? 0 }, () => a)));
}

function attributeProblems(node: DecodedNode, definition: Definition): readonly string[] {
  const problems: string[] = [];
  for (const [name, wanted] of Object.entries(definition.attrs)) {
    const attr = node.attr[name];
    if (!attr) {
      if (!wanted.default) problems.push(`lacks the attribute ${name}`);
      continue;
    }
    const list = wanted.type.startsWith('list(');
    if (attr.value !== (list ? 'list' : MEMBER[wanted.type])) problems.push(`attribute ${name} holds ${attr.value}, not ${wanted.type}`);
    const value = attr.type ?? attr.s;
    if (!list && wanted.allowed && value !== undefined && !wanted.allowed.includes(value)) problems.push(`${name} may not be ${value}`);
    if (list && wanted.type === 'list(int)' && !attr.list?.i?.length) problems.push(`${name} is empty`);
  }
  for (const name of Object.keys(node.attr)) if (!definition.attrs[name]) problems.push(`has the unknown attribute ${name}`);
  return problems;
}

function constantProblems(node: DecodedNode): readonly string[] {
  if (node.op !== 'Const') return [];
  const tensor = node.attr.value?.tensor;
  if (!tensor) return ['has no value'];
  const count = (tensor.tensorShape.dim ?? []).reduce((product, d) => product * (d.size ?? 0), 1);
  const values = { DT_FLOAT: tensor.floatVal, DT_DOUBLE: tensor.doubleVal, DT_INT32: tensor.intVal, DT_BOOL: tensor.boolVal }[tensor.dtype];
  return [
    ...(tensor.dtype === node.attr.dtype?.type ? [] : [`is a ${tensor.dtype} under the name of ${node.attr.dtype?.type}`]),
    ...(values?.length === count ? [] : [`has ${values?.length} values for ${count} places`]),
  ];
}

/** What is wrong with the graph, a line each. */
export function problemsOf(model: DecodedModel): readonly string[] {
  const problems: string[] = [];
  const outputs = new Map<string, readonly (string | undefined)[]>();
  for (const node of model.nodes) {
    const say = (text: string): number => problems.push(`${node.name} (${node.op}) ${text}`);
    if (!/^[A-Za-z0-9.][A-Za-z0-9_.\-/]*$/.test(node.name)) say('is no name that TensorFlow takes');
    if (outputs.has(node.name)) say('is there twice');
    const definition = OPERATIONS[node.op];
    if (!definition) {
      say('is no operation of the table');
      continue;
    }
    [...attributeProblems(node, definition), ...constantProblems(node)].forEach(say);
    const data = node.input.filter((input) => !input.startsWith('^'));
    // Order without data comes last.
    if (node.input.slice(0, data.length).some((input) => input.startsWith('^'))) say('names data after order');
    const wanted = expanded(definition.inputs, node);
    if (wanted.length !== data.length) say(`has ${data.length} inputs for ${wanted.length}`);
    data.forEach((input, i) => {
      const [, name, index] = /^([^:]+)(?::(\d+))?$/.exec(input) ?? ['', input, undefined];
      const of = outputs.get(name);
      if (!of) say(`reads ${name}, which is not there before it`);
      else if (of[Number(index ?? 0)] === undefined) say(`reads output ${index ?? 0} of ${name}, which has ${of.length}`);
      else if (wanted[i] && typeOf(wanted[i], node) !== of[Number(index ?? 0)])
        say(`takes ${typeOf(wanted[i], node)} as ${wanted[i].name}, but ${name} is ${of[Number(index ?? 0)]}`);
    });
    for (const input of node.input)
      if (input.startsWith('^') && !outputs.has(input.slice(1))) say(`waits for ${input.slice(1)}, which is not there before it`);
    outputs.set(
      node.name,
      expanded(definition.outputs, node).map((output) => typeOf(output, node)),
    );
  }
  for (const [name, signature] of Object.entries(model.signatures))
    for (const [key, info] of [...Object.entries(signature.inputs), ...Object.entries(signature.outputs)]) {
      const [, of, index] = /^(.+):(\d+)$/.exec(info.name) ?? ['', '', ''];
      if (outputs.get(of)?.[Number(index)] !== info.dtype) problems.push(`${name}: ${key} is ${info.dtype}, ${info.name} is not`);
    }
  return problems;
}
