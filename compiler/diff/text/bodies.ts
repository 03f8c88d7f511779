/** Bodies of a method: the statements in which its operators were written. Asked only where a difference was written, never whether there is one. */
import type { CheckedMethod } from '../../check/check.ts';
import type { CallFrame } from '../../check/values.ts';
import type { Span } from '../../source/source.ts';
import type { InferBlock, MethodMember, ModuleDeclaration, Parameter } from '../../syntax/ast.ts';
import { identifiers, isTree, partsOf, type Tree } from './fingerprint.ts';

/** One statement, without those inside it. */
export interface Leaf {
  readonly tree: Tree;
  /** The body in which it stands: empty for the method, else `infer NAME` or the module. */
  readonly body: string;
  /** Names that it declares. */
  readonly declares: readonly string[];
  /** Blocks around it, innermost first. */
  readonly within: readonly Tree[];
}

export interface Body {
  readonly name: string;
  readonly leaves: readonly Leaf[];
  /** Names that mean something in this body: declared ones, parameters, settings. */
  readonly locals: ReadonlySet<string>;
  /** Parameters with their defaults, of modules. */
  readonly parameters: readonly Parameter[];
  /** The body whose names can be used in this one. */
  readonly outer: Body | undefined;
}

/** Statements that hold others are blocks; these stand for themselves. */
const LEAVES: ReadonlySet<string> = new Set([
  'let',
  'layer',
  'hyper',
  'weight',
  'state',
  'after_step',
  'input',
  'random',
  'loss',
  'watch',
  'require',
  'return',
  'assignment',
  'shadow',
  'parameter',
]);
const APART: ReadonlySet<string> = new Set(['train', 'pipeline', 'infer', 'paper', 'supervision', 'module']);

/** All bodies of one method that was checked. */
export class Bodies {
  readonly method: Body;
  readonly #infer = new Map<string, Body>();
  readonly #modules = new Map<ModuleDeclaration, Body>();
  readonly #local: ReadonlySet<object>;
  readonly #named = new Map<string, Body>();

  constructor({ source }: Pick<CheckedMethod, 'source'>) {
    const members: readonly MethodMember[] = source.members;
    this.method = bodyOf(
      '',
      members.filter((m) => !APART.has(m.kind)),
      [],
      undefined,
    );
    for (const member of members) if (member.kind === 'infer') this.#infer.set(member.name.text, this.#inferBody(member));
    this.#local = new Set<object>(members.filter((m) => m.kind === 'module'));
    for (const [name, bound] of source.file.names)
      if (bound.declaration.kind === 'module') this.#named.set(name, this.module(bound.declaration));
    for (const member of members) if (member.kind === 'module') this.#named.set(member.name.text, this.module(member));
  }

  infer(name: string): Body | undefined {
    return this.#infer.get(name);
  }

  module(declaration: ModuleDeclaration): Body {
    let body = this.#modules.get(declaration);
    if (!body) {
      const parameters = [...(declaration.config ?? []), ...declaration.params];
      body = bodyOf(declaration.name.text, declaration.body, parameters, this.#local.has(declaration) ? this.method : undefined);
      this.#modules.set(declaration, body);
      // Modules of imported files are met when they are called.
      if (!this.#named.has(body.name)) this.#named.set(body.name, body);
    }
    return body;
  }

  /** The module of this name, as this side knows it. */
  named(name: string): Body | undefined {
    return this.#named.get(name);
  }

  /** The body in which a call stands; for those outside all calls, the inference program or the method. */
  of(frame: CallFrame | undefined, span: Span, program: string | undefined): Body {
    if (frame) return this.module(frame.declaration);
    const infer = program === undefined ? undefined : this.#infer.get(program);
    return infer && leafAt(infer, span) ? infer : this.method;
  }

  #inferBody(block: InferBlock): Body {
    return bodyOf(`infer ${block.name.text}`, block.body, block.params, this.method);
  }
}

function bodyOf(name: string, statements: readonly object[], parameters: readonly Parameter[], outer: Body | undefined): Body {
  const leaves: Leaf[] = [];
  const collect = (tree: unknown, within: readonly Tree[]): void => {
    if (Array.isArray(tree)) for (const item of tree) collect(item, within);
    else if (isTree(tree) && LEAVES.has(tree.kind)) leaves.push({ tree, body: name, declares: declaredBy(tree), within });
    else if (typeof tree === 'object' && tree !== null) {
      const around = isTree(tree) ? [tree, ...within] : within;
      for (const [, value] of partsOf(tree)) collect(value, around);
    }
  };
  collect(statements, []);
  const locals = new Set([...leaves.flatMap((leaf) => leaf.declares), ...parameters.map((p) => p.name.text)]);
  return { name, leaves, locals: outer ? new Set([...outer.locals, ...locals]) : locals, parameters, outer };
}

function declaredBy(tree: Tree): readonly string[] {
  if ('names' in tree) return [...identifiers(tree.names)];
  if ('name' in tree) return [...identifiers(tree.name)];
  return [];
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;
}

/** The statement of a body in which a place lies. */
export function leafAt(body: Body, span: Span): Leaf | undefined {
  return body.leaves.find((leaf) => contains(leaf.tree.span, span));
}
