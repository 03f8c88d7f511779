/**
 * The messages of TensorFlow's formats that a SavedModel without Python needs, as a protobufjs descriptor: tensorflow/core/framework/
 * {graph,node_def,attr_value,tensor,tensor_shape,types,versions}.proto and tensorflow/core/protobuf/{saved_model,meta_graph}.proto (Apache 2.0).
 * Field numbers are theirs; fields that nothing here writes are left out, which protobuf allows.
 */
import protobuf from 'protobufjs/light.js';

type Field = readonly [id: number, type: string, kind?: 'repeated' | 'map'];

function message(fields: Readonly<Record<string, Field>>, oneof?: Readonly<Record<string, readonly string[]>>): protobuf.IType {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, kind]]) => [
        name,
        kind === 'map' ? { id, type, keyType: 'string' } : kind === 'repeated' ? { id, type, rule: 'repeated' } : { id, type },
      ]),
    ),
    ...(oneof ? { oneofs: Object.fromEntries(Object.entries(oneof).map(([name, of]) => [name, { oneof: [...of] }])) } : {}),
  };
}

/** TensorFlow's numbers of types (types.proto). */
export const DATA_TYPES = { DT_FLOAT: 1, DT_DOUBLE: 2, DT_INT32: 3, DT_BOOL: 10, DT_RESOURCE: 20 } as const;

const ATTR_VALUE = ['s', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'list'] as const;

const schema: protobuf.INamespace = {
  nested: {
    tensorflow: {
      nested: {
        DataType: { values: DATA_TYPES },
        TensorShapeDim: message({ size: [1, 'int64'], name: [2, 'string'] }),
        TensorShapeProto: message({ dim: [2, 'TensorShapeDim', 'repeated'], unknownRank: [3, 'bool'] }),
        TensorProto: message({
          dtype: [1, 'DataType'],
          tensorShape: [2, 'TensorShapeProto'],
          floatVal: [5, 'float', 'repeated'],
          doubleVal: [6, 'double', 'repeated'],
          intVal: [7, 'int32', 'repeated'],
          boolVal: [11, 'bool', 'repeated'],
        }),
        ListValue: message({ s: [2, 'bytes', 'repeated'], i: [3, 'int64', 'repeated'] }),
        AttrValue: message(
          {
            list: [1, 'ListValue'],
            s: [2, 'bytes'],
            i: [3, 'int64'],
            f: [4, 'float'],
            b: [5, 'bool'],
            type: [6, 'DataType'],
            shape: [7, 'TensorShapeProto'],
            tensor: [8, 'TensorProto'],
          },
          { value: ATTR_VALUE },
        ),
        NodeDef: message({
          name: [1, 'string'],
          op: [2, 'string'],
          input: [3, 'string', 'repeated'],
          device: [4, 'string'],
          attr: [5, 'AttrValue', 'map'],
        }),
        VersionDef: message({ producer: [1, 'int32'], minConsumer: [2, 'int32'] }),
        GraphDef: message({ node: [1, 'NodeDef', 'repeated'], versions: [4, 'VersionDef'] }),
        TensorInfo: message({ name: [1, 'string'], dtype: [2, 'DataType'], tensorShape: [3, 'TensorShapeProto'] }),
        SignatureDef: message({ inputs: [1, 'TensorInfo', 'map'], outputs: [2, 'TensorInfo', 'map'], methodName: [3, 'string'] }),
        MetaInfoDef: message({ metaGraphVersion: [1, 'string'], tags: [4, 'string', 'repeated'], tensorflowVersion: [5, 'string'] }),
        MetaGraphDef: message({
          metaInfoDef: [1, 'MetaInfoDef'],
          graphDef: [2, 'GraphDef'],
          signatureDef: [5, 'SignatureDef', 'map'],
        }),
        SavedModel: message({ savedModelSchemaVersion: [1, 'int64'], metaGraphs: [2, 'MetaGraphDef', 'repeated'] }),
      },
    },
  },
};

// What is written is checked against the messages first: a misspelt field would otherwise be dropped in silence.
export interface ShapeProto {
  /** -1 where unknown. */
  readonly dim: readonly { readonly size: number }[];
}
export interface TensorProto {
  readonly dtype: number;
  readonly tensorShape: ShapeProto;
  readonly floatVal?: readonly number[];
  readonly doubleVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly boolVal?: readonly boolean[];
}
export interface AttrProto {
  readonly list?: { readonly i: readonly number[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeProto;
  readonly tensor?: TensorProto;
}
export interface NodeProto {
  readonly name: string;
  readonly op: string;
  /** `node`, or `^node` for an order without data. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrProto>>;
}
export interface TensorInfoProto {
  /** `node:0` */
  readonly name: string;
  readonly dtype: number;
  readonly tensorShape: ShapeProto;
}
export interface SignatureProto {
  readonly inputs: Readonly<Record<string, TensorInfoProto>>;
  readonly outputs: Readonly<Record<string, TensorInfoProto>>;
  readonly methodName: string;
}
export interface SavedModelProto {
  readonly savedModelSchemaVersion: number;
  readonly metaGraphs: readonly {
    readonly metaInfoDef: { readonly tags: readonly string[] };
    readonly graphDef: { readonly node: readonly NodeProto[]; readonly versions: { readonly producer: number } };
    readonly signatureDef: Readonly<Record<string, SignatureProto>>;
  }[];
}

/** The bytes of `saved_model.pb`: the same for the same model, for maps are written in the order in which they are given. */
export function encodeSavedModel(model: SavedModelProto): Uint8Array {
  const type = protobuf.Root.fromJSON(schema).lookupType('tensorflow.SavedModel');
  const problem = type.verify(model);
  if (problem !== null) throw new Error(`not a SavedModel: ${problem}`);
  return type.encode(type.fromObject(model)).finish();
}
