/** Reads `saved_model.pb` by TensorFlow's own messages (tensorflow.proto), independently of the descriptor that the emitter writes by. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

export interface DecodedAttr {
  readonly value: 's' | 'i' | 'f' | 'b' | 'type' | 'shape' | 'tensor' | 'list';
  readonly s?: string;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: string;
  readonly shape?: DecodedShape;
  readonly tensor?: DecodedTensor;
  readonly list?: { readonly i?: readonly number[]; readonly s?: readonly string[]; readonly type?: readonly string[] };
}
export interface DecodedShape {
  readonly dim?: readonly { readonly size?: number }[];
  readonly unknownRank?: boolean;
}
export interface DecodedTensor {
  readonly dtype: string;
  readonly tensorShape: DecodedShape;
  readonly floatVal?: readonly number[];
  readonly doubleVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly boolVal?: readonly boolean[];
}
export interface DecodedNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, DecodedAttr>>;
}
export interface DecodedInfo {
  readonly name: string;
  readonly dtype: string;
  readonly tensorShape: DecodedShape;
}
export interface DecodedSignature {
  readonly inputs: Readonly<Record<string, DecodedInfo>>;
  readonly outputs: Readonly<Record<string, DecodedInfo>>;
  readonly methodName: string;
}
export interface DecodedModel {
  readonly nodes: readonly DecodedNode[];
  readonly producer: number;
  readonly tags: readonly string[];
  readonly signatures: Readonly<Record<string, DecodedSignature>>;
}

const messages = protobuf.parse(readFileSync(new URL('./tensorflow.proto', import.meta.url), 'utf8'), { keepCase: false }).root;

interface RawModel {
  readonly savedModelSchemaVersion: number;
  readonly metaGraphs: readonly {
    readonly metaInfoDef: { readonly tags: readonly string[] };
    readonly graphDef: {
      readonly node: readonly (Omit<DecodedNode, 'attr'> & { readonly attr: Readonly<Record<string, RawAttr>> })[];
      readonly versions: { readonly producer: number };
    };
    readonly signatureDef: Readonly<Record<string, DecodedSignature>>;
  }[];
}
type RawAttr = Omit<DecodedAttr, 's' | 'list'> & {
  readonly s?: Uint8Array;
  readonly list?: { readonly i?: readonly number[]; readonly s?: readonly Uint8Array[]; readonly type?: readonly string[] };
};

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

export function decodeSavedModel(bytes: Uint8Array): DecodedModel {
  const type = messages.lookupType('tensorflow.SavedModel');
  const raw = type.toObject(type.decode(bytes), {
    enums: String,
    longs: Number,
    arrays: true,
    objects: true,
    oneofs: true,
  }) as RawModel;
  if (raw.savedModelSchemaVersion !== 1 || raw.metaGraphs.length !== 1) throw new Error('not a SavedModel with one graph');
  const [{ metaInfoDef, graphDef, signatureDef }] = raw.metaGraphs;
  const nodes = graphDef.node.map((node) => ({
    ...node,
    attr: Object.fromEntries(
      Object.entries(node.attr).map(([name, attr]): [string, DecodedAttr] => [
        name,
        {
          ...attr,
          s: attr.value === 's' && attr.s ? text(attr.s) : undefined,
          list: attr.list ? { ...attr.list, s: (attr.list.s ?? []).map(text) } : undefined,
        },
      ]),
    ),
  }));
  return { nodes, producer: graphDef.versions.producer, tags: metaInfoDef.tags, signatures: signatureDef };
}

/** -1 where unknown. */
export function shapeOf(shape: DecodedShape): readonly number[] {
  return (shape.dim ?? []).map((d) => d.size ?? 0);
}
