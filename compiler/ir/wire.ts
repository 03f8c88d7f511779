/** Types of the IR's JSON form. `schema.ts` says the same to ajv; a test holds both against each other by round trips. */
import type { DimAssertion, DType, Kind, Node, OutputRole } from '../ops/graph.ts';
import type { DimJson } from '../shape/dim.ts';
import type { AttrJson, NumberJson } from './attributes.ts';
import type { InferPlan, LossDeclaration, OptimizerPlan, PretrainedBackbone, StateDeclaration, TrainPlan } from './program.ts';

/** Raised whenever an older reader could misunderstand a newer file. */
export const IR_VERSION = 1 as const;

/** Index into `sources`, start and end offset. */
export type SpanJson = readonly [number, number, number];

export interface TypeJson {
  readonly dtype: DType;
  readonly shape: readonly DimJson[];
}

export interface NodeJson extends TypeJson {
  readonly op: string;
  /** Positions of earlier nodes. */
  readonly inputs: readonly number[];
  readonly attrs: Readonly<Record<string, AttrJson>>;
  readonly kind: Kind;
  readonly range: readonly [NumberJson, NumberJson];
  readonly path: string;
  readonly phase: Node['phase'];
  readonly name?: string;
  readonly span?: SpanJson;
}

export interface GraphJson {
  readonly name: string;
  readonly nodes: readonly NodeJson[];
  readonly outputs: readonly { readonly role: OutputRole; readonly name: string; readonly node: number }[];
  readonly assertions: readonly {
    readonly left: DimJson;
    readonly right: DimJson;
    readonly relation: DimAssertion['relation'];
    readonly reason: string;
    readonly span?: SpanJson;
  }[];
}

export interface StateJson extends TypeJson {
  readonly key: string;
  readonly role: StateDeclaration['role'];
  readonly init: StateDeclaration['init'];
  readonly average?: NonNullable<StateDeclaration['average']>;
  readonly backbone: boolean;
  readonly parameterRole?: NonNullable<StateDeclaration['parameterRole']>;
  readonly span?: SpanJson;
}

type WithSpan<T extends { readonly span: unknown }> = Omit<T, 'span'> & { readonly span: SpanJson };
type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

export type TrainJson = Optional<Omit<TrainPlan, 'losses' | 'optimizer'>, 'epochs' | 'steps' | 'source'> & {
  readonly losses: readonly WithSpan<LossDeclaration>[];
  readonly optimizer: Optional<OptimizerPlan, 'clipNorm'>;
};

export interface ProgramJson {
  readonly format: 'wsss-ir';
  readonly version: typeof IR_VERSION;
  readonly name: string;
  readonly batchDim: string;
  readonly classDim: string;
  readonly supervision: readonly string[];
  readonly pretrained?: readonly PretrainedBackbone[];
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  readonly state: readonly StateJson[];
  readonly graphs: Readonly<Record<string, GraphJson>>;
  readonly train?: TrainJson;
  readonly infer: Readonly<Record<string, WithSpan<InferPlan>>>;
}
