/** Expressions: from syntax to values. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Node } from '../ops/graph.ts';
import { constant, type Dim, show } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { BinaryOperator, ComprehensionClause, Expression, IndexExpression, MemberExpression } from '../syntax/ast.ts';
import { call } from './call.ts';
import { type Elaboration, named } from './elaboration.ts';
import { KIND_WORDS } from './kinds.ts';
import { memberOfInstance } from './modules.ts';
import { referenceNode } from './references.ts';
import { Scope, TRAINING_INPUT } from './scope.ts';
import { asDim, staticBinary } from './statics.ts';
import { describe, list, number, POISON, size, tensor, type Value } from './values.ts';
import { WORDS } from './words.ts';

const STATIC_LIMIT = 100_000;

export function evaluate(E: Elaboration, expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'number':
      return number(expression.value, expression.integer);
    case 'string':
      return { kind: 'string', value: expression.value };
    case 'boolean':
      return { kind: 'boolean', value: expression.value };
    case 'name':
      return lookUp(E, expression.name.text, expression.span, scope, expression.name.missing);
    case 'list':
      return list(expression.items.map((item) => evaluate(E, item, scope)));
    case 'tuple':
      return { kind: 'tuple', items: expression.items.map((item) => evaluate(E, item, scope)) };
    case 'comprehension': {
      const items: Value[] = [];
      return comprehend(E, expression.clauses, 0, scope, expression.element, items) ? list(items) : POISON;
    }
    case 'range':
      return {
        kind: 'range',
        from: expression.from && evaluate(E, expression.from, scope),
        to: expression.to && evaluate(E, expression.to, scope),
      };
    case 'record':
      return {
        kind: 'record',
        fields: new Map(expression.fields.map((f) => [f.name.text, named(E, evaluate(E, f.value, scope), f.name.text)] as const)),
      };
    case 'call':
      return call(E, expression, scope);
    case 'member':
      return member(E, expression, scope);
    case 'index':
      return index(E, expression, scope);
    case 'unary': {
      const value = evaluate(E, expression.operand, scope);
      if (value.kind === 'poison') return POISON;
      if (expression.operator === 'not') {
        if (value.kind === 'boolean') return { kind: 'boolean', value: !value.value };
        const node = toNode(E, value, expression.span, 'not');
        return node ? E.op('logical_not', [node], {}, expression.span) : POISON;
      }
      if (value.kind === 'number') return number(-value.value, value.integer);
      if (value.kind === 'dim') return binary(E, '-', number(0), value, expression.span);
      const node = toNode(E, value, expression.span, 'the minus sign');
      return node ? E.op('neg', [node], {}, expression.span) : POISON;
    }
    case 'binary':
      return binary(E, expression.operator, evaluate(E, expression.left, scope), evaluate(E, expression.right, scope), expression.span);
    case 'pipe': {
      const left = evaluate(E, expression.left, scope);
      if (expression.right.kind === 'call') return call(E, expression.right, scope, { value: left, span: expression.left.span });
      // `x |> relu`: a name alone is called with the left side.
      return call(E, { kind: 'call', span: expression.span, callee: expression.right, args: [] }, scope, {
        value: left,
        span: expression.left.span,
      });
    }
    case 'conditional': {
      const condition = evaluate(E, expression.condition, scope);
      if (condition.kind === 'poison') return POISON;
      if (condition.kind !== 'boolean') {
        E.report(
          'not-static',
          expression.condition.span,
          { where: 'the condition before ?', what: describe(condition) },
          { hint: 'use where(condition, a, b) to choose element by element' },
        );
        return POISON;
      }
      return evaluate(E, condition.value ? expression.whenTrue : expression.whenFalse, scope);
    }
    case 'as': {
      const value = evaluate(E, expression.value, scope);
      const kind = KIND_WORDS[expression.target.text] ?? (expression.target.text === 'loss' ? 'loss' : undefined);
      if (!kind) {
        E.report(
          'unknown-kind',
          expression.target.span,
          { name: expression.target.text },
          { hint: didYouMean(expression.target.text, Object.keys(KIND_WORDS)) },
        );
        return POISON;
      }
      const node = toNode(E, value, expression.span, `as ${kind}`);
      if (!node) return POISON;
      if (node.kind === kind) {
        // Inside a module the kind depends on the call, and `as` may be needed for another.
        if (E.callees.length === 0) E.report('needless-as', expression.target.span, { kind });
        return tensor(node);
      }
      return E.op('identity', [node], { kind }, expression.span);
    }
    case 'lambda':
      return { kind: 'lambda', params: expression.params, body: expression.body, scope };
    case 'error':
      return POISON;
  }
}

function lookUp(E: Elaboration, name: string, at: Span, scope: Scope, missing: boolean): Value {
  const entry = scope.find(name, at);
  if (entry) {
    entry.used = true;
    if (entry.computing) E.report('circular-name', at, { name });
    if (entry.what === TRAINING_INPUT)
      E.report(
        'training-input',
        at,
        { name },
        { hint: 'an infer program reads its own parameters: the photo, and tags where they are given' },
      );
    return entry.value();
  }
  if (name === 'training') return { kind: 'boolean', value: E.training };
  if (WORDS.has(name)) return { kind: 'symbol', name };
  if (!missing && !scope.lacks(name)) unknownName(E, name, at, [...scope.names(), ...WORDS]);
  return POISON;
}

/** A name of the library that no import brings, or one that nothing has: told once, however often it is used. */
function unknownName(E: Elaboration, name: string, at: Span, candidates: readonly string[]): void {
  const home = E.session.homeOf?.(name);
  if (home === undefined) {
    E.report('unknown-name', at, { name }, { cause: name, hint: didYouMean(name, candidates) });
    return;
  }
  const last = E.session.root.spec.imports.at(-1);
  const line = `import "${home}"`;
  const edit = last && { span: { file: last.span.file, start: last.span.end, end: last.span.end }, text: `\n${line}` };
  E.report(
    'missing-import',
    at,
    { name, file: home },
    { cause: home, hint: `at the top of the file: ${line}`, fix: edit && { title: line, edits: [edit] } },
  );
}

function comprehend(
  E: Elaboration,
  clauses: readonly ComprehensionClause[],
  depth: number,
  scope: Scope,
  element: Expression,
  into: Value[],
): boolean {
  if (depth === clauses.length) {
    if (into.length >= STATIC_LIMIT) {
      E.report('static-limit', element.span, { what: 'this list', count: `more than ${STATIC_LIMIT}`, limit: STATIC_LIMIT });
      return false;
    }
    into.push(evaluate(E, element, scope));
    return true;
  }
  const clause = clauses[depth];
  const items = iterate(E, evaluate(E, clause.iterable, scope), clause.iterable.span);
  if (!items) return false;
  for (const item of items) {
    const inner = new Scope(scope);
    if (clause.names.length === 1) inner.define(clause.names[0].text, item, 'loop variable', clause.names[0].span);
    else {
      const parts = item.kind === 'tuple' || item.kind === 'list' ? item.items : undefined;
      if (!parts || parts.length !== clause.names.length) {
        E.report('static-type', clause.iterable.span, {
          where: 'this loop',
          wanted: `tuples of ${clause.names.length}`,
          found: describe(item),
        });
        return false;
      }
      for (const [i, n] of clause.names.entries()) inner.define(n.text, parts[i], 'loop variable', n.span);
    }
    let keep = true;
    for (const condition of clause.conditions) {
      const value = evaluate(E, condition, inner);
      if (value.kind === 'poison') return false;
      if (value.kind !== 'boolean') {
        E.report('not-static', condition.span, { where: 'a condition in a list', what: describe(value) });
        return false;
      }
      keep &&= value.value;
    }
    if (keep && !comprehend(E, clauses, depth + 1, inner, element, into)) return false;
  }
  return true;
}

/** The elements of a list or of a range of whole numbers (its end left out). */
export function iterate(E: Elaboration, value: Value, at: Span): readonly Value[] | undefined {
  if (value.kind === 'list' || value.kind === 'tuple') return value.items;
  if (value.kind === 'range' && value.to?.kind === 'number' && (value.from === undefined || value.from.kind === 'number')) {
    const from = value.from?.kind === 'number' ? value.from.value : 0;
    const count = Math.max(0, Math.floor(value.to.value) - from);
    if (count > STATIC_LIMIT) {
      E.report('static-limit', at, { what: 'this range', count, limit: STATIC_LIMIT });
      return undefined;
    }
    return Array.from({ length: count }, (_, i) => number(from + i, true));
  }
  if (value.kind !== 'poison') E.report('not-iterable', at, { found: describe(value) });
  return undefined;
}

/** A value as a tensor: numbers and sizes become rank-0 constants. */
export function toNode(E: Elaboration, value: Value, at: Span, where: string, like?: Node): Node | undefined {
  switch (value.kind) {
    case 'tensor':
      return value.node;
    case 'number':
      return E.node('const', [], { value: value.value, dtype: like?.type.dtype === 'i32' && value.integer ? 'i32' : 'f32' }, at);
    case 'dim':
      return E.node('dim', [], { value: value.dim, dtype: like?.type.dtype === 'i32' ? 'i32' : 'f32' }, at);
    case 'scaled': {
      const base = E.node('dim', [], { value: value.dim, dtype: 'f32' }, at);
      const factor = E.node('const', [], { value: value.factor, dtype: 'f32' }, at);
      return base && factor && E.node('mul', [factor, base], {}, at);
    }
    case 'ratio': {
      const a = E.node('dim', [], { value: value.numerator, dtype: 'f32' }, at);
      const b = E.node('dim', [], { value: value.denominator, dtype: 'f32' }, at);
      return a && b && E.node('div', [a, b], {}, at);
    }
    case 'boolean':
      return E.node('const', [], { value: value.value ? 1 : 0, dtype: 'bool' }, at);
    case 'reference':
      return referenceNode(E, value.reference, 'tensor', undefined, undefined, at);
    case 'poison':
      return undefined;
    default:
      if (!reportUncalled(E, value, at)) E.report('type-mismatch', at, { where, wanted: 'a tensor or a number', found: describe(value) });
      return undefined;
  }
}

/** A layer where a tensor belongs was most often not called. Told once for a layer; false where the value is no layer. */
export function reportUncalled(E: Elaboration, value: Value, at: Span): boolean {
  const first = value.kind === 'list' ? value.items[0] : value;
  if (first?.kind !== 'instance' || first.instance.path === undefined) return false;
  const layer = first.instance.path.split('.')[0];
  if (!E.session.told.uncalled.has(layer))
    E.report('layer-not-called', at, { name: layer }, { hint: `call it first: ${layer}(…), then take what it returns` });
  E.session.told.uncalled.add(layer);
  return true;
}

const TENSOR_OPERATORS: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '==': 'equal',
  '!=': 'not_equal',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
  and: 'logical_and',
  or: 'logical_or',
  '&': 'logical_and',
  '|': 'logical_or',
};

export function binary(E: Elaboration, operator: BinaryOperator, left: Value, right: Value, at: Span): Value {
  if (left.kind === 'poison' || right.kind === 'poison') return POISON;
  if (left.kind !== 'tensor' && right.kind !== 'tensor') {
    const result = E.sized(operator, at, () => staticBinary(operator, left, right));
    if (!result) return POISON;
    if ('value' in result) return result.value;
    if (result.problem === 'zero') E.report('division-by-zero', at, { what: 'this' });
    else E.report('static-operands', at, { operator, left: describe(left), right: describe(right) });
    return POISON;
  }
  if (operator === '^') {
    const base = toNode(E, left, at, '^');
    if (!base) return POISON;
    if (right.kind !== 'number') {
      E.report('not-static', at, { where: 'the exponent after ^', what: describe(right) });
      return POISON;
    }
    return right.value === 2 ? E.op('square', [base], {}, at) : E.op('pow', [base], { exponent: right.value }, at);
  }
  const op = TENSOR_OPERATORS[operator];
  if (!op) {
    E.report('static-operands', at, { operator, left: describe(left), right: describe(right) });
    return POISON;
  }
  const like = left.kind === 'tensor' ? left.node : right.kind === 'tensor' ? right.node : undefined;
  const a = toNode(E, left, at, operator, like);
  const b = toNode(E, right, at, operator, like);
  return a && b ? E.op(op, [a, b], {}, at) : POISON;
}

function member(E: Elaboration, expression: MemberExpression, scope: Scope): Value {
  const object = evaluate(E, expression.object, scope);
  const name = expression.name.text;
  if (object.kind === 'poison' || expression.name.missing) return POISON;
  if (object.kind === 'record') {
    const found = object.fields.get(name);
    if (found) return found;
    E.report(
      'unknown-member',
      expression.name.span,
      { object: 'this record', name },
      { hint: didYouMean(name, object.fields.keys()) ?? `it has ${[...object.fields.keys()].join(', ')}` },
    );
    return POISON;
  }
  if (object.kind === 'stage') {
    const found = object.fields.get(name);
    if (found) return found;
    E.report(
      'unknown-member',
      expression.name.span,
      { object: describe(object), name },
      { hint: didYouMean(name, object.fields.keys()) ?? `it has ${[...object.fields.keys()].join(', ')}` },
    );
    return POISON;
  }
  if (object.kind === 'instance') return memberOfInstance(E, object.instance, name, expression.name.span);
  if (object.kind === 'method_instance') {
    const found = object.method.member(name);
    if (found) return found;
    E.report(
      'unknown-member',
      expression.name.span,
      { object: describe(object), name },
      { hint: didYouMean(name, object.method.memberNames()) },
    );
    return POISON;
  }
  if (object.kind === 'list' && name === 'length') return number(object.items.length, true);
  E.report('unknown-member', expression.name.span, { object: describe(object), name }, { hint: memberHint(object, name) });
  return POISON;
}

/** What an author may have meant who asks a tensor for a member. */
function memberHint(object: Value, name: string): string | undefined {
  if (object.kind !== 'tensor') return undefined;
  if (name === 'shape' || name === 'size') return 'the length of an axis is size(x, height), or a name in the signature of a module';
  if (OPERATOR_MEMBERS.has(name)) return `operators are called: ${name}(x)`;
  return 'a tensor has no members: take its axes with x[channel: 0..1], or call an operator';
}
const OPERATOR_MEMBERS: ReadonlySet<string> = new Set(
  'mean sum max min detach relu sigmoid softmax abs exp log sqrt square flip reshape'.split(' '),
);

/** Axis by name or number: `batch` 0, `height` and `width` 1 and 2 of an NHWC tensor, `channel` the last. */
export function axisOf(E: Elaboration, value: Value, node: Node, at: Span): number | undefined {
  const rank = node.type.shape.length;
  if (value.kind === 'number' && value.integer) {
    const axis = value.value < 0 ? value.value + rank : value.value;
    if (axis >= 0 && axis < rank) return axis;
    E.report('bad-axis', at, { what: describe({ kind: 'tensor', node }), axis: value.value });
    return undefined;
  }
  if (value.kind === 'symbol') {
    const axis = axisByName(value.name, rank);
    if (axis !== undefined) return axis;
    E.report(
      'unknown-axis-name',
      at,
      { axis: value.name, shape: describe({ kind: 'tensor', node }) },
      {
        hint:
          didYouMean(value.name, ['batch', 'height', 'width', 'channel', 'space']) ??
          (rank === 4 ? 'a map has batch, height, width and channel' : 'only maps [N, H, W, C] have height and width; give a number'),
      },
    );
    return undefined;
  }
  if (value.kind !== 'poison')
    E.report('static-type', at, { where: 'an axis', wanted: 'batch, height, width, channel or a number', found: describe(value) });
  return undefined;
}

function axisByName(name: string, rank: number): number | undefined {
  switch (name) {
    case 'batch':
    case 'n':
      return rank > 0 ? 0 : undefined;
    case 'height':
    case 'h':
      return rank === 4 || rank === 3 ? 1 : undefined;
    case 'width':
    case 'w':
      return rank === 4 ? 2 : undefined;
    case 'channel':
    case 'c':
      return rank > 0 ? rank - 1 : undefined;
    default:
      return undefined;
  }
}

function index(E: Elaboration, expression: IndexExpression, scope: Scope): Value {
  const object = evaluate(E, expression.object, scope);
  if (object.kind === 'poison') return POISON;
  if (object.kind === 'list' || object.kind === 'tuple') {
    const only = expression.items.length === 1 && !expression.items[0].axis ? evaluate(E, expression.items[0].value, scope) : POISON;
    if (only.kind === 'range') {
      const from = only.from?.kind === 'number' ? only.from.value : 0;
      const to = only.to?.kind === 'number' ? only.to.value : object.items.length;
      return { kind: object.kind, items: object.items.slice(from, to) };
    }
    if (only.kind !== 'number' || !only.integer) {
      if (only.kind !== 'poison')
        E.report('static-type', expression.span, { where: 'the index', wanted: 'a whole number', found: describe(only) });
      return POISON;
    }
    const at = only.value < 0 ? only.value + object.items.length : only.value;
    const found = object.items[at];
    if (found) return found;
    E.report('index-out-of-range', expression.span, { index: only.value, what: 'a list', length: object.items.length });
    return POISON;
  }
  const node = toNode(E, object, expression.object.span, 'slicing');
  return node ? slice(E, node, expression, scope) : POISON;
}

/** `cam[background]`, `cam[foreground]`, `x[h: 1.., w: 0..n]`, `x[:, 0]`-like positions by order; a single number drops its axis. */
function slice(E: Elaboration, node: Node, expression: IndexExpression, scope: Scope): Value {
  const rank = node.type.shape.length;
  const starts: Dim[] = node.type.shape.map(() => constant(0));
  const sizes: Dim[] = [...node.type.shape];
  const dropped = new Set<number>();
  let position = 0;
  for (const item of expression.items) {
    let axis: number | undefined;
    let value: Value;
    if (
      !item.axis &&
      item.value.kind === 'name' &&
      (item.value.name.text === 'background' || item.value.name.text === 'foreground') &&
      !scope.find(item.value.name.text)
    ) {
      axis = rank - 1;
      const zero = number(0, true);
      const one = number(1, true);
      value = item.value.name.text === 'background' ? { kind: 'range', from: zero, to: one } : { kind: 'range', from: one, to: undefined };
    } else {
      axis = item.axis ? axisOf(E, { kind: 'symbol', name: item.axis.text }, node, item.axis.span) : position;
      value = evaluate(E, item.value, scope);
    }
    position++;
    if (axis === undefined || value.kind === 'poison') return POISON;
    if (axis >= rank) {
      E.report('bad-axis', item.span, { what: describe(tensor(node)), axis });
      return POISON;
    }
    if (value.kind === 'range') {
      if (value.from?.kind === 'poison' || value.to?.kind === 'poison') return POISON;
      const from = value.from ? asDim(value.from) : constant(0);
      const to = value.to ? asDim(value.to) : node.type.shape[axis];
      if (!from || !to) {
        E.report('not-static', item.span, { where: 'the bounds of a slice', what: describe(value) });
        return POISON;
      }
      const length = asDim(staticOr(staticBinary('-', size(to), size(from))));
      if (!length) return POISON;
      starts[axis] = from;
      sizes[axis] = length;
    } else {
      const at = asDim(value);
      if (!at) {
        E.report(
          'not-static',
          item.span,
          { where: 'an index', what: describe(value) },
          { hint: 'use gather(x, index, over: axis) for indices that are computed' },
        );
        return POISON;
      }
      starts[axis] = at;
      sizes[axis] = constant(1);
      dropped.add(axis);
    }
  }
  const cut = E.node('slice', [node], { starts, sizes }, expression.span);
  if (!cut) return POISON;
  if (dropped.size === 0) return tensor(cut);
  return E.op('reshape', [cut], { shape: sizes.filter((_, i) => !dropped.has(i)) }, expression.span);
}

function staticOr(result: ReturnType<typeof staticBinary>): Value {
  return 'value' in result ? result.value : POISON;
}

/** A static size, or a report. */
export function dimOf(E: Elaboration, value: Value, at: Span, where: string): Dim | undefined {
  const dim = asDim(value);
  if (dim) return dim;
  if (value.kind === 'ratio')
    E.report(
      'dimension-not-integer',
      at,
      { size: `${show(value.numerator)} / ${show(value.denominator)}` },
      { hint: 'write ceil(…) or floor(…), or state the fact: require H divisible by …' },
    );
  else if (value.kind !== 'poison') E.report('not-static', at, { where, what: describe(value) });
  return undefined;
}
