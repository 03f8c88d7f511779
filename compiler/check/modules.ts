/** Modules: signatures, layers that own parameters, and the evaluation of a body where it is called. */
import type { BoundFile, BoundName } from '../bind/bind.ts';
import { argumentHabit } from '../diagnostics/habits.ts';
import { didYouMean, suggestions } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { Identifier, ModuleDeclaration, Parameter } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import type { Arguments, Given } from './call.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { runLayer, stateNode } from './layers.ts';
import { CLASS_DIM, type MethodInstance } from './method.ts';
import { Scope } from './scope.ts';
import { bindTyped, checkResult } from './signature.ts';
import { runBody } from './statements.ts';
import { describe, type Instance, POISON, type Shadow, type Value } from './values.ts';

/** Names visible at the top of a file: its declarations and imports. */
export function fileScope(E: Elaboration, file: BoundFile): Scope {
  const known = scopes.get(E)?.get(file);
  if (known) return known;
  const scope = new Scope(undefined);
  scope.missing = file.missing;
  if (file.bases) scope.elsewhere = new Map([...file.bases].map(([name, base]) => [name, fileScope(E, base)]));
  for (const [name, bound] of file.names) scope.define(name, declarationValue(bound), bound.declaration.kind, bound.declaration.name.span);
  const perFile = scopes.get(E) ?? new Map<BoundFile, Scope>();
  perFile.set(file, scope);
  scopes.set(E, perFile);
  return scope;
}
const scopes = new WeakMap<Elaboration, Map<BoundFile, Scope>>();

function declarationValue(bound: BoundName): Value {
  const { declaration, file } = bound;
  switch (declaration.kind) {
    case 'module':
      return { kind: 'module', declaration, file };
    case 'method':
    case 'variant':
      return { kind: 'method', declaration, file };
    case 'extern':
      return { kind: 'function', name: declaration.name.text };
    default:
      return { kind: 'symbol', name: declaration.name.text };
  }
}

/** A module as it is called: where it was written says what its body sees. */
interface Callee {
  readonly declaration: ModuleDeclaration;
  readonly file: BoundFile;
  readonly method?: MethodInstance;
}

/** What a body sees around it: the names of its file or, for a module among the members of a method, those of the method. */
function surroundings(E: Elaboration, { declaration, file, method }: Callee): Scope {
  if (!method) return fileScope(E, file);
  const scope = new Scope(method.closure(E));
  scope.ownSizes = sizesOf(declaration);
  return scope;
}

/** Names of sizes in the types of a module's parameters, which every call binds anew; the number of classes is one for all. */
function sizesOf(declaration: ModuleDeclaration): ReadonlySet<string> {
  const known = signatureSizes.get(declaration);
  if (known) return known;
  const names = new Set<string>();
  for (const { type } of declaration.params) {
    if (!type) continue;
    visit(type, (node) => {
      if (node.kind === 'name' && node.name.text !== CLASS_DIM) names.add(node.name.text);
      return true;
    });
  }
  signatureSizes.set(declaration, names);
  return names;
}
const signatureSizes = new WeakMap<ModuleDeclaration, ReadonlySet<string>>();

/** Matches arguments to parameters; reports what is missing, unknown or too much. */
export function matchArguments(
  E: Elaboration,
  callee: string,
  params: readonly Parameter[],
  args: Arguments,
  at: Span,
): ReadonlyMap<string, Given | undefined> | undefined {
  const result = new Map<string, Given | undefined>();
  let fine = true;
  // A misspelt argument is not also a missing one.
  const names = params.map((p) => p.name.text);
  const meant = new Set(
    [...args.named.keys()].flatMap((name) =>
      names.includes(name) ? [] : [argumentHabit(name, names)?.right ?? '', ...suggestions(name, names)],
    ),
  );
  if (args.positional.length > params.length) {
    E.report('too-many-arguments', args.positional[params.length].span, {
      callee,
      expected: params.length === 1 ? 'one argument' : `${params.length} arguments`,
      found: args.positional.length + args.named.size,
    });
    fine = false;
  }
  params.forEach((p, i) => {
    const byPosition = args.positional[i];
    const byName = args.named.get(p.name.text);
    if (byPosition && byName) {
      E.report('duplicate-argument', byName.nameSpan, { name: p.name.text, callee });
      fine = false;
    }
    const given = byPosition ?? byName;
    if (!given && !p.defaultValue && !meant.has(p.name.text)) {
      E.report('missing-argument', at, { callee, name: p.name.text }, { labels: [{ span: p.span, text: 'declared here' }] });
      fine = false;
    }
    result.set(p.name.text, given);
  });
  for (const [name, given] of args.named) {
    if (params.some((p) => p.name.text === name)) continue;
    E.report(
      'unknown-argument',
      given.nameSpan,
      { callee, name },
      {
        hint: argumentHabit(name, names) ?? didYouMean(name, names) ?? `it takes ${names.join(', ')}`,
      },
    );
    fine = false;
  }
  return fine ? result : undefined;
}

/** Binds parameters in `scope`, in order, so that defaults and sizes may use earlier ones. False after a report. */
function bindParameters(
  E: Elaboration,
  callee: string,
  params: readonly Parameter[],
  given: ReadonlyMap<string, Given | undefined>,
  scope: Scope,
  at: Span,
): boolean {
  let fine = true;
  for (const p of params) {
    const argument = given.get(p.name.text);
    let value = argument ? argument.value : evaluate(E, p.defaultValue!, scope);
    const where = argument?.span ?? at;
    // Arguments in a wrong order are one mistake: the first that does not fit is told.
    if (value.kind === 'poison' || !fine) {
      fine = false;
      value = POISON;
    } else if (p.type) {
      value = bindTyped(E, callee, p, value, scope, where, params);
      if (value.kind === 'poison') fine = false;
    }
    scope.define(p.name.text, value, 'parameter', p.name.span);
  }
  return fine;
}

/** Fixes a module's configuration; the layer gets its place when `layer` names it. */
export function configure(E: Elaboration, module: Callee, args: Arguments, at: Span): Value {
  const { declaration, file, method } = module;
  const callee = declaration.name.text;
  const [first] = args.positional;
  if (first?.value.kind === 'tensor' && declaration.config![0]?.type?.kind === 'named_type') {
    const where = `${declaration.config![0].name.text} of ${callee}`;
    const hint = `${callee} is a layer, made before it is called: layer part = ${callee}(…), then part(x)`;
    E.report('not-static', first.span, { where, what: describe(first.value) }, { hint });
    return POISON;
  }
  const given = matchArguments(E, callee, declaration.config!, args, at);
  if (!given) return POISON;
  const scope = new Scope(surroundings(E, module));
  if (!bindParameters(E, callee, declaration.config!, given, scope, at)) return POISON;
  const config = new Map<string, Value>();
  for (const [name, entry] of scope.entries()) config.set(name, entry.value());
  return {
    kind: 'instance',
    instance: { declaration, file, method, config, span: at, frame: E.frame, path: undefined, backbone: false, members: new Map() },
  };
}

/**
 * Gives layers their place. A layer that has none yet is taken as a pattern and copied, so that one configuration may be used many times. Inside a
 * shadow it follows the layer of the same place.
 */
export function place(value: Value, path: string, backbone: boolean, shadow?: Shadow): Value {
  if (value.kind === 'instance') {
    if (value.instance.path !== undefined) return value;
    return { kind: 'instance', instance: { ...value.instance, path, backbone, members: new Map(), ...(shadow ? { shadow } : {}) } };
  }
  if (value.kind === 'list') {
    const inner = (i: number): Shadow | undefined => shadow && { ...shadow, of: `${shadow.of}.${i}` };
    return { kind: 'list', items: value.items.map((item, i) => place(item, `${path}.${i}`, backbone, inner(i))) };
  }
  return value;
}

/** Calls inside calls: far above what specs hold, and well below what the stack carries. */
const CALL_LIMIT = 200;

function recursive(E: Elaboration, name: string, at: Span): boolean {
  if (E.calls >= CALL_LIMIT) {
    E.report('too-deep', at, { what: 'modules that call each other in a row', limit: CALL_LIMIT });
    return true;
  }
  if (E.callsOf(name) < 3) return false;
  // It is told in its third turn: of the calls between, one turn is shown.
  const calls = E.callsFrom(name);
  const turn = calls.slice(0, Math.max(1, calls.indexOf(name, 1)));
  E.report('recursive-module', at, { name, cycle: [...turn, name].join(' → ') });
  return true;
}

/** Calls a module that owns nothing. */
export function callModule(E: Elaboration, module: Callee, args: Arguments, at: Span): Value {
  const { declaration } = module;
  const callee = declaration.name.text;
  if (recursive(E, callee, at)) return POISON;
  const given = matchArguments(E, callee, declaration.params, args, at);
  if (!given) return POISON;
  const scope = new Scope(surroundings(E, module));
  if (!bindParameters(E, callee, declaration.params, given, scope, at)) return POISON;
  return E.within(callee, E.callPath(callee), at, () => finish(E, declaration, scope, undefined, at), { declaration, instance: undefined });
}

/** Calls a layer. */
export function applyInstance(E: Elaboration, instance: Instance, args: Arguments, at: Span): Value {
  const { declaration } = instance;
  const callee = declaration.name.text;
  if (recursive(E, callee, at)) return POISON;
  if (instance.path === undefined && ownsParameters(declaration)) {
    notDeclared(E, instance, at);
    return POISON;
  }
  const given = matchArguments(E, instance.path ?? callee, declaration.params, args, at);
  if (!given) return POISON;
  const scope = new Scope(surroundings(E, instance));
  for (const [name, value] of instance.config) scope.define(name, value, 'parameter');
  if (!bindParameters(E, instance.path ?? callee, declaration.params, given, scope, at)) return POISON;
  return E.within(callee, instance.path ?? E.callPath(callee), at, () => finish(E, declaration, scope, instance, at), {
    declaration,
    instance,
  });
}

/** A module with parameters that no `layer` or `backbone` has named: told where it is configured, once for all its calls. */
function notDeclared(E: Elaboration, { declaration, span }: Instance, at: Span): void {
  const name = declaration.name.text;
  const here = span.file !== at.file || (at.start <= span.start && span.end <= at.end);
  if (here) {
    E.report('not-configured', at, { name }, { hint: `layer name = ${name}(…), then name(x)` });
    return;
  }
  const hint = `a module with parameters is declared by layer or backbone: layer name = ${name}(…)`;
  const before = /\blet(?=\s+\w+\s*=\s*$)/.exec(span.file.text.slice(0, span.start));
  const word = before && { file: span.file, start: before.index, end: before.index + before[0].length };
  const fix = word && { title: "write 'layer'", edits: [{ span: word, text: 'layer' }] };
  E.report('not-configured', span, { name }, { labels: [{ span: at, text: 'called here' }], hint, fix: fix ?? undefined });
}

function finish(E: Elaboration, declaration: ModuleDeclaration, scope: Scope, instance: Instance | undefined, at: Span): Value {
  const result = runBody(E, declaration.body, scope, { instance, where: `the module ${declaration.name.text}`, returns: true });
  if (result === undefined) {
    E.report('missing-return', declaration.name.span, { what: `the module ${declaration.name.text}` });
    return POISON;
  }
  return declaration.returns ? checkResult(E, declaration.name.text, declaration.returns, result, scope, at) : result;
}

function ownsParameters(declaration: ModuleDeclaration): boolean {
  return declaration.body.some((s) => s.kind === 'layer' || s.kind === 'weight' || s.kind === 'state');
}

/** `classify.weight`, `net.layer1`: a layer inside, or a learned tensor. */
export function memberOfInstance(E: Elaboration, instance: Instance, name: string, at: Span): Value {
  const inner = instance.members.get(name);
  if (inner) return inner;
  // A tensor of the state is known to every graph once a call in any of them has given it its sizes.
  const key = `${instance.path}.${name}`;
  if (instance.path !== undefined && E.session.states.has(key)) return { kind: 'tensor', node: stateNode(E, key) };
  const statement = instance.declaration.body.find((s) => s.kind === 'layer' && s.name.text === name);
  if (statement?.kind === 'layer' && instance.path !== undefined) {
    // A layer whose configuration needs nothing of a call is there before the first one.
    const scope = new Scope(surroundings(E, instance));
    for (const [key, value] of instance.config) scope.define(key, value, 'parameter');
    runLayer(E, statement, scope, { instance, where: `the module ${instance.declaration.name.text}`, returns: true });
    return scope.own(name)?.value() ?? POISON;
  }
  // A layer taken for its result has been told.
  if (instance.path !== undefined && E.session.told.uncalled.has(instance.path.split('.')[0])) return POISON;
  const declared = instance.declaration.body.flatMap((s) =>
    s.kind === 'layer' || s.kind === 'weight' || s.kind === 'state' ? [s.name.text] : [],
  );
  if (declared.includes(name)) E.report('used-before-declared', at, { name }, { hint: 'a layer knows its sizes once it has been called' });
  else E.report('unknown-member', at, { object: describe({ kind: 'instance', instance }), name }, { hint: didYouMean(name, declared) });
  return POISON;
}

export function names(list: readonly Identifier[]): string {
  return list.map((n) => n.text).join(', ');
}
