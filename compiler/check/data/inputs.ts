/** `input image: Image[N, H, W, 3]`: what a training step reads of its batch; a record is what a pair draws. */
import { type Dim, showShape, variable } from '../../shape/dim.ts';
import type { Span } from '../../source/source.ts';
import type { Expression, InputStatement, NamedType, TypeExpression } from '../../syntax/ast.ts';
import { type Elaboration, inputTraits } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import { dimOf } from '../nodes.ts';
import type { Scope } from '../scope.ts';
import { kindOfType } from '../signature.ts';
import { requiredSupervision, SUPERVISION_LEVELS } from '../supervision.ts';
import { POISON, size, tensor, type Value } from '../values.ts';

/** Sizes of an input: new names become free dimensions. */
export function declareSizes(E: Elaboration, dims: readonly Expression[], scope: Scope, where: string): Dim[] | undefined {
  const shape: Dim[] = [];
  for (const d of dims) {
    if (d.kind === 'name' && !scope.find(d.name.text)) scope.define(d.name.text, size(variable(d.name.text)), 'size', d.span);
    const dim = dimOf(E, evaluate(E, d, scope), d.span, where);
    if (!dim) return undefined;
    shape.push(dim);
  }
  return shape;
}

/** `supervision` are the levels that the method declares; undefined where it declares none, which is reported elsewhere. */
export function declareInput(E: Elaboration, statement: InputStatement, scope: Scope, supervision: readonly string[] | undefined): void {
  const { type, name } = statement;
  const value = inputOf(E, type, name.text, statement.span, scope, supervision);
  scope.define(name.text, value, 'input', name.span);
}

/** A tensor, or a record of them whose names stand behind that of the record and a dot; poison after a report. */
function inputOf(
  E: Elaboration,
  type: TypeExpression,
  name: string,
  at: Span,
  scope: Scope,
  supervision: readonly string[] | undefined,
): Value {
  if (type.kind === 'record_type' && !name.includes('.')) {
    const fields = type.fields.map((field) => {
      const value = inputOf(E, field.type, `${name}.${field.name.text}`, field.name.span, scope, supervision);
      return [field.name.text, value] as const;
    });
    return { kind: 'record', fields: new Map(fields) };
  }
  if (type.kind === 'named_type' && type.dims) return tensorInput(E, { ...type, dims: type.dims }, name, at, scope, supervision);
  E.report('type-mismatch', type.span, {
    where: `the input ${name}`,
    wanted: 'a type with sizes, such as Image[N, H, W, 3]',
    found: 'none',
  });
  E.session.told.inputs.add(name);
  return POISON;
}

function tensorInput(
  E: Elaboration,
  type: NamedType & { readonly dims: readonly Expression[] },
  name: string,
  at: Span,
  scope: Scope,
  supervision: readonly string[] | undefined,
): Value {
  const kind = kindOfType(E, type);
  const shape = kind && declareSizes(E, type.dims, scope, `the input ${name}`);
  if (!kind || !shape) {
    E.session.told.inputs.add(name);
    return POISON;
  }
  const { dtype, range } = inputTraits(kind);
  const declare = (): Value => tensor(E.input('batch', name, { dtype, shape }, kind, range, at));
  // It stays an input, so that the data block does not report it a second time.
  const mistaken = (): Value => {
    declare();
    E.session.told.inputs.add(name);
    return POISON;
  };
  const sides = type.dims.map((dim) => (dim.kind === 'number' ? dim.value : undefined));
  if (kind === 'image' && shape.length === 4 && sides[1] === 3 && sides[3] !== 3) {
    const [batch, channels, height, width] = type.dims.map(({ span }) => span.file.text.slice(span.start, span.end));
    const last = [batch, height, width, channels].join(', ');
    const edit = { span: { ...type.dims[0].span, end: type.dims[3].span.end }, text: last };
    E.report(
      'channels-first',
      type.span,
      { what: `the input ${name}`, shape: showShape(shape) },
      { hint: `write Image[${last}]; data sets deliver it so`, fix: { title: `write Image[${last}]`, edits: [edit] } },
    );
    return mistaken();
  }
  const needs = requiredSupervision(kind);
  const unknown = supervision?.some((level) => !(SUPERVISION_LEVELS as readonly string[]).includes(level));
  if (needs && supervision && !unknown && !needs.some((n) => supervision.includes(n))) {
    E.report(
      'supervision-violation',
      at,
      { name, needs: needs.join(' or '), declared: supervision.join(' + ') || 'none' },
      { hint: `either drop the input, or say that training sees it: supervision ${[...supervision, needs[0]].join(' + ')}` },
    );
    return mistaken();
  }
  return declare();
}
