/**
 * Inference programs of a method: one photo in, and what the pipeline knows of it (its tags, maps, masks and saliency, a group of partners); one
 * tensor or a record of tensors out.
 */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { InferPart } from '../ir/program.ts';
import type { Kind, Node } from '../ops/graph.ts';
import { type Dim, nameOf, show, showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { InferBlock, NamedType, Parameter, RecordType } from '../syntax/ast.ts';
import type { ArtefactType } from './artefacts.ts';
import { declareSizes } from './data/inputs.ts';
import { type Elaboration, inputTraits } from './elaboration.ts';
import type { MethodInstance } from './method.ts';
import { Scope } from './scope.ts';
import { checkResult, kindOfType } from './signature.ts';
import { runBody } from './statements.ts';
import { requiredSupervision } from './supervision.ts';
import { describe, type Reference, tensor, type Value } from './values.ts';

/** What a program returns alone has this name; what it returns in a record has the names of the fields. */
export const ONLY_RESULT = 'result';

export interface InferResult {
  readonly name: string;
  readonly node: Node;
}

/** A parameter that a stage fills with an artefact of one of these types. */
export interface InferArtefact {
  readonly name: string;
  readonly accepts: readonly ArtefactType[];
  readonly node: Node;
}

export interface InferProgram {
  readonly results: readonly InferResult[];
  readonly photo: { readonly height: string; readonly width: string };
  readonly readsTags: boolean;
  readonly artefacts: readonly InferArtefact[];
  /** Parameters that a stage fills with partners that it draws. */
  readonly groups: readonly string[];
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

/** What an artefact parameter of a kind reads, and which artefacts it takes. */
const ARTEFACTS: Readonly<
  Partial<Record<Kind, { readonly part: InferPart; readonly accepts: readonly ArtefactType[]; readonly rank: 3 | 4 }>>
> = {
  cam: { part: 'cams', accepts: ['cams'], rank: 4 },
  logits: { part: 'maps', accepts: ['maps'], rank: 4 },
  probabilities: { part: 'maps', accepts: ['maps'], rank: 4 },
  features: { part: 'maps', accepts: ['maps'], rank: 4 },
  boundary: { part: 'maps', accepts: ['boundary', 'maps'], rank: 4 },
  labels: { part: 'masks', accepts: ['masks'], rank: 3 },
  saliency: { part: 'saliency', accepts: ['saliency'], rank: 3 },
};

/** Words of the stage itself, which no parameter of a program may have. */
export const STAGE_WORDS: readonly string[] = ['net', 'program', 'on', 'save', 'limit', 'checkpoint'];

/** Fields of a group of partners. */
const GROUP_FIELDS = ['image', 'tags', 'drawn'] as const;

class InferReader {
  readonly #E: Elaboration;
  readonly #block: InferBlock;
  readonly #given: GivenParameters | undefined;
  readonly #scope: Scope;
  #photo: { readonly height: string; readonly width: string } | undefined;
  #readsTags = false;
  readonly #artefacts: InferArtefact[] = [];
  readonly #groups: string[] = [];
  readonly #supervision: readonly string[] | undefined;

  constructor(E: Elaboration, method: MethodInstance, block: InferBlock, given: GivenParameters | undefined) {
    this.#E = E;
    this.#supervision = method.supervision;
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
    this.#checkSides(results ?? [], photo);
    return results && { results, photo, readsTags: this.#readsTags, artefacts: this.#artefacts, groups: this.#groups, scope };
  }

  /** A map as wide as the photo is high, and as high as it is wide, lies over no photo. */
  #checkSides(results: readonly InferResult[], { height, width }: { readonly height: string; readonly width: string }): void {
    if (height === width) return;
    for (const { name, node } of results) {
      const { shape } = node.type;
      if (shape.length < 3 || show(shape[1]) !== width || show(shape[2]) !== height) continue;
      const where = name === ONLY_RESULT ? `the result of ${this.#block.name.text}` : `${this.#block.name.text}.${name}`;
      this.#E.report(
        'dimension-mismatch',
        this.#block.name.span,
        { where, expected: `height ${height} and width ${width}, as the photo has them`, found: `height ${width} and width ${height}` },
        { hint: 'a size is written height first' },
      );
      return;
    }
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
    if (STAGE_WORDS.includes(p.name.text)) {
      E.report(
        'duplicate-name',
        p.name.span,
        { name: p.name.text },
        { hint: `a stage says ${p.name.text}: … itself; call the parameter something else` },
      );
      return false;
    }
    if (p.type?.kind === 'record_type') return this.#groupParameter(p, p.type);
    if (p.type?.kind !== 'named_type' || !p.type.dims) {
      E.report('type-mismatch', p.span, { where: p.name.text, wanted: 'a type with sizes, such as Image[1, h, w, 3]', found: 'none' });
      return false;
    }
    const kind = kindOfType(E, p.type);
    const shape = kind && declareSizes(E, p.type.dims, this.#scope, `the parameter ${p.name.text}`);
    if (!shape) return false;
    if (kind === 'image') return this.#photoParameter(p, p.type, shape);
    if (kind === 'tags') return this.#tagsParameter(p, shape);
    return this.#artefactParameter(p, p.type, kind, shape);
  }

  /** `maps: Cam[1, h, w, K]`: what an earlier stage made of the photo. */
  #artefactParameter(p: Parameter, type: NamedType, kind: Kind, shape: readonly Dim[]): boolean {
    const E = this.#E;
    const form = ARTEFACTS[kind];
    if (!form) {
      E.report('kind-mismatch', p.span, {
        where: `a parameter of the infer program ${this.#block.name.text}`,
        wanted: 'an Image, Tags, or what a stage makes: Cam, Logits, Probabilities, Features, Boundary, Labels, Saliency',
        found: kind,
      });
      return false;
    }
    if (shape.length !== form.rank) {
      const wanted = `${type.name.text}[1, h, w${form.rank === 4 ? ', K' : ''}]`;
      E.report('type-mismatch', type.span, { where: p.name.text, wanted, found: showShape(shape) });
      return false;
    }
    const needs = kind === 'saliency' ? requiredSupervision(kind) : undefined;
    if (needs && this.#supervision && !needs.some((level) => this.#supervision?.includes(level))) {
      E.report(
        'supervision-violation',
        p.span,
        { name: p.name.text, needs: needs.join(' or '), declared: this.#supervision.join(' + ') || 'none' },
        { hint: `either drop the parameter, or say so: supervision ${[...this.#supervision, needs[0]].join(' + ')}` },
      );
      return false;
    }
    const { dtype, range } = inputTraits(kind);
    const name = this.#given?.get(p.name.text)?.[0]?.key ?? p.name.text;
    const node = E.input('batch', name, { dtype, shape }, kind, range, p.span);
    E.inferInputs.set(name, { part: form.part, steps: [] });
    this.#artefacts.push({ name: p.name.text, accepts: form.accepts, node });
    this.#define(p, tensor(node));
    return true;
  }

  /** `related: { image: Image[M, h, w, 3], drawn: Tags[M, K] }`: partners that the stage draws, M of them. */
  #groupParameter(p: Parameter, type: RecordType): boolean {
    const E = this.#E;
    const group = p.name.text;
    const fields = new Map<string, Value>();
    let first: { readonly dim: Dim; readonly name: string } | undefined;
    for (const field of type.fields) {
      const name = GROUP_FIELDS.find((known) => known === field.name.text);
      const wanted = name === 'image' ? 'Image[M, h, w, 3]' : 'Tags[M, K]';
      if (!name || field.type.kind !== 'named_type' || !field.type.dims) {
        E.report('type-mismatch', field.name.span, {
          where: `the group of partners ${group}`,
          wanted: name
            ? `${name}: ${wanted}`
            : 'image: Image[M, h, w, 3], tags: Tags[M, K] (theirs), drawn: Tags[M, K] (the class of each)',
          found: field.name.text,
        });
        return false;
      }
      const kind = kindOfType(E, field.type);
      const shape = kind && declareSizes(E, field.type.dims, this.#scope, `${group}.${name}`);
      if (!shape) return false;
      const count = nameOf(shape[0]);
      if (kind !== (name === 'image' ? 'image' : 'tags') || shape.length !== (name === 'image' ? 4 : 2) || !count) {
        E.report('type-mismatch', field.type.span, {
          where: `${group}.${name}`,
          wanted,
          found: `${field.type.name.text}${showShape(shape)}`,
        });
        return false;
      }
      if (first && first.name !== count) {
        E.report('type-mismatch', field.type.span, {
          where: `${group}.${name}`,
          wanted: `as many as the rest of the group: ${first.name}`,
          found: count,
        });
        return false;
      }
      first ??= { dim: shape[0], name: count };
      if (name === 'image') {
        fields.set(name, { kind: 'photo', photo: { name: group, count: shape[0], height: shape[1], width: shape[2], steps: [] } });
        continue;
      }
      const input = `${group}.${name}`;
      fields.set(name, tensor(E.input('batch', input, { dtype: 'f32', shape }, 'tags', inputTraits('tags').range, field.type.span)));
      E.inferInputs.set(input, { part: name, group, steps: [] });
    }
    this.#readsTags = true;
    this.#groups.push(group);
    this.#define(p, { kind: 'record', fields });
    return true;
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
    this.#E.inferInputs.set(key, { part: 'tags', steps: [] });
    return true;
  }

  #define(p: Parameter, value: Value): void {
    this.#scope.define(p.name.text, value, 'parameter', p.name.span);
  }
}
