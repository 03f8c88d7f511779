import type {
  Argument,
  Assignment,
  CaseItem,
  ComprehensionClause,
  Declaration,
  Expression,
  GridAxis,
  GroupSetting,
  Identifier,
  ImportDeclaration,
  IndexItem,
  MethodMember,
  NamingLine,
  Parameter,
  PipelineItem,
  RecordField,
  SpecFile,
  Statement,
  TrainItem,
  TypeExpression,
  DataView as View,
} from './ast.ts';

/** Every node that carries a `kind` of its own. Arguments, parameters and fields have none: their parts are children of what holds them. */
export type Node =
  | PipelineItem
  | Assignment
  | GridAxis
  | NamingLine
  | SpecFile
  | ImportDeclaration
  | Declaration
  | MethodMember
  | TrainItem
  | CaseItem
  | Statement
  | Expression
  | TypeExpression
  | Identifier;

/** The direct children of a node, in the order of the grammar. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'file':
      return [...node.imports, ...node.declarations];
    case 'import':
      return [...(node.names ?? []).flatMap((n) => present(n.name, n.alias)), node.from];
    case 'method':
      return [node.name, ...node.members];
    case 'module':
      return [
        node.name,
        ...(node.config ?? []).flatMap(parameter),
        ...node.params.flatMap(parameter),
        ...present(node.returns),
        ...node.body,
      ];
    case 'extern':
      return [node.name, ...node.params.flatMap(parameter), ...present(node.returns)];
    case 'variant':
      return [node.name, node.of, ...node.removals.flatMap((r) => [r.what, r.name]), ...node.members];
    case 'grid':
      return [node.name, node.of, ...node.axes];
    case 'grid_axis':
      return [node.name, node.values];
    case 'dataset':
      return [node.name, ...node.settings];
    case 'naming':
      return [node.name, node.of, ...node.lines];
    case 'naming_line':
      return [node.theirs, node.ours];
    case 'case':
      return [node.name, ...node.items];
    case 'case_binding':
      return [node.word, node.key, node.value];
    case 'case_setting':
      return present(node.word, node.name, node.value);
    case 'paper':
      return node.fields.flatMap(field);
    case 'supervision':
      return node.levels;
    case 'train':
      return node.items;
    case 'infer':
      return [node.name, ...node.params.flatMap(parameter), ...present(node.returns), ...node.body];
    case 'pipeline':
      return node.items;
    case 'stage':
    case 'shadow':
    case 'assignment':
      return [node.name, node.value];
    case 'iterate':
    case 'rounds':
      return [...node.carried, node.times, ...node.body];
    case 'no_grad':
      return node.body;
    case 'if':
      return [...node.branches.flatMap((b) => [b.condition, ...b.body]), ...(node.otherwise ?? [])];
    case 'data':
      return [node.source, ...node.views.flatMap(view)];
    case 'pair':
      return [node.name, node.draw, ...node.views.flatMap(view)];
    case 'validate':
      return present(node.every?.count, node.every?.unit, node.on, node.program, ...(node.keep ?? []));
    case 'setting':
      return [node.name, node.value];
    case 'group':
      return [...node.members, ...node.settings.flatMap(groupSetting)];
    case 'freeze':
      return [...node.members, ...present(node.fromEpoch, node.untilEpoch)];
    case 'let':
      return [
        ...present(node.word),
        ...node.names.flatMap((n, i) => present(taken(n, node.fields?.[i]), n)),
        ...present(node.type),
        node.value,
      ];
    case 'layer':
      return present(node.name, node.value, node.pretraining);
    case 'watch':
      return [node.name, node.value];
    case 'hyper':
      return present(node.name, node.type, node.value);
    case 'weight':
      return present(node.name, node.type, node.init);
    case 'state':
      return [node.name, node.type, node.init];
    case 'after_step':
      return present(node.fromEpoch, node.untilEpoch, ...node.assignments);
    case 'input':
      return [node.name, node.type];
    case 'random':
      return [node.name, node.distribution];
    case 'loss':
      return present(node.name, node.weight, node.fromEpoch, node.untilEpoch, node.when, node.off, node.value);
    case 'require':
      return [node.left, node.right];
    case 'return':
      return [node.value];
    case 'number':
    case 'string':
    case 'boolean':
    case 'error':
    case 'identifier':
      return [];
    case 'name':
      return [node.name];
    case 'list':
    case 'tuple':
      return node.items;
    case 'comprehension':
      return [node.element, ...node.clauses.flatMap(clause)];
    case 'range':
      return present(node.from, node.to);
    case 'record':
      return node.fields.flatMap(field);
    case 'call':
      return [node.callee, ...node.args.flatMap(argument)];
    case 'member':
      return [node.object, node.name];
    case 'index':
      return [node.object, ...node.items.flatMap(indexItem)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'pipe':
      return [node.left, node.right];
    case 'conditional':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'as':
      return [node.value, node.target];
    case 'lambda':
      return [...node.params, node.body];
    case 'named_type':
      return present(node.name, ...(node.dims ?? []), node.element);
    case 'record_type':
      return node.fields.flatMap((f) => [f.name, f.type]);
    case 'tuple_type':
      return node.items;
    default:
      return unreachable(node);
  }
}

/** Calls `enter` for the node and everything below it, parents first; `false` skips what is below. */
export function visit(node: Node, enter: (node: Node, parent: Node | undefined) => boolean | undefined, parent?: Node): void {
  if (enter(node, parent) === false) return;
  for (const child of children(node)) visit(child, enter, node);
}

function present(...nodes: readonly (Node | undefined)[]): readonly Node[] {
  return nodes.filter((n) => n !== undefined);
}

function parameter(p: Parameter): readonly Node[] {
  return present(p.name, p.type, p.defaultValue);
}

function argument(a: Argument): readonly Node[] {
  return present(a.name, a.value);
}

/** The field that a name of a pattern is taken from, where it is written apart. */
function taken(name: Identifier, from: Identifier | undefined): Identifier | undefined {
  return from === name ? undefined : from;
}

/** A field without a written value (`{ b }`) has the name itself for its value. */
function field(f: RecordField): readonly Node[] {
  return [f.name, f.value];
}

function view(v: View): readonly Node[] {
  return [...v.names, v.value];
}

function groupSetting(s: GroupSetting): readonly Node[] {
  return [s.name, s.value];
}

function indexItem(i: IndexItem): readonly Node[] {
  return present(i.axis, i.value);
}

function clause(c: ComprehensionClause): readonly Node[] {
  return [...c.names, c.iterable, ...c.conditions];
}

function unreachable(node: never): never {
  throw new Error(`unknown node ${JSON.stringify(node)}`);
}
