// Generated from the grammar by test/unit/grammar/cst-types.test.ts (UPDATE_GOLDENS=1, then format). Do not edit.
import type { CstNode, ICstVisitor, IToken } from 'chevrotain';

export interface ExpressionCstNode extends CstNode {
  name: 'expression';
  children: ExpressionCstChildren;
}

export type ExpressionCstChildren = {
  lambda?: LambdaCstNode[];
  conditional?: ConditionalCstNode[];
};

export interface LambdaCstNode extends CstNode {
  name: 'lambda';
  children: LambdaCstChildren;
}

export type LambdaCstChildren = {
  Word?: IToken[];
  LParen?: IToken[];
  Comma?: IToken[];
  RParen?: IToken[];
  FatArrow: IToken[];
  expression: ExpressionCstNode[];
};

export interface ConditionalCstNode extends CstNode {
  name: 'conditional';
  children: ConditionalCstChildren;
}

export type ConditionalCstChildren = {
  chain: ChainCstNode[];
  Question?: IToken[];
  whenTrue?: ExpressionCstNode[];
  Colon?: IToken[];
  whenFalse?: ExpressionCstNode[];
};

export interface ChainCstNode extends CstNode {
  name: 'chain';
  children: ChainCstChildren;
}

export type ChainCstChildren = {
  operand: OperandCstNode[];
  link?: LinkCstNode[];
};

export interface LinkCstNode extends CstNode {
  name: 'link';
  children: LinkCstChildren;
}

export type LinkCstChildren = {
  DotDot?: IToken[];
  operand?: OperandCstNode[];
  BinaryOperator?: IToken[];
};

export interface OperandCstNode extends CstNode {
  name: 'operand';
  children: OperandCstChildren;
}

export type OperandCstChildren = {
  prefix?: IToken[];
  postfix: PostfixCstNode[];
  recast?: RecastCstNode[];
};

export interface RecastCstNode extends CstNode {
  name: 'recast';
  children: RecastCstChildren;
}

export type RecastCstChildren = {
  AsWord: IToken[];
  Word: IToken[];
};

export interface PostfixCstNode extends CstNode {
  name: 'postfix';
  children: PostfixCstChildren;
}

export type PostfixCstChildren = {
  primary: PrimaryCstNode[];
  tail?: TailCstNode[];
};

export interface TailCstNode extends CstNode {
  name: 'tail';
  children: TailCstChildren;
}

export type TailCstChildren = {
  callTail?: CallTailCstNode[];
  indexTail?: IndexTailCstNode[];
  memberTail?: MemberTailCstNode[];
};

export interface CallTailCstNode extends CstNode {
  name: 'callTail';
  children: CallTailCstChildren;
}

export type CallTailCstChildren = {
  LParen: IToken[];
  argument?: ArgumentCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: 'argument';
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  name?: IToken[];
  Colon?: IToken[];
  Equals?: IToken[];
  expression: ExpressionCstNode[];
  infix?: IToken[];
  operand?: OperandCstNode[];
};

export interface IndexTailCstNode extends CstNode {
  name: 'indexTail';
  children: IndexTailCstChildren;
}

export type IndexTailCstChildren = {
  LSquare: IToken[];
  indexItem: IndexItemCstNode[];
  Comma?: IToken[];
  RSquare: IToken[];
};

export interface IndexItemCstNode extends CstNode {
  name: 'indexItem';
  children: IndexItemCstChildren;
}

export type IndexItemCstChildren = {
  Word?: IToken[];
  NumberValue?: IToken[];
  Colon?: IToken[];
  DotDot?: IToken[];
  chain?: ChainCstNode[];
  expression?: ExpressionCstNode[];
};

export interface MemberTailCstNode extends CstNode {
  name: 'memberTail';
  children: MemberTailCstChildren;
}

export type MemberTailCstChildren = {
  Dot: IToken[];
  Word: IToken[];
};

export interface PrimaryCstNode extends CstNode {
  name: 'primary';
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  NumberValue?: IToken[];
  Text?: IToken[];
  TrueWord?: IToken[];
  FalseWord?: IToken[];
  Word?: IToken[];
  Reported?: IToken[];
  parens?: ParensCstNode[];
  list?: ListCstNode[];
  record?: RecordCstNode[];
};

export interface ParensCstNode extends CstNode {
  name: 'parens';
  children: ParensCstChildren;
}

export type ParensCstChildren = {
  LParen: IToken[];
  expression: ExpressionCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface ListCstNode extends CstNode {
  name: 'list';
  children: ListCstChildren;
}

export type ListCstChildren = {
  LSquare: IToken[];
  expression?: ExpressionCstNode[];
  forClause?: ForClauseCstNode[];
  Comma?: IToken[];
  RSquare: IToken[];
};

export interface ForClauseCstNode extends CstNode {
  name: 'forClause';
  children: ForClauseCstChildren;
}

export type ForClauseCstChildren = {
  ForWord: IToken[];
  Word: IToken[];
  Comma?: IToken[];
  InWord: IToken[];
  iterable: ExpressionCstNode[];
  IfWord?: IToken[];
  condition?: ExpressionCstNode[];
};

export interface RecordCstNode extends CstNode {
  name: 'record';
  children: RecordCstChildren;
}

export type RecordCstChildren = {
  LCurly: IToken[];
  recordField?: RecordFieldCstNode[];
  Comma?: IToken[];
  RCurly: IToken[];
};

export interface RecordFieldCstNode extends CstNode {
  name: 'recordField';
  children: RecordFieldCstChildren;
}

export type RecordFieldCstChildren = {
  Word: IToken[];
  Colon?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface TypeCstNode extends CstNode {
  name: 'type';
  children: TypeCstChildren;
}

export type TypeCstChildren = {
  listType?: ListTypeCstNode[];
  namedType?: NamedTypeCstNode[];
  recordType?: RecordTypeCstNode[];
  tupleType?: TupleTypeCstNode[];
};

export interface ListTypeCstNode extends CstNode {
  name: 'listType';
  children: ListTypeCstChildren;
}

export type ListTypeCstChildren = {
  Word: IToken[];
  LSquare: IToken[];
  type: TypeCstNode[];
  RSquare: IToken[];
};

export interface NamedTypeCstNode extends CstNode {
  name: 'namedType';
  children: NamedTypeCstChildren;
}

export type NamedTypeCstChildren = {
  Word: IToken[];
  LSquare?: IToken[];
  expression?: ExpressionCstNode[];
  Comma?: IToken[];
  RSquare?: IToken[];
};

export interface TupleTypeCstNode extends CstNode {
  name: 'tupleType';
  children: TupleTypeCstChildren;
}

export type TupleTypeCstChildren = {
  LParen: IToken[];
  type: TypeCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface RecordTypeCstNode extends CstNode {
  name: 'recordType';
  children: RecordTypeCstChildren;
}

export type RecordTypeCstChildren = {
  LCurly: IToken[];
  recordTypeField?: RecordTypeFieldCstNode[];
  Comma?: IToken[];
  RCurly: IToken[];
};

export interface RecordTypeFieldCstNode extends CstNode {
  name: 'recordTypeField';
  children: RecordTypeFieldCstChildren;
}

export type RecordTypeFieldCstChildren = {
  Word: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
};

export interface ModuleDeclarationCstNode extends CstNode {
  name: 'moduleDeclaration';
  children: ModuleDeclarationCstChildren;
}

export type ModuleDeclarationCstChildren = {
  ModuleWord: IToken[];
  Word: IToken[];
  parameterList: ParameterListCstNode[];
  returnType?: ReturnTypeCstNode[];
  body: BodyCstNode[];
};

export interface ParameterListCstNode extends CstNode {
  name: 'parameterList';
  children: ParameterListCstChildren;
}

export type ParameterListCstChildren = {
  LParen: IToken[];
  parameter?: ParameterCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface ParameterCstNode extends CstNode {
  name: 'parameter';
  children: ParameterCstChildren;
}

export type ParameterCstChildren = {
  Word: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface ReturnTypeCstNode extends CstNode {
  name: 'returnType';
  children: ReturnTypeCstChildren;
}

export type ReturnTypeCstChildren = {
  Arrow: IToken[];
  type: TypeCstNode[];
};

export interface BodyCstNode extends CstNode {
  name: 'body';
  children: BodyCstChildren;
}

export type BodyCstChildren = {
  LCurly: IToken[];
  statement?: StatementCstNode[];
  RCurly: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: 'statement';
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  Origin?: IToken[];
  bareStatement: BareStatementCstNode[];
};

export interface BareStatementCstNode extends CstNode {
  name: 'bareStatement';
  children: BareStatementCstChildren;
}

export type BareStatementCstChildren = {
  letStatement?: LetStatementCstNode[];
  kindStatement?: KindStatementCstNode[];
  layerStatement?: LayerStatementCstNode[];
  hyperStatement?: HyperStatementCstNode[];
  weightStatement?: WeightStatementCstNode[];
  stateStatement?: StateStatementCstNode[];
  afterStepStatement?: AfterStepStatementCstNode[];
  inputStatement?: InputStatementCstNode[];
  randomStatement?: RandomStatementCstNode[];
  lossStatement?: LossStatementCstNode[];
  watchStatement?: WatchStatementCstNode[];
  requireStatement?: RequireStatementCstNode[];
  returnStatement?: ReturnStatementCstNode[];
  noGradStatement?: NoGradStatementCstNode[];
  iterateStatement?: IterateStatementCstNode[];
  ifStatement?: IfStatementCstNode[];
};

export interface NoGradStatementCstNode extends CstNode {
  name: 'noGradStatement';
  children: NoGradStatementCstChildren;
}

export type NoGradStatementCstChildren = {
  No_gradWord: IToken[];
  block: BlockCstNode[];
};

export interface IterateStatementCstNode extends CstNode {
  name: 'iterateStatement';
  children: IterateStatementCstChildren;
}

export type IterateStatementCstChildren = {
  turns: TurnsCstNode[];
  block: BlockCstNode[];
};

export interface TurnsCstNode extends CstNode {
  name: 'turns';
  children: TurnsCstChildren;
}

export type TurnsCstChildren = {
  IterateWord: IToken[];
  assignment: AssignmentCstNode[];
  Comma?: IToken[];
  TimesWord: IToken[];
  expression: ExpressionCstNode[];
};

export interface IfStatementCstNode extends CstNode {
  name: 'ifStatement';
  children: IfStatementCstChildren;
}

export type IfStatementCstChildren = {
  branch: BranchCstNode[];
  ElseWord?: IToken[];
  block?: BlockCstNode[];
};

export interface BranchCstNode extends CstNode {
  name: 'branch';
  children: BranchCstChildren;
}

export type BranchCstChildren = {
  IfWord: IToken[];
  expression: ExpressionCstNode[];
  block: BlockCstNode[];
};

export interface BlockCstNode extends CstNode {
  name: 'block';
  children: BlockCstChildren;
}

export type BlockCstChildren = {
  LCurly: IToken[];
  blockItem?: BlockItemCstNode[];
  RCurly: IToken[];
};

export interface BlockItemCstNode extends CstNode {
  name: 'blockItem';
  children: BlockItemCstChildren;
}

export type BlockItemCstChildren = {
  assignment?: AssignmentCstNode[];
  statement?: StatementCstNode[];
};

export interface LetStatementCstNode extends CstNode {
  name: 'letStatement';
  children: LetStatementCstChildren;
}

export type LetStatementCstChildren = {
  LetWord: IToken[];
  fieldPattern?: FieldPatternCstNode[];
  namePattern?: NamePatternCstNode[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface NamePatternCstNode extends CstNode {
  name: 'namePattern';
  children: NamePatternCstChildren;
}

export type NamePatternCstChildren = {
  Word: IToken[];
  Comma?: IToken[];
};

export interface FieldPatternCstNode extends CstNode {
  name: 'fieldPattern';
  children: FieldPatternCstChildren;
}

export type FieldPatternCstChildren = {
  LCurly: IToken[];
  fieldName: FieldNameCstNode[];
  Comma?: IToken[];
  RCurly: IToken[];
};

export interface FieldNameCstNode extends CstNode {
  name: 'fieldName';
  children: FieldNameCstChildren;
}

export type FieldNameCstChildren = {
  field: IToken[];
  AsWord?: IToken[];
  alias?: IToken[];
};

export interface KindStatementCstNode extends CstNode {
  name: 'kindStatement';
  children: KindStatementCstChildren;
}

export type KindStatementCstChildren = {
  KindWord: IToken[];
  Word: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface LayerStatementCstNode extends CstNode {
  name: 'layerStatement';
  children: LayerStatementCstChildren;
}

export type LayerStatementCstChildren = {
  LayerWord?: IToken[];
  BackboneWord?: IToken[];
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
  InitWord?: IToken[];
  pretraining?: PretrainingCstNode[];
};

export interface PretrainingCstNode extends CstNode {
  name: 'pretraining';
  children: PretrainingCstChildren;
}

export type PretrainingCstChildren = {
  Word: IToken[];
};

export interface HyperStatementCstNode extends CstNode {
  name: 'hyperStatement';
  children: HyperStatementCstChildren;
}

export type HyperStatementCstChildren = {
  HyperWord: IToken[];
  Word: IToken[];
  Colon?: IToken[];
  type?: TypeCstNode[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface WeightStatementCstNode extends CstNode {
  name: 'weightStatement';
  children: WeightStatementCstChildren;
}

export type WeightStatementCstChildren = {
  WeightWord: IToken[];
  Word: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  InitWord?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface StateStatementCstNode extends CstNode {
  name: 'stateStatement';
  children: StateStatementCstChildren;
}

export type StateStatementCstChildren = {
  StateWord: IToken[];
  Word: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface AfterStepStatementCstNode extends CstNode {
  name: 'afterStepStatement';
  children: AfterStepStatementCstChildren;
}

export type AfterStepStatementCstChildren = {
  AfterWord: IToken[];
  StepWord: IToken[];
  FromWord?: IToken[];
  EpochWord?: IToken[];
  fromEpoch?: ExpressionCstNode[];
  UntilWord?: IToken[];
  untilEpoch?: ExpressionCstNode[];
  LCurly: IToken[];
  assignment?: AssignmentCstNode[];
  RCurly: IToken[];
};

export interface AssignmentCstNode extends CstNode {
  name: 'assignment';
  children: AssignmentCstChildren;
}

export type AssignmentCstChildren = {
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface InputStatementCstNode extends CstNode {
  name: 'inputStatement';
  children: InputStatementCstChildren;
}

export type InputStatementCstChildren = {
  InputWord: IToken[];
  Word: IToken[];
  Colon: IToken[];
  type: TypeCstNode[];
};

export interface RandomStatementCstNode extends CstNode {
  name: 'randomStatement';
  children: RandomStatementCstChildren;
}

export type RandomStatementCstChildren = {
  RandomWord: IToken[];
  Word: IToken[];
  Tilde: IToken[];
  expression: ExpressionCstNode[];
};

export interface LossStatementCstNode extends CstNode {
  name: 'lossStatement';
  children: LossStatementCstChildren;
}

export type LossStatementCstChildren = {
  LossWord: IToken[];
  Word: IToken[];
  lossClause?: LossClauseCstNode[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface LossClauseCstNode extends CstNode {
  name: 'lossClause';
  children: LossClauseCstChildren;
}

export type LossClauseCstChildren = {
  WeightWord?: IToken[];
  expression?: ExpressionCstNode[];
  FromWord?: IToken[];
  EpochWord?: IToken[];
  UntilWord?: IToken[];
  WhenWord?: IToken[];
  OffWord?: IToken[];
  gradient?: IToken[];
};

export interface WatchStatementCstNode extends CstNode {
  name: 'watchStatement';
  children: WatchStatementCstChildren;
}

export type WatchStatementCstChildren = {
  WatchWord: IToken[];
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface RequireStatementCstNode extends CstNode {
  name: 'requireStatement';
  children: RequireStatementCstChildren;
}

export type RequireStatementCstChildren = {
  RequireWord: IToken[];
  expression: ExpressionCstNode[];
  DivisibleWord?: IToken[];
  ByWord?: IToken[];
  chain?: ChainCstNode[];
};

export interface ReturnStatementCstNode extends CstNode {
  name: 'returnStatement';
  children: ReturnStatementCstChildren;
}

export type ReturnStatementCstChildren = {
  ReturnWord: IToken[];
  expression: ExpressionCstNode[];
};

export interface MemberCstNode extends CstNode {
  name: 'member';
  children: MemberCstChildren;
}

export type MemberCstChildren = {
  Origin?: IToken[];
  paperBlock?: PaperBlockCstNode[];
  supervisionClause?: SupervisionClauseCstNode[];
  trainBlock?: TrainBlockCstNode[];
  inferBlock?: InferBlockCstNode[];
  pipelineBlock?: PipelineBlockCstNode[];
  moduleDeclaration?: ModuleDeclarationCstNode[];
  shadowClause?: ShadowClauseCstNode[];
  bareStatement?: BareStatementCstNode[];
};

export interface PaperBlockCstNode extends CstNode {
  name: 'paperBlock';
  children: PaperBlockCstChildren;
}

export type PaperBlockCstChildren = {
  PaperWord: IToken[];
  record: RecordCstNode[];
};

export interface SupervisionClauseCstNode extends CstNode {
  name: 'supervisionClause';
  children: SupervisionClauseCstChildren;
}

export type SupervisionClauseCstChildren = {
  SupervisionWord: IToken[];
  Word: IToken[];
  Plus?: IToken[];
};

export interface ShadowClauseCstNode extends CstNode {
  name: 'shadowClause';
  children: ShadowClauseCstChildren;
}

export type ShadowClauseCstChildren = {
  ShadowWord: IToken[];
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface TrainBlockCstNode extends CstNode {
  name: 'trainBlock';
  children: TrainBlockCstChildren;
}

export type TrainBlockCstChildren = {
  TrainWord: IToken[];
  LCurly: IToken[];
  trainItem?: TrainItemCstNode[];
  RCurly: IToken[];
};

export interface TrainItemCstNode extends CstNode {
  name: 'trainItem';
  children: TrainItemCstChildren;
}

export type TrainItemCstChildren = {
  dataItem?: DataItemCstNode[];
  pairItem?: PairItemCstNode[];
  validateItem?: ValidateItemCstNode[];
  groupItem?: GroupItemCstNode[];
  freezeItem?: FreezeItemCstNode[];
  requireStatement?: RequireStatementCstNode[];
  setting?: SettingCstNode[];
};

export interface DataItemCstNode extends CstNode {
  name: 'dataItem';
  children: DataItemCstChildren;
}

export type DataItemCstChildren = {
  DataWord: IToken[];
  postfix: PostfixCstNode[];
  dataViews: DataViewsCstNode[];
};

export interface PairItemCstNode extends CstNode {
  name: 'pairItem';
  children: PairItemCstChildren;
}

export type PairItemCstChildren = {
  PairWord: IToken[];
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
  dataViews: DataViewsCstNode[];
};

export interface DataViewsCstNode extends CstNode {
  name: 'dataViews';
  children: DataViewsCstChildren;
}

export type DataViewsCstChildren = {
  LCurly: IToken[];
  dataView?: DataViewCstNode[];
  RCurly: IToken[];
};

export interface DataViewCstNode extends CstNode {
  name: 'dataView';
  children: DataViewCstChildren;
}

export type DataViewCstChildren = {
  Word: IToken[];
  Comma?: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
  Semicolon?: IToken[];
};

export interface ValidateItemCstNode extends CstNode {
  name: 'validateItem';
  children: ValidateItemCstChildren;
}

export type ValidateItemCstChildren = {
  ValidateWord: IToken[];
  validateClause?: ValidateClauseCstNode[];
};

export interface ValidateClauseCstNode extends CstNode {
  name: 'validateClause';
  children: ValidateClauseCstChildren;
}

export type ValidateClauseCstChildren = {
  EveryWord?: IToken[];
  chain?: ChainCstNode[];
  unit?: IToken[];
  OnWord?: IToken[];
  postfix?: PostfixCstNode[];
  WithWord?: IToken[];
  program?: IToken[];
  KeepWord?: IToken[];
  kept?: PostfixCstNode[];
  Comma?: IToken[];
};

export interface GroupItemCstNode extends CstNode {
  name: 'groupItem';
  children: GroupItemCstChildren;
}

export type GroupItemCstChildren = {
  GroupWord: IToken[];
  postfix: PostfixCstNode[];
  Comma?: IToken[];
  Colon: IToken[];
  groupSetting: GroupSettingCstNode[];
};

export interface GroupSettingCstNode extends CstNode {
  name: 'groupSetting';
  children: GroupSettingCstChildren;
}

export type GroupSettingCstChildren = {
  Word: IToken[];
  Multiplier?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface FreezeItemCstNode extends CstNode {
  name: 'freezeItem';
  children: FreezeItemCstChildren;
}

export type FreezeItemCstChildren = {
  FreezeWord?: IToken[];
  ExcludeWord?: IToken[];
  postfix: PostfixCstNode[];
  Comma?: IToken[];
  FromWord?: IToken[];
  EpochWord?: IToken[];
  fromEpoch?: ExpressionCstNode[];
  UntilWord?: IToken[];
  untilEpoch?: ExpressionCstNode[];
};

export interface SettingCstNode extends CstNode {
  name: 'setting';
  children: SettingCstChildren;
}

export type SettingCstChildren = {
  Word: IToken[];
  expression?: ExpressionCstNode[];
  Comma?: IToken[];
};

export interface InferBlockCstNode extends CstNode {
  name: 'inferBlock';
  children: InferBlockCstChildren;
}

export type InferBlockCstChildren = {
  InferWord: IToken[];
  Word: IToken[];
  parameterList: ParameterListCstNode[];
  returnType?: ReturnTypeCstNode[];
  body: BodyCstNode[];
};

export interface PipelineBlockCstNode extends CstNode {
  name: 'pipelineBlock';
  children: PipelineBlockCstChildren;
}

export type PipelineBlockCstChildren = {
  PipelineWord: IToken[];
  LCurly: IToken[];
  pipelineItem?: PipelineItemCstNode[];
  RCurly: IToken[];
};

export interface PipelineItemCstNode extends CstNode {
  name: 'pipelineItem';
  children: PipelineItemCstChildren;
}

export type PipelineItemCstChildren = {
  Origin?: IToken[];
  stageStatement?: StageStatementCstNode[];
  rounds?: RoundsCstNode[];
};

export interface RoundsCstNode extends CstNode {
  name: 'rounds';
  children: RoundsCstChildren;
}

export type RoundsCstChildren = {
  turns: TurnsCstNode[];
  LCurly: IToken[];
  roundItem?: RoundItemCstNode[];
  RCurly: IToken[];
};

export interface RoundItemCstNode extends CstNode {
  name: 'roundItem';
  children: RoundItemCstChildren;
}

export type RoundItemCstChildren = {
  assignment?: AssignmentCstNode[];
  pipelineItem?: PipelineItemCstNode[];
};

export interface StageStatementCstNode extends CstNode {
  name: 'stageStatement';
  children: StageStatementCstChildren;
}

export type StageStatementCstChildren = {
  StageWord: IToken[];
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface FileCstNode extends CstNode {
  name: 'file';
  children: FileCstChildren;
}

export type FileCstChildren = {
  LanguageWord?: IToken[];
  NumberValue?: IToken[];
  importDeclaration?: ImportDeclarationCstNode[];
  declaration?: DeclarationCstNode[];
  EOF: IToken[];
};

export interface ImportDeclarationCstNode extends CstNode {
  name: 'importDeclaration';
  children: ImportDeclarationCstChildren;
}

export type ImportDeclarationCstChildren = {
  ImportWord: IToken[];
  LCurly?: IToken[];
  importName?: ImportNameCstNode[];
  Comma?: IToken[];
  RCurly?: IToken[];
  FromWord?: IToken[];
  Text: IToken[];
};

export interface ImportNameCstNode extends CstNode {
  name: 'importName';
  children: ImportNameCstChildren;
}

export type ImportNameCstChildren = {
  name: IToken[];
  AsWord?: IToken[];
  alias?: IToken[];
};

export interface DeclarationCstNode extends CstNode {
  name: 'declaration';
  children: DeclarationCstChildren;
}

export type DeclarationCstChildren = {
  Origin?: IToken[];
  methodDeclaration?: MethodDeclarationCstNode[];
  moduleDeclaration?: ModuleDeclarationCstNode[];
  externDeclaration?: ExternDeclarationCstNode[];
  variantDeclaration?: VariantDeclarationCstNode[];
  gridDeclaration?: GridDeclarationCstNode[];
  datasetDeclaration?: DatasetDeclarationCstNode[];
  namingDeclaration?: NamingDeclarationCstNode[];
  caseDeclaration?: CaseDeclarationCstNode[];
};

export interface MethodDeclarationCstNode extends CstNode {
  name: 'methodDeclaration';
  children: MethodDeclarationCstChildren;
}

export type MethodDeclarationCstChildren = {
  MethodWord: IToken[];
  Word: IToken[];
  LCurly: IToken[];
  member?: MemberCstNode[];
  RCurly: IToken[];
};

export interface ExternDeclarationCstNode extends CstNode {
  name: 'externDeclaration';
  children: ExternDeclarationCstChildren;
}

export type ExternDeclarationCstChildren = {
  ExternWord: IToken[];
  Word: IToken[];
  parameterList: ParameterListCstNode[];
  returnType?: ReturnTypeCstNode[];
};

export interface VariantDeclarationCstNode extends CstNode {
  name: 'variantDeclaration';
  children: VariantDeclarationCstChildren;
}

export type VariantDeclarationCstChildren = {
  VariantWord: IToken[];
  name: IToken[];
  OfWord: IToken[];
  base: IToken[];
  LCurly: IToken[];
  removal?: RemovalCstNode[];
  member?: MemberCstNode[];
  RCurly: IToken[];
};

export interface RemovalCstNode extends CstNode {
  name: 'removal';
  children: RemovalCstChildren;
}

export type RemovalCstChildren = {
  RemoveWord: IToken[];
  what: IToken[];
  name: IToken[];
};

export interface GridDeclarationCstNode extends CstNode {
  name: 'gridDeclaration';
  children: GridDeclarationCstChildren;
}

export type GridDeclarationCstChildren = {
  GridWord: IToken[];
  name: IToken[];
  OfWord: IToken[];
  base: IToken[];
  LCurly: IToken[];
  gridAxis?: GridAxisCstNode[];
  RCurly: IToken[];
};

export interface GridAxisCstNode extends CstNode {
  name: 'gridAxis';
  children: GridAxisCstChildren;
}

export type GridAxisCstChildren = {
  Word: IToken[];
  InWord: IToken[];
  expression: ExpressionCstNode[];
  Comma?: IToken[];
};

export interface DatasetDeclarationCstNode extends CstNode {
  name: 'datasetDeclaration';
  children: DatasetDeclarationCstChildren;
}

export type DatasetDeclarationCstChildren = {
  DatasetWord: IToken[];
  Word: IToken[];
  LCurly: IToken[];
  setting?: SettingCstNode[];
  RCurly: IToken[];
};

export interface NamingDeclarationCstNode extends CstNode {
  name: 'namingDeclaration';
  children: NamingDeclarationCstChildren;
}

export type NamingDeclarationCstChildren = {
  NamingWord: IToken[];
  name: IToken[];
  OfWord: IToken[];
  base: IToken[];
  LCurly: IToken[];
  namingLine?: NamingLineCstNode[];
  RCurly: IToken[];
};

export interface NamingLineCstNode extends CstNode {
  name: 'namingLine';
  children: NamingLineCstChildren;
}

export type NamingLineCstChildren = {
  theirs: IToken[];
  Equals: IToken[];
  ours?: IToken[];
  none?: IToken[];
};

export interface CaseDeclarationCstNode extends CstNode {
  name: 'caseDeclaration';
  children: CaseDeclarationCstChildren;
}

export type CaseDeclarationCstChildren = {
  CaseWord: IToken[];
  Word?: IToken[];
  LCurly: IToken[];
  caseItem?: CaseItemCstNode[];
  RCurly: IToken[];
};

export interface CaseItemCstNode extends CstNode {
  name: 'caseItem';
  children: CaseItemCstChildren;
}

export type CaseItemCstChildren = {
  word?: IToken[];
  key?: IToken[];
  Equals?: IToken[];
  expression?: ExpressionCstNode[];
  name?: IToken[];
};

export interface ICstNodeVisitor<IN, OUT> extends ICstVisitor<IN, OUT> {
  expression(children: ExpressionCstChildren, param?: IN): OUT;
  lambda(children: LambdaCstChildren, param?: IN): OUT;
  conditional(children: ConditionalCstChildren, param?: IN): OUT;
  chain(children: ChainCstChildren, param?: IN): OUT;
  link(children: LinkCstChildren, param?: IN): OUT;
  operand(children: OperandCstChildren, param?: IN): OUT;
  recast(children: RecastCstChildren, param?: IN): OUT;
  postfix(children: PostfixCstChildren, param?: IN): OUT;
  tail(children: TailCstChildren, param?: IN): OUT;
  callTail(children: CallTailCstChildren, param?: IN): OUT;
  argument(children: ArgumentCstChildren, param?: IN): OUT;
  indexTail(children: IndexTailCstChildren, param?: IN): OUT;
  indexItem(children: IndexItemCstChildren, param?: IN): OUT;
  memberTail(children: MemberTailCstChildren, param?: IN): OUT;
  primary(children: PrimaryCstChildren, param?: IN): OUT;
  parens(children: ParensCstChildren, param?: IN): OUT;
  list(children: ListCstChildren, param?: IN): OUT;
  forClause(children: ForClauseCstChildren, param?: IN): OUT;
  record(children: RecordCstChildren, param?: IN): OUT;
  recordField(children: RecordFieldCstChildren, param?: IN): OUT;
  type(children: TypeCstChildren, param?: IN): OUT;
  listType(children: ListTypeCstChildren, param?: IN): OUT;
  namedType(children: NamedTypeCstChildren, param?: IN): OUT;
  tupleType(children: TupleTypeCstChildren, param?: IN): OUT;
  recordType(children: RecordTypeCstChildren, param?: IN): OUT;
  recordTypeField(children: RecordTypeFieldCstChildren, param?: IN): OUT;
  moduleDeclaration(children: ModuleDeclarationCstChildren, param?: IN): OUT;
  parameterList(children: ParameterListCstChildren, param?: IN): OUT;
  parameter(children: ParameterCstChildren, param?: IN): OUT;
  returnType(children: ReturnTypeCstChildren, param?: IN): OUT;
  body(children: BodyCstChildren, param?: IN): OUT;
  statement(children: StatementCstChildren, param?: IN): OUT;
  bareStatement(children: BareStatementCstChildren, param?: IN): OUT;
  noGradStatement(children: NoGradStatementCstChildren, param?: IN): OUT;
  iterateStatement(children: IterateStatementCstChildren, param?: IN): OUT;
  turns(children: TurnsCstChildren, param?: IN): OUT;
  ifStatement(children: IfStatementCstChildren, param?: IN): OUT;
  branch(children: BranchCstChildren, param?: IN): OUT;
  block(children: BlockCstChildren, param?: IN): OUT;
  blockItem(children: BlockItemCstChildren, param?: IN): OUT;
  letStatement(children: LetStatementCstChildren, param?: IN): OUT;
  namePattern(children: NamePatternCstChildren, param?: IN): OUT;
  fieldPattern(children: FieldPatternCstChildren, param?: IN): OUT;
  fieldName(children: FieldNameCstChildren, param?: IN): OUT;
  kindStatement(children: KindStatementCstChildren, param?: IN): OUT;
  layerStatement(children: LayerStatementCstChildren, param?: IN): OUT;
  pretraining(children: PretrainingCstChildren, param?: IN): OUT;
  hyperStatement(children: HyperStatementCstChildren, param?: IN): OUT;
  weightStatement(children: WeightStatementCstChildren, param?: IN): OUT;
  stateStatement(children: StateStatementCstChildren, param?: IN): OUT;
  afterStepStatement(children: AfterStepStatementCstChildren, param?: IN): OUT;
  assignment(children: AssignmentCstChildren, param?: IN): OUT;
  inputStatement(children: InputStatementCstChildren, param?: IN): OUT;
  randomStatement(children: RandomStatementCstChildren, param?: IN): OUT;
  lossStatement(children: LossStatementCstChildren, param?: IN): OUT;
  lossClause(children: LossClauseCstChildren, param?: IN): OUT;
  watchStatement(children: WatchStatementCstChildren, param?: IN): OUT;
  requireStatement(children: RequireStatementCstChildren, param?: IN): OUT;
  returnStatement(children: ReturnStatementCstChildren, param?: IN): OUT;
  member(children: MemberCstChildren, param?: IN): OUT;
  paperBlock(children: PaperBlockCstChildren, param?: IN): OUT;
  supervisionClause(children: SupervisionClauseCstChildren, param?: IN): OUT;
  shadowClause(children: ShadowClauseCstChildren, param?: IN): OUT;
  trainBlock(children: TrainBlockCstChildren, param?: IN): OUT;
  trainItem(children: TrainItemCstChildren, param?: IN): OUT;
  dataItem(children: DataItemCstChildren, param?: IN): OUT;
  pairItem(children: PairItemCstChildren, param?: IN): OUT;
  dataViews(children: DataViewsCstChildren, param?: IN): OUT;
  dataView(children: DataViewCstChildren, param?: IN): OUT;
  validateItem(children: ValidateItemCstChildren, param?: IN): OUT;
  validateClause(children: ValidateClauseCstChildren, param?: IN): OUT;
  groupItem(children: GroupItemCstChildren, param?: IN): OUT;
  groupSetting(children: GroupSettingCstChildren, param?: IN): OUT;
  freezeItem(children: FreezeItemCstChildren, param?: IN): OUT;
  setting(children: SettingCstChildren, param?: IN): OUT;
  inferBlock(children: InferBlockCstChildren, param?: IN): OUT;
  pipelineBlock(children: PipelineBlockCstChildren, param?: IN): OUT;
  pipelineItem(children: PipelineItemCstChildren, param?: IN): OUT;
  rounds(children: RoundsCstChildren, param?: IN): OUT;
  roundItem(children: RoundItemCstChildren, param?: IN): OUT;
  stageStatement(children: StageStatementCstChildren, param?: IN): OUT;
  file(children: FileCstChildren, param?: IN): OUT;
  importDeclaration(children: ImportDeclarationCstChildren, param?: IN): OUT;
  importName(children: ImportNameCstChildren, param?: IN): OUT;
  declaration(children: DeclarationCstChildren, param?: IN): OUT;
  methodDeclaration(children: MethodDeclarationCstChildren, param?: IN): OUT;
  externDeclaration(children: ExternDeclarationCstChildren, param?: IN): OUT;
  variantDeclaration(children: VariantDeclarationCstChildren, param?: IN): OUT;
  removal(children: RemovalCstChildren, param?: IN): OUT;
  gridDeclaration(children: GridDeclarationCstChildren, param?: IN): OUT;
  gridAxis(children: GridAxisCstChildren, param?: IN): OUT;
  datasetDeclaration(children: DatasetDeclarationCstChildren, param?: IN): OUT;
  namingDeclaration(children: NamingDeclarationCstChildren, param?: IN): OUT;
  namingLine(children: NamingLineCstChildren, param?: IN): OUT;
  caseDeclaration(children: CaseDeclarationCstChildren, param?: IN): OUT;
  caseItem(children: CaseItemCstChildren, param?: IN): OUT;
}
