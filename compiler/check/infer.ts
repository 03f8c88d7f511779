/** Inference programs of a method: one photo in, one tensor or a record of tensors out. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Node } from '../ops/graph.ts';
import { type Dim, nameOf, showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { InferBlock, NamedType, Parameter } from '../syntax/ast.ts';
import { declareSizes } from './data/inputs.ts';
import { type Elaboration, inputTraits } from './elaboration.ts';
import type { MethodInstance } from './method.ts';
import { Scope } from './scope.ts';
import { checkResult, kindOfType } from './signature.ts';
import { runBody } from './statements.ts';
import { describe, type Reference, tensor, type Value } from './values.ts';

/** What a program returns alone has this name; what it returns in a record has the names of the fields. */
export const ONLY_RESULT = 'result';

export interface InferResult {
  readonly name: string;
  readonly node: Node;
}

export interface InferProgram {
  readonly results: readonly InferResult[];
  readonly photo: { readonly height: string; readonly width: string };
  readonly readsTags: boolean;
  /** Parameters and what the body defines. */
  readonly scope: Scope;
}

/** Tensors of a reference file in the place of a program's inputs, by parameter: the photo's in the order in which the program makes them. */
export type GivenParameters = ReadonlyMap<string, readonly Reference[]>;

/** Elaborates one inference program; undefined after a report. In a case its inputs are tensors of the file. */
export function elaborateInfer(
  E: Elaboration,
  method: MethodInstance,
  block: InferBlock,
  given?: GivenParameters,
): InferProgram | undefined {
  return E.inferring(() => new InferReader(E, method, block, given).read());
}

/** The inference program of this name, or a report. */
export function inferNamed(E: Elaboration, method: MethodInstance, name: string, at: Span): InferBlock | undefined {
  const blocks = method.source.members.flatMap((m) => (m.kind === 'infer' ? [m] : []));
  const found = blocks.find((block) => block.name.text === name);
  const names = blocks.map((block) => block.name.text);
  if (!found)
    E.report(
      'unknown-program',
      at,
      { method: method.name, program: name },
      { hint: didYouMean(name, names) ?? (names.length > 0 ? `it has ${names.join(', ')}` : 'it has none') },
    );
  return found;
}

class InferReader {
  readonly #E: Elaboration;
  readonly #block: InferBlock;
  readonly #given: GivenParameters | undefined;
  readonly #scope: Scope;
  #photo: { readonly height: string; readonly width: string } | undefined;
  #readsTags = false;

  constructor(E: Elaboration, method: MethodInstance, block: InferBlock, given: GivenParameters | undefined) {
    this.#E = E;
    this.#block = block;
    this.#given = given;
    this.#scope = new Scope(method.scope(E, false));
  }

  read(): InferProgram | undefined {
    const E = this.#E;
    const block = this.#block;
    const scope = this.#scope;
    for (const p of block.params) if (!this.#parameter(p)) return undefined;
    const photo = this.#photo;
    if (!photo) {
      E.report('missing-argument', block.name.span, { callee: `infer ${block.name.text}`, name: 'photo: Image[1, h, w, 3]' });
      return undefined;
    }
    const value = runBody(E, block.body, scope, { instance: undefined, where: `infer ${block.name.text}`, returns: true });
    if (!value) {
      E.report('missing-return', block.name.span, { what: `infer ${block.name.text}` });
      return undefined;
    }
    const checked = block.returns ? checkResult(E, block.name.text, block.returns, value, scope, block.span) : value;
    const results = this.#results(checked);
    return results && { results, photo, readsTags: this.#readsTags, scope };
  }

  /** The tensors that leave the program; undefined after a report. */
  #results(value: Value): readonly InferResult[] | undefined {
    if (value.kind === 'tensor') return [{ name: ONLY_RESULT, node: value.node }];
    const results: InferResult[] = [];
    for (const [name, field] of value.kind === 'record' ? value.fields : []) {
      if (field.kind !== 'tensor') return this.#noTensor(`${this.#block.name.text}.${name}`, field);
      results.push({ name, node: field.node });
    }
    if (results.length > 0) return results;
    return this.#noTensor(`the result of ${this.#block.name.text}`, value);
  }

  #noTensor(where: string, found: Value): undefined {
    if (found.kind !== 'poison')
      this.#E.report('type-mismatch', this.#block.span, { where, wanted: 'a tensor, or a record of tensors', found: describe(found) });
    return undefined;
  }

  /** False after a report. */
  #parameter(p: Parameter): boolean {
    const E = this.#E;
    if (p.type?.kind !== 'named_type' || !p.type.dims) {
      E.report('type-mismatch', p.span, { where: p.name.text, wanted: 'a type with sizes, such as Image[1, h, w, 3]', found: 'none' });
      return false;
    }
    const kind = kindOfType(E, p.type);
    const shape = kind && declareSizes(E, p.type.dims, this.#scope, `the parameter ${p.name.text}`);
    if (!shape) return false;
    if (kind === 'image') return this.#photoParameter(p, p.type, shape);
    if (kind === 'tags') return this.#tagsParameter(p, shape);
    E.report('kind-mismatch', p.span, {
      where: `a parameter of the infer program ${this.#block.name.text}`,
      wanted: 'an Image or Tags',
      found: kind,
    });
    return false;
  }

  #photoParameter(p: Parameter, type: NamedType, shape: readonly Dim[]): boolean {
    const [height, width] = shape.length === 4 ? [nameOf(shape[1]), nameOf(shape[2])] : [];
    if (!height || !width) {
      this.#E.report('type-mismatch', type.span, {
        where: p.name.text,
        wanted: 'Image[1, h, w, 3] with names for height and width',
        found: showShape(shape),
      });
      return false;
    }
    this.#photo = { height, width };
    const references = this.#given?.get(p.name.text);
    const given = references && { references, taken: new Map<string, string>() };
    this.#define(p, { kind: 'photo', photo: { name: p.name.text, height: shape[1], width: shape[2], steps: [], given } });
    return true;
  }

  #tagsParameter(p: Parameter, shape: readonly Dim[]): boolean {
    this.#readsTags = true;
    const key = this.#given?.get(p.name.text)?.[0]?.key ?? p.name.text;
    this.#define(p, tensor(this.#E.input('batch', key, { dtype: 'f32', shape }, 'tags', inputTraits('tags').range, p.span)));
    return true;
  }

  #define(p: Parameter, value: Value): void {
    this.#scope.define(p.name.text, value, 'parameter', p.name.span);
  }
}
