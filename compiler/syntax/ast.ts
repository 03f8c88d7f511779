/**
 * The abstract syntax of a `.wsss` file: what later phases see of the text. Every node has a span; nothing here is resolved or typed.
 * Under error recovery a missing name is an `Identifier` with `missing: true` and a unique text, so that two of them never look like one.
 * One long file, because it is the one list that is read as a whole.
 */
import type { SourceFile, Span } from '../source/source.ts';

export interface Identifier {
  readonly kind: 'identifier';
  readonly span: Span;
  readonly text: string;
  readonly missing: boolean;
}

/** `/// text` lines above a declaration, joined by newlines, markers removed. */
export type Doc = string | undefined;

/** Where a declaration's numbers come from: `@paper`, `@code` or `@inferred` written before it. */
export type Origin = 'paper' | 'code' | 'inferred';

// ---------------------------------------------------------------- expressions

export interface NumberLiteral {
  readonly kind: 'number';
  readonly span: Span;
  readonly value: number;
  /** True for `16`; false for `16.0`, `1e-4` and `.5`. */
  readonly integer: boolean;
}
export interface StringLiteral {
  readonly kind: 'string';
  readonly span: Span;
  readonly value: string;
}
export interface BooleanLiteral {
  readonly kind: 'boolean';
  readonly span: Span;
  readonly value: boolean;
}
export interface NameExpression {
  readonly kind: 'name';
  readonly span: Span;
  readonly name: Identifier;
}
/** `[a, b, c]` */
export interface ListExpression {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly Expression[];
}
/** `[conv(d) for d in widths if d > 0]`; `for k, d in pairs` unpacks. Several `for` nest left to right. */
export interface ComprehensionExpression {
  readonly kind: 'comprehension';
  readonly span: Span;
  readonly element: Expression;
  readonly clauses: readonly ComprehensionClause[];
}
export interface ComprehensionClause {
  readonly names: readonly Identifier[];
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}
/** `0..n` (half open where it counts), `320..640` (both ends where it is a setting); an end may be missing inside an index. */
export interface RangeExpression {
  readonly kind: 'range';
  readonly span: Span;
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
}
/** `(a, b)`: two or more values. */
export interface TupleExpression {
  readonly kind: 'tuple';
  readonly span: Span;
  readonly items: readonly Expression[];
}
/** `{ cam: raw, features: f }` */
export interface RecordExpression {
  readonly kind: 'record';
  readonly span: Span;
  readonly fields: readonly RecordField[];
}
export interface RecordField {
  readonly name: Identifier;
  readonly value: Expression;
}
export interface Argument {
  readonly span: Span;
  /** `name:` before the value. */
  readonly name: Identifier | undefined;
  readonly value: Expression;
}
export interface CallExpression {
  readonly kind: 'call';
  readonly span: Span;
  readonly callee: Expression;
  readonly args: readonly Argument[];
}
export interface MemberExpression {
  readonly kind: 'member';
  readonly span: Span;
  readonly object: Expression;
  readonly name: Identifier;
}
/** `x[0]`, `x[foreground]`, `x[h: 1.., w: 0..n]` */
export interface IndexExpression {
  readonly kind: 'index';
  readonly span: Span;
  readonly object: Expression;
  readonly items: readonly IndexItem[];
}
export interface IndexItem {
  readonly span: Span;
  /** `h:` by name, `1:` by number. */
  readonly axis: Identifier | NumberLiteral | undefined;
  readonly value: Expression;
}
export type UnaryOperator = '-' | 'not';
export interface UnaryExpression {
  readonly kind: 'unary';
  readonly span: Span;
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
/** `//` (whole-number division) is written `a div b`, because `//` starts a comment. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or' | '&' | '|';
export interface BinaryExpression {
  readonly kind: 'binary';
  readonly span: Span;
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}
/** `source |> flip(0.5)`: the left side becomes the first argument of the call on the right. */
export interface PipeExpression {
  readonly kind: 'pipe';
  readonly span: Span;
  readonly left: Expression;
  readonly right: Expression;
}
/** `condition ? a : b`; a static condition chooses when the file is compiled. */
export interface ConditionalExpression {
  readonly kind: 'conditional';
  readonly span: Span;
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}
/** `x as logits`: a visible change of kind. */
export interface AsExpression {
  readonly kind: 'as';
  readonly span: Span;
  readonly value: Expression;
  readonly target: Identifier;
}
/** `x => relu(x)`, `(a, b) => a + b` */
export interface LambdaExpression {
  readonly kind: 'lambda';
  readonly span: Span;
  readonly params: readonly Identifier[];
  readonly body: Expression;
}
/** What recovery leaves where an expression should stand. Already reported. */
export interface ErrorExpression {
  readonly kind: 'error';
  readonly span: Span;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NameExpression
  | ListExpression
  | ComprehensionExpression
  | RangeExpression
  | TupleExpression
  | RecordExpression
  | CallExpression
  | MemberExpression
  | IndexExpression
  | UnaryExpression
  | BinaryExpression
  | PipeExpression
  | ConditionalExpression
  | AsExpression
  | LambdaExpression
  | ErrorExpression;

// ---------------------------------------------------------------- types

/** `Cam[N, h, w, K+1]`, `float`, `list[int]`: a name and, in brackets, dimensions (or for `list` the element type, held as `element`). */
export interface NamedType {
  readonly kind: 'named_type';
  readonly span: Span;
  readonly name: Identifier;
  /** Undefined without brackets. */
  readonly dims: readonly Expression[] | undefined;
  /** For `list[T]`. */
  readonly element: TypeExpression | undefined;
}
/** `{ cam: Cam[N, h, w, K], features: Features[N, h, w, D] }` */
export interface RecordType {
  readonly kind: 'record_type';
  readonly span: Span;
  readonly fields: readonly { readonly name: Identifier; readonly type: TypeExpression }[];
}
/** `(Cam[N, h, w, K], Features[N, h, w, D])`: the type of a result of several values. */
export interface TupleType {
  readonly kind: 'tuple_type';
  readonly span: Span;
  readonly items: readonly TypeExpression[];
}
export type TypeExpression = NamedType | RecordType | TupleType;

export interface Parameter {
  readonly span: Span;
  readonly name: Identifier;
  readonly type: TypeExpression | undefined;
  readonly defaultValue: Expression | undefined;
}

// ---------------------------------------------------------------- statements (bodies of modules, methods, infer programs)

interface Declared {
  readonly span: Span;
  readonly doc: Doc;
  readonly origin: Origin | undefined;
}

/** `let a = …`, `let a, b = …`, `let { cam, features as deep } = …`, or with a kind word: `cam raw = …`, `features deep = …`. */
export interface LetStatement extends Declared {
  readonly kind: 'let';
  /** The word before the name when it is not `let`: `cam`, `features`, `prototype` … */
  readonly word: Identifier | undefined;
  readonly names: readonly Identifier[];
  /** For a pattern in braces: the fields of the record that the names are taken from, one for each (the name itself without `as`). */
  readonly fields: readonly Identifier[] | undefined;
  readonly type: TypeExpression | undefined;
  readonly value: Expression;
}
/** `layer classify = conv(K, kernel: 1)`, `backbone net = resnet50(…) init imagenet` */
export interface LayerStatement extends Declared {
  readonly kind: 'layer';
  readonly role: 'layer' | 'backbone';
  readonly name: Identifier;
  readonly value: Expression;
  /** What its weights were trained on before, where it does not start from nothing. */
  readonly pretraining: Identifier | undefined;
}
/** `hyper background = 0.5`, `hyper scales: list[float] = [1.0, 0.5]` */
export interface HyperStatement extends Declared {
  readonly kind: 'hyper';
  readonly name: Identifier;
  readonly type: TypeExpression | undefined;
  readonly value: Expression;
}
/** `weight kernel: Tensor[k, k, C, out] init kaiming_uniform(a)` */
export interface WeightStatement extends Declared {
  readonly kind: 'weight';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly init: Expression | undefined;
}
/** `state running_mean: Tensor[C] = zeros` */
export interface StateStatement extends Declared {
  readonly kind: 'state';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly init: Expression;
}
/** `after step { running_mean = … }`, `after step until epoch 1 { … }` */
export interface AfterStepStatement extends Declared {
  readonly kind: 'after_step';
  readonly fromEpoch: Expression | undefined;
  readonly untilEpoch: Expression | undefined;
  readonly assignments: readonly Assignment[];
}
/** `name = value`: the value that a name has from the next step, turn or round on. */
export interface Assignment {
  readonly kind: 'assignment';
  readonly span: Span;
  readonly name: Identifier;
  readonly value: Expression;
}
/** `input image: Image[N, H, W, 3]` */
export interface InputStatement extends Declared {
  readonly kind: 'input';
  readonly name: Identifier;
  readonly type: TypeExpression;
}
/** `random gate ~ bernoulli(0.3, like: x)` */
export interface RandomStatement extends Declared {
  readonly kind: 'random';
  readonly name: Identifier;
  readonly distribution: Expression;
}
/** `loss seg weight 0.1 from epoch 7 until epoch 12 when any(rest) off untouched = …` */
export interface LossStatement extends Declared {
  readonly kind: 'loss';
  readonly name: Identifier;
  readonly weight: Expression | undefined;
  readonly fromEpoch: Expression | undefined;
  readonly untilEpoch: Expression | undefined;
  readonly when: Expression | undefined;
  /** What a parameter gets that only switched-off losses reach: `zero` (a gradient of zero) or `untouched`. */
  readonly off: Identifier | undefined;
  readonly value: Expression;
}
/** `watch relation = …`: logged, not optimised. */
export interface WatchStatement extends Declared {
  readonly kind: 'watch';
  readonly name: Identifier;
  readonly value: Expression;
}
/** `require H divisible by 16`, `require C >= 1`, `require C == K + 1` */
export interface RequireStatement extends Declared {
  readonly kind: 'require';
  readonly left: Expression;
  readonly relation: 'divisible by' | '>=' | '==';
  readonly right: Expression;
}
export interface ReturnStatement {
  readonly kind: 'return';
  readonly span: Span;
  readonly value: Expression;
}
/** `no_grad { … }`: its names stay visible; no gradient flows through what leaves it. */
export interface NoGradStatement extends Declared {
  readonly kind: 'no_grad';
  readonly body: readonly BlockItem[];
}
/** `iterate m = start, s = other times 10 { … m = f(m) }`: a fixed number of turns; afterwards the names hold the values of the last. */
export interface IterateStatement extends Declared {
  readonly kind: 'iterate';
  readonly carried: readonly Assignment[];
  readonly times: Expression;
  readonly body: readonly BlockItem[];
}
/** `if static { … } else if other { … } else { … }`: the branch taken is chosen when the file is compiled. */
export interface IfStatement extends Declared {
  readonly kind: 'if';
  readonly branches: readonly { readonly condition: Expression; readonly body: readonly BlockItem[] }[];
  readonly otherwise: readonly BlockItem[] | undefined;
}
/** What stands in a block inside a body. */
export type BlockItem = Statement | Assignment;

export type Statement =
  | LetStatement
  | LayerStatement
  | HyperStatement
  | WeightStatement
  | StateStatement
  | AfterStepStatement
  | InputStatement
  | RandomStatement
  | LossStatement
  | WatchStatement
  | RequireStatement
  | ReturnStatement
  | NoGradStatement
  | IterateStatement
  | IfStatement;

// ---------------------------------------------------------------- method blocks

/** `paper { title: "…", venue: "…" }` */
export interface PaperBlock {
  readonly kind: 'paper';
  readonly span: Span;
  readonly fields: readonly RecordField[];
}
/** `supervision tags + saliency` */
export interface SupervisionClause {
  readonly kind: 'supervision';
  readonly span: Span;
  readonly levels: readonly Identifier[];
}
/** `data voc.train_aug { image, inside = source |> … ; small = image |> … }` */
export interface DataItem {
  readonly kind: 'data';
  readonly span: Span;
  /** `voc.train_aug` as a member expression, or a plain name. */
  readonly source: Expression;
  readonly views: readonly DataView[];
}
export interface DataView {
  readonly span: Span;
  readonly names: readonly Identifier[];
  readonly value: Expression;
}
/** `pair other = draw(class: uniform, from: union(…)) { image = source |> … }`: binds to an input of that name with a record type. */
export interface PairItem {
  readonly kind: 'pair';
  readonly span: Span;
  readonly name: Identifier;
  /** How the further image is drawn. */
  readonly draw: Expression;
  readonly views: readonly DataView[];
}
/** `validate every 500 steps on voc.val with predict keep best(miou), last`: clauses in any order, each at most once. */
export interface ValidateItem {
  readonly kind: 'validate';
  readonly span: Span;
  readonly every: { readonly count: Expression; readonly unit: Identifier } | undefined;
  readonly on: Expression | undefined;
  readonly program: Identifier | undefined;
  readonly keep: readonly Expression[] | undefined;
}
/** `epochs 5`, `batch 16`, `accumulate 4`, `optimizer sgd(lr: 0.1)`, `schedule poly(0.9)`: a word and one expression; several on a line are separated by commas. */
export interface SettingItem {
  readonly kind: 'setting';
  readonly span: Span;
  readonly name: Identifier;
  readonly value: Expression;
}
/** `group sides, classify: lr x10, weight_decay x0` (a multiplier) or `lr 0.02` (an absolute value), or `optimizer muon(…)`. */
export interface GroupItem {
  readonly kind: 'group';
  readonly span: Span;
  readonly members: readonly Expression[];
  readonly settings: readonly GroupSetting[];
}
export interface GroupSetting {
  readonly span: Span;
  readonly name: Identifier;
  readonly multiplier: boolean;
  readonly value: Expression;
}
/** `freeze net.stem, net.layer1`, perhaps `from epoch 2` or `until epoch 5`; `exclude …` (exists, never updated). */
export interface FreezeItem {
  readonly kind: 'freeze';
  readonly span: Span;
  readonly role: 'freeze' | 'exclude';
  readonly members: readonly Expression[];
  readonly fromEpoch: Expression | undefined;
  readonly untilEpoch: Expression | undefined;
}
export type TrainItem = DataItem | PairItem | ValidateItem | SettingItem | GroupItem | FreezeItem | RequireStatement;
export interface TrainBlock {
  readonly kind: 'train';
  readonly span: Span;
  readonly doc: Doc;
  readonly items: readonly TrainItem[];
}
/** `infer seeds(photo: Image[1, h0, w0, 3], tags: Tags[1, K]) -> Cam[1, h0, w0, K+1] { … }` */
export interface InferBlock {
  readonly kind: 'infer';
  readonly span: Span;
  readonly doc: Doc;
  readonly name: Identifier;
  readonly params: readonly Parameter[];
  readonly returns: TypeExpression | undefined;
  readonly body: readonly Statement[];
}
/** `pipeline { stage seeds = infer(classifier, seeds, on: voc.train) … }` */
export interface PipelineBlock {
  readonly kind: 'pipeline';
  readonly span: Span;
  readonly doc: Doc;
  readonly items: readonly PipelineItem[];
}
export interface StageStatement extends Declared {
  readonly kind: 'stage';
  readonly name: Identifier;
  readonly value: Expression;
}
/** `iterate labels = seeds times 3 { stage … labels = next }`: stages that run again on what they made. */
export interface RoundsStatement extends Declared {
  readonly kind: 'rounds';
  readonly carried: readonly Assignment[];
  readonly times: Expression;
  readonly body: readonly (PipelineItem | Assignment)[];
}
export type PipelineItem = StageStatement | RoundsStatement;
/** `shadow teacher = ema(net, 0.996)`: a second set of a layer's parameters, called like the layer and never optimised. */
export interface ShadowClause extends Declared {
  readonly kind: 'shadow';
  readonly name: Identifier;
  readonly value: Expression;
}
/** A module among the members closes over the layers, settings and state of its method. */
export type MethodMember =
  | Statement
  | PaperBlock
  | SupervisionClause
  | TrainBlock
  | InferBlock
  | PipelineBlock
  | ShadowClause
  | ModuleDeclaration;

// ---------------------------------------------------------------- declarations

export interface MethodDeclaration extends Declared {
  readonly kind: 'method';
  readonly name: Identifier;
  readonly members: readonly MethodMember[];
}
/** `module conv(out: int, kernel: int = 1)(x: Features[N, h, w, C]) -> Features[…] { … }`; one parenthesis when nothing is configured. */
export interface ModuleDeclaration extends Declared {
  readonly kind: 'module';
  readonly name: Identifier;
  /** The first of two parentheses: fixed when the layer is made. Undefined when the module is called directly. */
  readonly config: readonly Parameter[] | undefined;
  readonly params: readonly Parameter[];
  readonly returns: TypeExpression | undefined;
  readonly body: readonly Statement[];
}
/** `extern conv2d(x: Tensor[N, h, w, C], filter: Tensor[kh, kw, C, O], stride: int = 1) -> Tensor[…]`: a primitive of the operator table. */
export interface ExternDeclaration extends Declared {
  readonly kind: 'extern';
  readonly name: Identifier;
  readonly params: readonly Parameter[];
  readonly returns: TypeExpression | undefined;
}
/** `variant small of sipe { remove loss gsc  backbone net = … }` */
export interface VariantDeclaration extends Declared {
  readonly kind: 'variant';
  readonly name: Identifier;
  readonly of: Identifier;
  readonly removals: readonly { readonly span: Span; readonly what: Identifier; readonly name: Identifier }[];
  /** Members that replace those of the same name, or are added. A train block replaces item by item (settings by name). */
  readonly members: readonly MethodMember[];
}
/** `grid backgrounds of sipe { background in [0.3, 0.5], rate in [0.1, 0.05] }`: the method once for every combination of its settings. */
export interface GridDeclaration extends Declared {
  readonly kind: 'grid';
  readonly name: Identifier;
  readonly of: Identifier;
  readonly axes: readonly GridAxis[];
}
export interface GridAxis {
  readonly kind: 'grid_axis';
  readonly span: Span;
  readonly name: Identifier;
  readonly values: Expression;
}
/** `dataset voc { format voc, root "…", classes [...] }` */
export interface DatasetDeclaration extends Declared {
  readonly kind: 'dataset';
  readonly name: Identifier;
  readonly settings: readonly SettingItem[];
}
/** `naming torchvision of resnet { "fc.*" = none, "*" = "stem.*" }`: how files of weights that others made call the tensors of a module. */
export interface NamingDeclaration extends Declared {
  readonly kind: 'naming';
  readonly name: Identifier;
  readonly of: Identifier;
  readonly lines: readonly NamingLine[];
}
export interface NamingLine {
  readonly kind: 'naming_line';
  readonly span: Span;
  readonly theirs: StringLiteral;
  /** A word where the tensor is of no part of the module: `none`. */
  readonly ours: StringLiteral | Identifier;
}
/** `case { in feat4 = "in.feat4" … }`: binds a reference file to one call of a spec's module (see docs on `wsss compare`). */
export interface CaseDeclaration extends Declared {
  readonly kind: 'case';
  readonly name: Identifier;
  readonly items: readonly CaseItem[];
}
/** `run module f(x: in.feat, …)`, `bind …`, `out a = result.b`: a word, a target and an expression. */
export type CaseItem = CaseBinding | CaseSetting;
/** `out "norm_cam" = r.norm_cam`, `param "side1" = m.sides[0].weight`, `grad "feat" = …`: file key (string, without its prefix) and a value. */
export interface CaseBinding {
  readonly kind: 'case_binding';
  readonly span: Span;
  readonly word: Identifier;
  readonly key: StringLiteral;
  readonly value: Expression;
}
/** `let x = …`, `loss = …`, `run train(…)`: any other line of a case. */
export interface CaseSetting {
  readonly kind: 'case_setting';
  readonly span: Span;
  readonly word: Identifier;
  readonly name: Identifier | undefined;
  readonly value: Expression;
}

export type Declaration =
  | MethodDeclaration
  | ModuleDeclaration
  | ExternDeclaration
  | VariantDeclaration
  | GridDeclaration
  | DatasetDeclaration
  | NamingDeclaration
  | CaseDeclaration;

/** `import "std/layers"` (every name) or `import { conv, norm as n } from "std/layers"`. */
export interface ImportDeclaration {
  readonly kind: 'import';
  readonly span: Span;
  /** Undefined: everything the file declares. */
  readonly names: readonly { readonly name: Identifier; readonly alias: Identifier | undefined }[] | undefined;
  readonly from: StringLiteral;
}

export interface Comment {
  readonly span: Span;
  readonly text: string;
}

export interface SpecFile {
  readonly kind: 'file';
  readonly span: Span;
  readonly source: SourceFile;
  /** From `language 1`; undefined when the file does not say. */
  readonly language: number | undefined;
  readonly imports: readonly ImportDeclaration[];
  readonly declarations: readonly Declaration[];
  /** Names that are declared where the text does not parse; `all` where any name may be. */
  readonly unread: ReadonlySet<string> | 'all';
  readonly comments: readonly Comment[];
}
