/** Tensor parameters and results: kinds, and sizes bound from what is given. */
import type { Label } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Kind, Node } from '../ops/graph.ts';
import { compare } from '../shape/compare.ts';
import { add, constant, constantOf, type Dim, exactDiv, show, showShape, subtract, variable } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Expression, NamedType, Parameter, RecordType, TypeExpression } from '../syntax/ast.ts';
import { type Elaboration, inputTraits, named } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { accepts, conversion, TYPE_KINDS } from './kinds.ts';
import { dimOf, reportUncalled, toNode } from './nodes.ts';
import { pairOf } from './obligations.ts';
import { distinct, originLabels, sizeHint } from './origins.ts';
import { referenceNode } from './references.ts';
import type { Scope } from './scope.ts';
import { checkStatic, isStaticType, STATIC_TYPES } from './static-types.ts';
import { describe, POISON, size, tensor, type Value } from './values.ts';

export function kindOfType(E: Elaboration, type: NamedType): Kind | undefined {
  const kind = TYPE_KINDS[type.name.text];
  if (!kind)
    E.report(
      'unknown-type',
      type.name.span,
      { name: type.name.text },
      {
        hint:
          didYouMean(type.name.text, [...Object.keys(TYPE_KINDS), ...STATIC_TYPES]) ??
          `types of tensors are ${Object.keys(TYPE_KINDS).join(', ')}`,
      },
    );
  return kind;
}

/** Checks a value against a parameter's type and binds the sizes its type names. Returns the value as seen inside; POISON after a report. */
export function bindTyped(
  E: Elaboration,
  callee: string,
  p: Parameter,
  value: Value,
  scope: Scope,
  at: Span,
  others: readonly Parameter[] = [],
): Value {
  if (value.kind === 'poison') return POISON;
  if (p.type?.kind !== 'named_type' || !isStaticType(p.type.name.text)) return bindTensor(E, callee, p, value, scope, at, others);
  return checkStatic(E, `${p.name.text} of ${callee}`, value, p.type, at) ? value : POISON;
}

function bindTensor(
  E: Elaboration,
  callee: string,
  p: Parameter,
  value: Value,
  scope: Scope,
  at: Span,
  others: readonly Parameter[],
): Value {
  const type = p.type!;
  if (type.kind === 'record_type') {
    if (value.kind === 'record') return bindRecord(E, callee, p.name.text, type, value.fields, scope, at);
    const wanted = `a record { ${type.fields.map((f) => f.name.text).join(', ')} }`;
    E.report('type-mismatch', at, { where: `${p.name.text} of ${callee}`, wanted, found: describe(value) });
    return POISON;
  }
  if (type.kind === 'tuple_type') {
    E.report('type-mismatch', type.span, {
      where: `the parameter ${p.name.text}`,
      wanted: 'a tensor, a record or a static type',
      found: 'a tuple',
    });
    return POISON;
  }
  const kind = kindOfType(E, type);
  if (!kind) return POISON;
  if (value.kind === 'reference') {
    const node = referenceNode(E, value.reference, kind, type.dims, scope, at);
    // A tensor that another call has read has its sizes already: this signature's names bind to them.
    return type.dims && !bindSizes(E, `${p.name.text} of ${callee}`, type.dims, node, scope, at) ? POISON : tensor(node);
  }
  if (value.kind === 'list' || value.kind === 'record' || value.kind === 'instance' || value.kind === 'module' || value.kind === 'photo') {
    const swapped = others.find((o) => o !== p && o.type?.kind === 'named_type' && isStaticType(o.type.name.text));
    const layer = value.kind === 'instance' || value.kind === 'list';
    if (layer && swapped)
      E.report(
        'type-mismatch',
        at,
        { where: `${p.name.text} of ${callee}`, wanted: `a tensor (${type.name.text})`, found: describe(value) },
        { hint: orderOf(callee, others) },
      );
    else if (!reportUncalled(E, value, at))
      E.report('type-mismatch', at, {
        where: `${p.name.text} of ${callee}`,
        wanted: `a tensor (${type.name.text})`,
        found: describe(value),
      });
    return POISON;
  }
  const node = toNode(E, value, at, `${p.name.text} of ${callee}`);
  if (!node) return POISON;
  if (!accepts(kind, node.kind)) {
    const fits = others.some((o) => o !== p && o.type?.kind === 'named_type' && TYPE_KINDS[o.type.name.text] === node.kind);
    reportKind(E, `${p.name.text} of ${callee}`, kind, node, at, fits ? orderOf(callee, others) : undefined);
    return POISON;
  }
  if (type.dims && !bindSizes(E, `${p.name.text} of ${callee}`, type.dims, node, scope, at)) return POISON;
  return tensor(node);
}

/** A record holds the fields that its type names, each as its own type wants it, and no others. */
function bindRecord(
  E: Elaboration,
  callee: string,
  name: string,
  type: RecordType,
  given: ReadonlyMap<string, Value>,
  scope: Scope,
  at: Span,
): Value {
  const wanted = type.fields.map((f) => f.name.text);
  const extra = [...given.keys()].find((field) => !wanted.includes(field));
  if (extra !== undefined) {
    const hint = didYouMean(extra, wanted) ?? `it has ${wanted.join(', ')}`;
    E.report('unknown-member', at, { object: `the record ${name} of ${callee}`, name: extra }, { hint });
    return POISON;
  }
  const fields = new Map<string, Value>();
  for (const f of type.fields) {
    const value = given.get(f.name.text);
    if (!value) {
      const labels = [{ span: f.name.span, text: 'declared here' }];
      E.report('missing-argument', at, { callee: `the record ${name} of ${callee}`, name: f.name.text }, { labels });
      return POISON;
    }
    const field: Parameter = {
      span: f.name.span,
      name: { ...f.name, text: `${name}.${f.name.text}` },
      type: f.type,
      defaultValue: undefined,
    };
    const bound = bindTyped(E, callee, field, value, scope, at);
    if (bound.kind === 'poison') return POISON;
    fields.set(f.name.text, bound);
  }
  return { kind: 'record', fields };
}

/** What the arguments are, in order. */
function orderOf(callee: string, params: readonly Parameter[]): string {
  return `its arguments are, in order: ${callee}(${params.map((p) => p.name.text).join(', ')})`;
}

export function reportKind(E: Elaboration, where: string, wanted: Kind, node: Node, at: Span, order?: string): void {
  const labels =
    node.span && node.span !== at && node.span.file === E.session.root.spec.source
      ? [{ span: node.span, text: `${node.name ?? 'this'} is ${node.kind}` }]
      : [];
  if (wanted === 'logits' && node.kind === 'probabilities')
    E.report(
      'probabilities-for-logits',
      at,
      { callee: where, squash: 'sigmoid or softmax' },
      { labels, hint: conversion(wanted, node.kind) },
    );
  else if (wanted === 'probabilities' && node.kind === 'logits')
    E.report('logits-for-probabilities', at, { callee: where }, { labels, hint: conversion(wanted, node.kind) });
  else
    E.report(
      'kind-mismatch',
      at,
      { where, wanted, found: node.kind },
      { labels, hint: order ?? conversion(wanted, node.kind), cause: `${wanted}: ${node.kind}` },
    );
}

/**
 * Matches the sizes of a tensor with those a signature names: first the bare names, then the patterns `a*v + b` with one unknown, then the rest
 * is compared. Names already bound (earlier parameters, configuration) are fixed.
 */
export function bindSizes(E: Elaboration, where: string, dims: readonly Expression[], node: Node, scope: Scope, at: Span): boolean {
  const actual = node.type.shape;
  if (dims.length !== actual.length) {
    const bare = actual.length === 3 && dims.length === 4 && node.kind === 'image';
    const hint = bare
      ? 'the batch axis is missing'
      : node.kind === 'labels' && dims.length === actual.length + 1
        ? 'labels have no channels: use the maps before argmax'
        : actual.length > dims.length && actual.length === 4
          ? 'reduce it first, for example over: space'
          : undefined;
    E.report(
      'rank-mismatch',
      at,
      { operation: where, expected: dims.length, found: showShape(actual), rank: actual.length },
      { hint, labels: [...ofWhat(E, node, at)], notes: [`its signature wants [${dims.map(sourceOf).join(', ')}]`] },
    );
    return false;
  }
  const wanted = dims.map((d) => (d.kind === 'name' && !scope.find(d.name.text) ? d.name.text : undefined));
  for (const [i, name] of wanted.entries())
    if (name !== undefined && !scope.own(name)) scope.define(name, size(actual[i]), 'size', dims[i].span, node);
  for (const [i, d] of dims.entries()) {
    if (wanted[i] !== undefined && wanted.indexOf(wanted[i]) === i) continue;
    const unknown = unknownIn(d, scope);
    if (unknown) {
      const solved = solve(E, d, unknown, actual[i], scope);
      if (solved) {
        scope.define(unknown, size(solved), 'size', d.span, node);
        continue;
      }
    }
    const value = evaluate(E, d, scope);
    const expected = dimOf(E, value, d.span, `a size of ${where}`);
    if (!expected) return false;
    if (expected === actual[i]) continue;
    const answer = compare(expected, actual[i], E.facts);
    if (answer === 'equal') continue;
    const turned = actual.length === 4 && i === 3 && actual[1] === expected && constantOf(expected) !== undefined;
    if (answer === 'different' || turned) {
      const axis = actual.length === 4 ? ['batch', 'height', 'width', 'channel'][i] : `axis ${i}`;
      const first = actual.length === 4 && i === 3 && compare(expected, actual[1], E.facts) === 'equal';
      if (first)
        E.report(
          'channels-first',
          at,
          { what: node.name ?? where, shape: showShape(actual) },
          { hint: 'bring the channels to the end: rearrange(x, "n c h w -> n h w c")' },
        );
      else {
        const bound = boundBy(d, scope);
        const labels = distinct([
          ...(bound ? originLabels(E, bound, expected) : []),
          ...originLabels(E, node, actual[i]),
          ...ofWhat(E, node, at),
        ]);
        E.report(
          'dimension-mismatch',
          at,
          { where: `${where}, ${axis}`, expected: show(expected), found: show(actual[i]) },
          {
            labels,
            hint: sizeHint(expected, actual[i]),
            notes: bindings(dims, scope),
            cause: pairOf({ left: expected, right: actual[i] }),
          },
        );
      }
      return false;
    }
    E.same(expected, actual[i], `${where} has ${show(expected)} along axis ${i}`, at);
  }
  return true;
}

/** The tensor that bound the first name of a size. */
function boundBy(d: Expression, scope: Scope): Node | undefined {
  if (d.kind === 'name') return scope.find(d.name.text)?.from;
  return d.kind === 'binary' ? (boundBy(d.left, scope) ?? boundBy(d.right, scope)) : undefined;
}

/** The shape of what was given, where it was made. */
function ofWhat(E: Elaboration, node: Node, at: Span): readonly Label[] {
  const span = E.authorSpan(node) ?? node.span;
  if (!span || span.file !== E.session.root.spec.source || (span.start <= at.start && at.end <= span.end)) return [];
  return [{ span, text: `${node.name ?? 'this'} has the shape ${showShape(node.type.shape)}` }];
}

function sourceOf(d: Expression): string {
  return d.span.file.text.slice(d.span.start, d.span.end);
}

function bindings(dims: readonly Expression[], scope: Scope): string[] {
  const seen: string[] = [];
  for (const d of dims) {
    if (d.kind !== 'name') continue;
    const entry = scope.find(d.name.text);
    if (!entry) continue;
    const value = entry.value();
    if (value.kind === 'number') seen.push(`${d.name.text} is ${value.value}`);
    else if (value.kind === 'dim' && show(value.dim) !== d.name.text) seen.push(`${d.name.text} is ${show(value.dim)}`);
  }
  return seen.length > 0 ? [`in the signature it is called with, ${seen.join(', ')}`] : [];
}

/** The one name in a size expression that nothing has bound yet; undefined when there is none or more than one. */
function unknownIn(expression: Expression, scope: Scope): string | undefined {
  const found = new Set<string>();
  const walk = (e: Expression): void => {
    if (e.kind === 'name' && !scope.find(e.name.text)) found.add(e.name.text);
    else if (e.kind === 'binary') {
      walk(e.left);
      walk(e.right);
    } else if (e.kind === 'call') for (const a of e.args) walk(a.value);
  };
  walk(expression);
  return found.size === 1 ? [...found][0] : undefined;
}

/** Solves a pattern linear in `name` against a size. */
function solve(E: Elaboration, expression: Expression, name: string, actual: Dim, scope: Scope): Dim | undefined {
  if (expression.kind !== 'binary' || (expression.operator !== '+' && expression.operator !== '-' && expression.operator !== '*'))
    return undefined;
  const hidden = variable(`?${name}`);
  const trial = (dim: Dim): Dim | undefined => {
    const inner = Object.create(scope, {}) as Scope;
    inner.find = (wanted: string) =>
      wanted === name ? { span: undefined, what: 'size', value: () => size(dim), used: true } : scope.find(wanted);
    const value = evaluate(E, expression, inner);
    return value.kind === 'dim' ? value.dim : value.kind === 'number' ? constant(value.value) : undefined;
  };
  const general = trial(hidden);
  const atZero = trial(constant(0));
  const atOne = trial(constant(1));
  if (!general || !atZero || !atOne) return undefined;
  const slope = subtract(atOne, atZero);
  // Linear: the value at 2 lies on the line.
  const atTwo = trial(constant(2));
  if (!atTwo || atTwo !== add(atOne, slope)) return undefined;
  const rest = subtract(actual, atZero);
  const solved = constantOf(slope) === 1 ? rest : exactDiv(rest, slope);
  if (!solved) return undefined;
  const fixed = constantOf(solved);
  return fixed !== undefined && fixed < 1 ? undefined : solved;
}

/** Checks what a module returns against its declared type, and gives it the declared kind. */
export function checkResult(E: Elaboration, callee: string, type: TypeExpression, value: Value, scope: Scope, at: Span): Value {
  if (value.kind === 'poison') return POISON;
  if (type.kind === 'record_type') {
    if (value.kind !== 'record') {
      E.report('type-mismatch', type.span, { where: `the result of ${callee}`, wanted: 'a record', found: describe(value) });
      return POISON;
    }
    const fields = new Map(value.fields);
    for (const f of type.fields) {
      const found = fields.get(f.name.text);
      if (!found) {
        E.report('missing-argument', f.name.span, { callee: `the record that ${callee} returns`, name: f.name.text });
        return POISON;
      }
      fields.set(f.name.text, named(E, checkResult(E, `${callee}.${f.name.text}`, f.type, found, scope, at), f.name.text));
    }
    return { kind: 'record', fields };
  }
  if (type.kind === 'tuple_type') {
    if (value.kind !== 'tuple' || value.items.length !== type.items.length) {
      E.report('type-mismatch', type.span, {
        where: `the result of ${callee}`,
        wanted: `a tuple of ${type.items.length}`,
        found: describe(value),
      });
      return POISON;
    }
    const items = value.items.map((item, i) => checkResult(E, `${callee}, value ${i + 1}`, type.items[i], item, scope, at));
    return { kind: 'tuple', items };
  }
  if (isStaticType(type.name.text) || (type.name.text === 'Tensor' && value.kind === 'list')) return value;
  const kind = kindOfType(E, type);
  if (!kind) return POISON;
  const node = toNode(E, value, at, `the result of ${callee}`);
  if (!node) return POISON;
  // What was promised stands in the signature; what was found has a place of its own.
  if (type.dims && !bindSizes(E, `the result of ${callee}`, type.dims, node, scope, type.span)) return POISON;
  return withKind(E, node, kind, type.span, `the result of ${callee}`);
}

/** The tensor under a declared kind: the same node where it has it, an `identity` that names it where the kind may be claimed, else a report. */
export function withKind(E: Elaboration, node: Node, kind: Kind, at: Span, where: string): Value {
  if (kind === 'tensor' || kind === node.kind) return tensor(node);
  if (!accepts(kind, node.kind)) {
    reportKind(E, where, kind, node, at);
    return POISON;
  }
  const traits = inputTraits(kind);
  if (traits.dtype === 'i32' && node.type.dtype !== 'i32') {
    E.report('dtype-mismatch', at, { where, wanted: 'i32', found: node.type.dtype }, { hint: 'labels come from argmax, or from int(x)' });
    return POISON;
  }
  return E.op('identity', [node], { kind }, at);
}
