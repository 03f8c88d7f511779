/** State dictionaries that torch.save wrote: a zip archive, or before version 1.6 a row of pickles. Nothing in them is executed. */

import type { NpyType } from './npy-types.ts';
import { readLegacyTorch, readTorchPickle } from './pickle.ts';
import { PickleError } from './pickle-error.ts';
import { isArray, isDict, type PickleDict, type PickleValue } from './pickle-values.ts';
import type { Safetensor, SafetensorType } from './safetensors.ts';
import { openZip } from './zip.ts';

/** Under these names training scripts keep the dictionary beside epochs and optimisers. */
const INSIDE = ['state_dict', 'model_state_dict', 'model', 'net', 'state'];
const TYPES: Readonly<Partial<Record<NpyType, SafetensorType>>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u1: 'U8',
  b1: 'BOOL',
};

/** A zip archive, or a pickle that begins with torch.save's magic number. */
export function isTorchFile(bytes: Uint8Array): boolean {
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  return zip || (bytes[0] === 0x80 && bytes[1] === 0x02 && bytes[2] === 0x8a);
}

/** The tensors by name; `module.`, which data-parallel training puts in front, is left out. Throws what `fail` makes of anything else. */
export function parseTorchFile(bytes: Uint8Array, fail: (found: string) => Error): ReadonlyMap<string, Safetensor> {
  let value: PickleValue;
  try {
    value = contentOf(bytes, fail);
  } catch (error) {
    throw error instanceof PickleError ? fail(error.message) : error;
  }
  const dict = dictionary(value);
  if (!dict) throw fail('no dictionary of tensors');
  const tensors = new Map<string, Safetensor>();
  for (const [name, tensor] of dict) {
    if (typeof name !== 'string' || !isArray(tensor)) continue;
    const dtype = TYPES[tensor.type];
    if (dtype) tensors.set(name.replace(/^module\./, ''), { dtype, shape: tensor.shape, data: tensor.data });
  }
  return tensors;
}

function contentOf(bytes: Uint8Array, fail: (found: string) => Error): PickleValue {
  const archive = openZip(bytes, fail);
  if (!archive) return readLegacyTorch(bytes);
  const pickle = archive.names.find((name) => /(^|\/)data\.pkl$/.test(name));
  const content = pickle === undefined ? undefined : archive.read(pickle);
  if (pickle === undefined || !content) throw fail('a zip archive without data.pkl (a TorchScript model?)');
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = archive.read(`${folder}byteorder`);
  if (order && Buffer.from(order).toString('latin1') === 'big') throw fail('tensors of a big-endian machine');
  return readTorchPickle(content, (key) => archive.read(`${folder}data/${key}`));
}

function dictionary(value: PickleValue, depth = 0): PickleDict | undefined {
  if (!isDict(value)) return undefined;
  if ([...value.values()].some(isArray)) return value;
  if (depth > 1) return undefined;
  for (const name of INSIDE) {
    const found = dictionary(value.get(name) ?? null, depth + 1);
    if (found) return found;
  }
  return undefined;
}
