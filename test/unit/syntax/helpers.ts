import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import type { Expression, SpecFile, Statement } from '../../../compiler/syntax/ast.ts';
import { parse } from '../../../compiler/syntax/parse.ts';

/** The tree of a text that must have no problem. */
export function parsed(text: string): SpecFile {
  const diagnostics = new Diagnostics();
  const file = parse(sourceFile('test.wsss', text), diagnostics);
  if (diagnostics.all.length > 0) throw new Error(renderAll(diagnostics.all));
  return file;
}

export function codes(text: string): readonly string[] {
  const diagnostics = new Diagnostics();
  parse(sourceFile('test.wsss', text), diagnostics);
  return diagnostics.all.map((d) => d.code);
}

/** The statements of a module with this body. */
export function statements(body: string): readonly Statement[] {
  const [declaration] = parsed(`module m(x: float) -> float {\n${body}\n}`).declarations;
  if (declaration?.kind !== 'module') throw new Error('not a module');
  return declaration.body;
}

export function expressionOf(text: string): Expression {
  const [statement] = statements(`return ${text}`);
  if (statement?.kind !== 'return') throw new Error('not a return');
  return statement.value;
}

/** An expression with every grouping written out. */
export function show(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'string':
      return JSON.stringify(e.value);
    case 'boolean':
      return String(e.value);
    case 'name':
      return e.name.text;
    case 'list':
      return `[${e.items.map(show).join(', ')}]`;
    case 'tuple':
      return `tuple(${e.items.map(show).join(', ')})`;
    case 'comprehension':
      return `[${show(e.element)}${e.clauses
        .map(
          (c) =>
            ` for ${c.names.map((n) => n.text).join(', ')} in ${show(c.iterable)}${c.conditions.map((i) => ` if ${show(i)}`).join('')}`,
        )
        .join('')}]`;
    case 'range':
      return `(${e.from ? show(e.from) : ''}..${e.to ? show(e.to) : ''})`;
    case 'record':
      return `{${e.fields.map((f) => `${f.name.text}: ${show(f.value)}`).join(', ')}}`;
    case 'call':
      return `${show(e.callee)}(${e.args.map((a) => (a.name ? `${a.name.text}: ` : '') + show(a.value)).join(', ')})`;
    case 'member':
      return `${show(e.object)}.${e.name.text}`;
    case 'index':
      return `${show(e.object)}[${e.items.map((i) => (i.axis ? `${i.axis.kind === 'number' ? i.axis.value : i.axis.text}: ` : '') + show(i.value)).join(', ')}]`;
    case 'unary':
      return `(${e.operator} ${show(e.operand)})`;
    case 'binary':
      return `(${show(e.left)} ${e.operator} ${show(e.right)})`;
    case 'pipe':
      return `(${show(e.left)} |> ${show(e.right)})`;
    case 'conditional':
      return `(${show(e.condition)} ? ${show(e.whenTrue)} : ${show(e.whenFalse)})`;
    case 'as':
      return `(${show(e.value)} as ${e.target.text})`;
    case 'lambda':
      return `(${e.params.map((p) => p.text).join(', ')} => ${show(e.body)})`;
    case 'error':
      return '<error>';
  }
}
