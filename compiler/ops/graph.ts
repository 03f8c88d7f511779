/**
 * The flat graph that everything after the checker works on: nodes in program order, each yielding one tensor.
 * It lives beside the operator table because shape rules, VJP rules and the checker all build it; `compiler/ir` adds programs, JSON and hashes.
 */
import type { Dim } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';

export type DType = 'f32' | 'i32' | 'bool';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** What a tensor means to a WSSS author. `tensor` = no claim (the result of arithmetic on unlike kinds). */
export type Kind =
  | 'tensor'
  | 'image'
  | 'features'
  | 'cam'
  | 'logits'
  | 'probabilities'
  | 'tags'
  | 'mask'
  | 'labels'
  | 'region'
  | 'affinity'
  | 'prototype'
  | 'saliency'
  | 'boundary'
  | 'seeds'
  | 'loss'
  | 'scalar';

/** Bounds of the values where known, both ends included; ±Infinity where not. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** An attribute is data fixed when the program is compiled; sizes may be symbolic. */
export type AttrValue = number | string | boolean | Dim | readonly AttrValue[];
export type Attrs = Readonly<Record<string, AttrValue>>;

export interface Node {
  /** Position in the graph: inputs have smaller ids. */
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Node[];
  readonly attrs: Attrs;
  readonly type: TensorType;
  readonly kind: Kind;
  readonly range: Range;
  /** Call path, dotted: `net.layer3.2.conv1`; empty at the top of a program. Nodes made by a VJP rule carry the path of the node they differentiate. */
  readonly path: string;
  /** Forward, or backward (made by differentiation), or update (optimiser). */
  readonly phase: 'forward' | 'backward' | 'update';
  /** The spec's own name for this value, where it has one. */
  readonly name: string | undefined;
  readonly span: Span | undefined;
}

export type InputRole = 'state' | 'batch' | 'draw' | 'scalar' | 'gradient';
export type OutputRole = 'gradient' | 'state' | 'output' | 'loss';

export interface GraphOutput {
  readonly role: OutputRole;
  /** Key of the state, parameter, loss or output. */
  readonly name: string;
  readonly node: Node;
}

/** Two dimensions that could not be proved equal: checked when the program starts, naming the spec line. */
export interface DimAssertion {
  readonly left: Dim;
  readonly right: Dim;
  readonly relation: '==' | '>=' | 'divisible by';
  readonly reason: string;
  readonly span: Span | undefined;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
  readonly assertions: readonly DimAssertion[];
}
