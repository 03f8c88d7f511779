import type {
  DataItemCstNode,
  GroupSettingCstNode,
  MemberCstNode,
  PairItemCstNode,
  PipelineItemCstNode,
  SettingCstNode,
  TrainBlockCstNode,
  TrainItemCstNode,
  ValidateItemCstNode,
} from '../../../grammar/cst-types.ts';
import type { Span } from '../../source/source.ts';
import type {
  Assignment,
  DataItem,
  GroupSetting,
  MethodMember,
  PipelineItem,
  SettingItem,
  TrainItem,
  ValidateItem,
  DataView as View,
} from '../ast.ts';
import { type Builder, first, real } from './builder.ts';
import { expression, operations, postfix, recordFields } from './expressions.ts';
import { numberLiteral } from './literals.ts';
import { moduleDeclaration } from './modules.ts';
import { assignment, body, type Head, head, requireStatement, statement, turns } from './statements.ts';
import { parameters, returnType } from './types.ts';

/** One member of a method or variant; undefined where recovery left nothing. */
export function member(node: MemberCstNode, b: Builder, near: Span): MethodMember | undefined {
  const { children } = node;
  const at = b.spanOf(node, near);
  const declared = (): Head => head(node, first(children.Origin), b, near);
  const bare = first(children.bareStatement);
  if (bare) return statement(bare, declared(), b);
  const module = first(children.moduleDeclaration);
  if (module) return moduleDeclaration(module, declared(), b);
  const shadow = first(children.shadowClause);
  if (shadow) {
    const name = b.identifier(first(shadow.children.Word), at);
    return { kind: 'shadow', ...declared(), name, value: expression(first(shadow.children.expression), b, at) };
  }
  const origin = real(first(children.Origin));
  if (origin) b.diagnostics.reportSyntax('misplaced-origin', b.tokenSpan(origin), { origin: origin.image });
  const paper = first(children.paperBlock);
  if (paper) return { kind: 'paper', span: at, fields: recordFields(first(paper.children.record), b, at) };
  const supervision = first(children.supervisionClause);
  if (supervision)
    return { kind: 'supervision', span: at, levels: (supervision.children.Word ?? []).map((token) => b.identifier(token, at)) };
  const train = first(children.trainBlock);
  if (train) return { kind: 'train', span: at, doc: b.takeDoc(at.start), items: trainItems(train, b, at) };
  const infer = first(children.inferBlock);
  if (infer) {
    return {
      kind: 'infer',
      span: at,
      doc: b.takeDoc(at.start),
      name: b.identifier(first(infer.children.Word), at),
      params: parameters(first(infer.children.parameterList), b, at),
      returns: returnType(first(infer.children.returnType), b, at),
      body: body(first(infer.children.body), b, at),
    };
  }
  const pipeline = first(children.pipelineBlock);
  if (pipeline)
    return { kind: 'pipeline', span: at, doc: b.takeDoc(at.start), items: pipelineItems(pipeline.children.pipelineItem, b, at) };
  return undefined;
}

function pipelineItems(nodes: readonly PipelineItemCstNode[] | undefined, b: Builder, near: Span): readonly PipelineItem[] {
  return (nodes ?? []).map((item) => pipelineItem(item, b, near)).filter((item) => item !== undefined);
}

function pipelineItem(node: PipelineItemCstNode, b: Builder, near: Span): PipelineItem | undefined {
  const declared = head(node, first(node.children.Origin), b, near);
  const stage = first(node.children.stageStatement);
  if (stage)
    return {
      kind: 'stage',
      ...declared,
      name: b.identifier(first(stage.children.Word), declared.span),
      value: expression(first(stage.children.expression), b, declared.span),
    };
  const rounds = first(node.children.rounds);
  if (!rounds) return undefined;
  const body = (rounds.children.roundItem ?? []).map((item): PipelineItem | Assignment | undefined => {
    const set = first(item.children.assignment);
    const inner = first(item.children.pipelineItem);
    return set ? assignment(set, b, declared.span) : inner && pipelineItem(inner, b, declared.span);
  });
  return {
    kind: 'rounds',
    ...declared,
    ...turns(first(rounds.children.turns), b, declared.span),
    body: body.filter((i) => i !== undefined),
  };
}

function trainItems(node: TrainBlockCstNode, b: Builder, near: Span): readonly TrainItem[] {
  return (node.children.trainItem ?? []).map((item) => trainItem(item, b, near)).filter((item) => item !== undefined);
}

function trainItem(node: TrainItemCstNode, b: Builder, near: Span): TrainItem | undefined {
  const { children } = node;
  const at = b.spanOf(node, near);
  const data = first(children.dataItem);
  if (data) return dataItem(data, b, at);
  const pair = first(children.pairItem);
  if (pair) {
    const name = b.identifier(first(pair.children.Word), at);
    return { kind: 'pair', span: at, name, draw: expression(first(pair.children.expression), b, at), views: dataViews(pair, b, at) };
  }
  const validate = first(children.validateItem);
  if (validate) return validateItem(validate, b, at);
  const group = first(children.groupItem);
  if (group) {
    return {
      kind: 'group',
      span: at,
      members: (group.children.postfix ?? []).map((m) => postfix(m, b, at)),
      settings: (group.children.groupSetting ?? []).map((s) => groupSetting(s, b, at)),
    };
  }
  const freeze = first(children.freezeItem);
  if (freeze) {
    const role = first(freeze.children.ExcludeWord) ? 'exclude' : 'freeze';
    const { fromEpoch, untilEpoch, postfix: members } = freeze.children;
    return {
      kind: 'freeze',
      span: at,
      role,
      members: (members ?? []).map((m) => postfix(m, b, at)),
      fromEpoch: fromEpoch && expression(first(fromEpoch), b, at),
      untilEpoch: untilEpoch && expression(first(untilEpoch), b, at),
    };
  }
  const require = first(children.requireStatement);
  if (require) return requireStatement(require, head(require, undefined, b, near), b);
  const settingNode = first(children.setting);
  return settingNode && setting(settingNode, b, near);
}

function dataItem(node: DataItemCstNode, b: Builder, at: Span): DataItem {
  return { kind: 'data', span: at, source: postfix(first(node.children.postfix), b, at), views: dataViews(node, b, at) };
}

function dataViews(node: DataItemCstNode | PairItemCstNode, b: Builder, near: Span): readonly View[] {
  return (first(node.children.dataViews)?.children.dataView ?? []).map((view) => {
    const span = b.spanOf(view, near);
    const names = (view.children.Word ?? []).map((token) => b.identifier(token, span));
    return { span, names, value: expression(first(view.children.expression), b, span) };
  });
}

function validateItem(node: ValidateItemCstNode, b: Builder, at: Span): ValidateItem {
  let every: ValidateItem['every'];
  let on: ValidateItem['on'];
  let program: ValidateItem['program'];
  let keep: ValidateItem['keep'];
  for (const clause of node.children.validateClause ?? []) {
    const here = b.spanOf(clause, at);
    const c = clause.children;
    const [name, known] = first(c.EveryWord)
      ? ['every', every]
      : first(c.OnWord)
        ? ['on', on]
        : first(c.WithWord)
          ? ['with', program]
          : ['keep', keep];
    if (known) b.diagnostics.report('duplicate-setting', here, { name });
    else if (name === 'every') every = { count: operations(first(c.chain), b, here), unit: b.identifier(first(c.unit), here) };
    else if (name === 'on') on = postfix(first(c.postfix), b, here);
    else if (name === 'with') program = b.identifier(first(c.program), here);
    else keep = (c.kept ?? []).map((k) => postfix(k, b, here));
  }
  return { kind: 'validate', span: at, every, on, program, keep };
}

function groupSetting(node: GroupSettingCstNode, b: Builder, near: Span): GroupSetting {
  const span = b.spanOf(node, near);
  const name = b.identifier(first(node.children.Word), span);
  const factor = real(first(node.children.Multiplier));
  if (factor) return { span, name, multiplier: true, value: numberLiteral(factor, b, 1) };
  return { span, name, multiplier: false, value: expression(first(node.children.expression), b, span) };
}

/** `epochs 5`; the comma after it is no part of its text. */
export function setting(node: SettingCstNode, b: Builder, near: Span): SettingItem {
  const whole = b.spanOf(node, near);
  const name = b.identifier(first(node.children.Word), whole);
  const value = expression(first(node.children.expression), b, whole);
  const comma = real(first(node.children.Comma));
  const span = comma && value.span.end <= comma.startOffset ? b.span(whole.start, Math.max(name.span.end, value.span.end)) : whole;
  return { kind: 'setting', span, name, value };
}
