/** Checks that hold for every operator: number and dtypes of inputs, names and forms of attributes. */
import { isDim } from '../shape/dim.ts';
import { type AttrForm, type OperatorDefinition, OperatorError } from './definition.ts';
import type { Attrs, AttrValue, Node } from './graph.ts';

export function checkInputs(definition: OperatorDefinition, inputs: readonly Node[]): void {
  const wanted = definition.inputs.length;
  if (definition.variadic ? inputs.length < wanted : inputs.length !== wanted)
    throw new OperatorError('bad-attribute', `${wanted} inputs for ${definition.name}, not ${inputs.length}`);
  inputs.forEach((node, i) => {
    const port = definition.inputs[Math.min(i, wanted - 1)];
    const { dtype } = node.type;
    const fits =
      port.dtype === 'any' ||
      (port.dtype === 'number' ? dtype !== 'bool' : port.dtype === 'same' ? dtype === inputs[0].type.dtype : dtype === port.dtype);
    if (!fits) {
      const text = port.dtype === 'number' ? 'f32 or i32' : port.dtype === 'same' ? inputs[0].type.dtype : port.dtype;
      throw new OperatorError('dtype-mismatch', text, {
        input: i,
        hint: dtype === 'bool' ? 'float(x) makes 0 and 1 of a condition' : 'float(x) or int(x) converts',
      });
    }
  });
}

export function checkAttributes(definition: OperatorDefinition, attrs: Attrs): void {
  for (const [name, form] of Object.entries(definition.attrs)) {
    const value = attrs[name];
    if (value === undefined || !hasForm(value, form)) throw new OperatorError('bad-attribute', `${name} of ${definition.name}: ${form}`);
    checkGeometry(definition.name, name, value);
  }
  for (const name of Object.keys(attrs))
    if (!(name in definition.attrs)) throw new OperatorError('bad-attribute', `${definition.name} without ${name}`);
}

/** Windows have two sides and a padding for each of their four edges. */
function checkGeometry(op: string, name: string, value: AttrValue): void {
  const pair = name === 'stride' || name === 'dilation' || name === 'window';
  if (!pair && name !== 'pad') return;
  const [length, least] = pair ? [2, 1] : [4, 0];
  const fits = Array.isArray(value) && value.length === length && value.every((v) => typeof v === 'number' && v >= least);
  if (!fits) throw new OperatorError('bad-attribute', `${name} of ${op}: ${length} whole numbers, each at least ${least}`);
}

function hasForm(value: AttrValue, form: AttrForm): boolean {
  switch (form) {
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'float':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'dim':
      return isDim(value);
    case 'ints':
      return Array.isArray(value) && value.every((v) => typeof v === 'number' && Number.isInteger(v));
    case 'dims':
      return Array.isArray(value) && value.every((v) => isDim(v));
    case 'dtype':
      return value === 'f32' || value === 'i32' || value === 'bool';
  }
}
