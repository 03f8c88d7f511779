import type { ParameterListCstNode, ReturnTypeCstNode, TypeCstNode } from '../../../grammar/cst-types.ts';
import type { Span } from '../../source/source.ts';
import type { Parameter, TypeExpression } from '../ast.ts';
import { type Builder, first } from './builder.ts';
import { expression } from './expressions.ts';

/** A type; a named type with a missing name where recovery left nothing. */
export function type(node: TypeCstNode | undefined, b: Builder, near: Span): TypeExpression {
  const list = first(node?.children.listType);
  if (list) {
    const span = b.spanOf(list, near);
    return {
      kind: 'named_type',
      span,
      name: b.identifier(first(list.children.Word), span),
      dims: undefined,
      element: type(first(list.children.type), b, span),
    };
  }
  const record = first(node?.children.recordType);
  if (record) {
    const span = b.spanOf(record, near);
    const fields = (record.children.recordTypeField ?? []).map((field) => {
      const at = b.spanOf(field, span);
      return { name: b.identifier(first(field.children.Word), at), type: type(first(field.children.type), b, at) };
    });
    return { kind: 'record_type', span, fields };
  }
  const tuple = first(node?.children.tupleType);
  if (tuple) {
    const span = b.spanOf(tuple, near);
    return { kind: 'tuple_type', span, items: (tuple.children.type ?? []).map((item) => type(item, b, span)) };
  }
  const named = first(node?.children.namedType);
  const span = named ? b.spanOf(named, near) : b.span(near.end, near.end);
  const dims = named && first(named.children.LSquare) ? (named.children.expression ?? []).map((e) => expression(e, b, span)) : undefined;
  return { kind: 'named_type', span, name: b.identifier(first(named?.children.Word), span), dims, element: undefined };
}

export function optionalType(node: TypeCstNode | undefined, b: Builder, near: Span): TypeExpression | undefined {
  return node && type(node, b, near);
}

export function returnType(node: ReturnTypeCstNode | undefined, b: Builder, near: Span): TypeExpression | undefined {
  return node && type(first(node.children.type), b, b.spanOf(node, near));
}

export function parameters(node: ParameterListCstNode | undefined, b: Builder, near: Span): readonly Parameter[] {
  return (node?.children.parameter ?? []).map((parameter) => {
    const span = b.spanOf(parameter, near);
    const value = first(parameter.children.expression);
    return {
      span,
      name: b.identifier(first(parameter.children.Word), span),
      type: optionalType(first(parameter.children.type), b, span),
      defaultValue: value && expression(value, b, span),
    };
  });
}
