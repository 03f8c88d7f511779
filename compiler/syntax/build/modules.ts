import type { ModuleDeclarationCstNode } from '../../../grammar/cst-types.ts';
import type { ModuleDeclaration } from '../ast.ts';
import { type Builder, first } from './builder.ts';
import { body, type Head } from './statements.ts';
import { parameters, returnType } from './types.ts';

/** A module of a file or of a method. */
export function moduleDeclaration(module: ModuleDeclarationCstNode, declared: Head, b: Builder): ModuleDeclaration {
  const { span } = declared;
  const lists = (module.children.parameterList ?? []).map((list) => parameters(list, b, span));
  return {
    kind: 'module',
    ...declared,
    name: b.identifier(first(module.children.Word), span),
    config: lists.length > 1 ? lists[0] : undefined,
    params: lists[lists.length - 1] ?? [],
    returns: returnType(first(module.children.returnType), b, span),
    body: body(first(module.children.body), b, span),
  };
}
