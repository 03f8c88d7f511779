/** Layers, inputs and settings declared twice in one body (an error), and names that hide another of the same body or method (a warning). */
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { Span } from '../source/source.ts';
import type {
  Declaration,
  Identifier,
  InferBlock,
  MethodMember,
  ModuleDeclaration,
  Parameter,
  SpecFile,
  Statement,
} from '../syntax/ast.ts';
import { type Node, visit } from '../syntax/visit.ts';

interface Known {
  readonly span: Span;
  readonly what: string;
}
type Names = Map<string, Known>;

/** Names of a body over those around it: looked up in turn, never copied. */
interface Around {
  get(name: string): Known | undefined;
}

function over(own: Names, outer: Around): Around {
  return { get: (name) => own.get(name) ?? outer.get(name) };
}

export function checkShadowed(file: SpecFile, diagnostics: Diagnostics): void {
  for (const declaration of file.declarations) new Body(diagnostics).declaration(declaration);
}

class Body {
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  declaration(declaration: Declaration): void {
    if (declaration.kind === 'module') this.#module(declaration);
    else if (declaration.kind === 'method' || declaration.kind === 'variant') {
      const own = this.#statements(declaration.members, new Map());
      for (const member of declaration.members) if (member.kind === 'module') this.#module(member);
      for (const member of declaration.members) if (member.kind === 'infer') this.#infer(member, own);
    }
  }

  /** A module among the members of a method has names of its own: what it computes of its parameter is often named like what the method does. */
  #module(module: ModuleDeclaration): void {
    const outer: Names = new Map();
    this.#parameters(module.config ?? [], outer);
    this.#parameters(module.params, outer);
    this.#statements(module.body, outer);
  }

  #parameters(params: readonly Parameter[], into: Names): void {
    for (const { name } of params) {
      const first = into.get(name.text);
      if (first) this.#twice(name, first);
      else into.set(name.text, { span: name.span, what: 'the parameter' });
    }
  }

  /** An inference program has no training inputs, and what it makes of its own photo is mostly named like what training makes of a batch. */
  #infer(block: InferBlock, method: Names): void {
    const outer: Names = new Map([...method].filter(([, known]) => known.what !== 'the input' && known.what !== 'the value'));
    const params: Names = new Map();
    this.#parameters(block.params, params);
    for (const { name } of block.params) this.#hides(name, outer);
    this.#statements(block.body, over(params, outer));
  }

  #statements(body: readonly (Statement | MethodMember)[], outer: Around): Names {
    const own: Names = new Map();
    const declare = (name: Identifier, what: string, mayHide = false): void => {
      if (name.missing) return;
      const first = own.get(name.text);
      // Two values of one name are confusing; two layers, inputs or settings of one name are two things with one key.
      if (first && what === 'the value' && first.what === what) this.#hides(name, own);
      else if (first) this.#twice(name, first);
      else {
        if (!mayHide) this.#hides(name, outer);
        own.set(name.text, { span: name.span, what });
      }
    };
    const around = over(own, outer);
    for (const s of body) {
      if (s.kind === 'let') for (const name of s.names) declare(name, 'the value');
      // Keys of parameters are fixed by the checkpoint they are read from: `bias: bool` beside `weight bias`.
      else if (s.kind === 'layer' || s.kind === 'weight' || s.kind === 'state') declare(s.name, `the ${s.kind}`, true);
      else if (s.kind === 'hyper') declare(s.name, 'the setting');
      else if (s.kind === 'input') declare(s.name, 'the input');
      else if (s.kind === 'random') declare(s.name, 'the draw');
      else if (s.kind === 'module') declare(s.name, 'the module');
      if (s.kind !== 'infer' && s.kind !== 'pipeline' && s.kind !== 'module') this.#expressions(s, around);
    }
    return own;
  }

  /** Variables of comprehensions and functions. */
  #expressions(node: Node, outer: Around): void {
    visit(node, (n) => {
      if (n.kind === 'comprehension') for (const clause of n.clauses) for (const name of clause.names) this.#hides(name, outer);
      if (n.kind === 'lambda') for (const name of n.params) this.#hides(name, outer);
      return true;
    });
  }

  #twice(name: Identifier, first: Known): void {
    this.#diagnostics.report(
      'duplicate-name',
      name.span,
      { name: name.text },
      {
        labels: [{ span: first.span, text: 'first declared here' }],
        hint: 'a name means one thing in a body: give this one a name of its own',
      },
    );
  }

  #hides(name: Identifier, outer: Around): void {
    const known = outer.get(name.text);
    if (!known || name.missing || known.span === name.span) return;
    this.#diagnostics.report(
      'shadowed-name',
      name.span,
      { name: name.text, what: known.what },
      { labels: [{ span: known.span, text: `${known.what} is declared here` }], hint: 'give it a name of its own' },
    );
  }
}
