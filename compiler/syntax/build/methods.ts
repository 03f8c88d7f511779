import type {
  DataItemCstNode,
  GroupSettingCstNode,
  MemberCstNode,
  PipelineBlockCstNode,
  SettingCstNode,
  TrainBlockCstNode,
  TrainItemCstNode,
} from '../../../grammar/cst-types.ts';
import type { Span } from '../../source/source.ts';
import type { DataItem, GroupSetting, MethodMember, SettingItem, StageStatement, TrainItem } from '../ast.ts';
import { type Builder, first, real } from './builder.ts';
import { expression, postfix, recordFields } from './expressions.ts';
import { numberLiteral } from './literals.ts';
import { body, head, requireStatement, statement } from './statements.ts';
import { parameters, returnType } from './types.ts';

/** One member of a method or variant; undefined where recovery left nothing. */
export function member(node: MemberCstNode, b: Builder, near: Span): MethodMember | undefined {
  const { children } = node;
  const at = b.spanOf(node, near);
  const bare = first(children.bareStatement);
  if (bare) return statement(bare, head(node, first(children.Origin), b, near), b);
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
  if (pipeline) return { kind: 'pipeline', span: at, doc: b.takeDoc(at.start), stages: stages(pipeline, b, at) };
  return undefined;
}

function stages(node: PipelineBlockCstNode, b: Builder, near: Span): readonly StageStatement[] {
  return (node.children.stageStatement ?? []).map((stage) => {
    const declared = head(stage, first(stage.children.Origin), b, near);
    return {
      kind: 'stage',
      ...declared,
      name: b.identifier(first(stage.children.Word), declared.span),
      value: expression(first(stage.children.expression), b, declared.span),
    };
  });
}

function trainItems(node: TrainBlockCstNode, b: Builder, near: Span): readonly TrainItem[] {
  return (node.children.trainItem ?? []).map((item) => trainItem(item, b, near)).filter((item) => item !== undefined);
}

function trainItem(node: TrainItemCstNode, b: Builder, near: Span): TrainItem | undefined {
  const { children } = node;
  const at = b.spanOf(node, near);
  const data = first(children.dataItem);
  if (data) return dataItem(data, b, at);
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
    return { kind: 'freeze', span: at, role, members: (freeze.children.postfix ?? []).map((m) => postfix(m, b, at)) };
  }
  const require = first(children.requireStatement);
  if (require) return requireStatement(require, head(require, undefined, b, near), b);
  const settingNode = first(children.setting);
  return settingNode && setting(settingNode, b, near);
}

function dataItem(node: DataItemCstNode, b: Builder, at: Span): DataItem {
  const views = (node.children.dataView ?? []).map((view) => {
    const span = b.spanOf(view, at);
    const names = (view.children.Word ?? []).map((token) => b.identifier(token, span));
    return { span, names, value: expression(first(view.children.expression), b, span) };
  });
  return { kind: 'data', span: at, source: postfix(first(node.children.postfix), b, at), views };
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
