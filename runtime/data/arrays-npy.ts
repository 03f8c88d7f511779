/** Writes a `.npy` around a dictionary of arrays, as `numpy.save(path, {…})` does: what WSSS repositories keep maps in. */
import { npyHeader } from './npy.ts';

export interface ArrayToWrite {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/**
 * The bytes of a 0-dimensional object array that holds one dictionary of text to array (pickle protocol 3). Read back by
 * `numpy.load(path, allow_pickle=True).item()`. The same bytes for the same entries in the same order.
 */
export function arraysNpyBytes(entries: ReadonlyMap<string, ArrayToWrite>): Uint8Array {
  const parts: Uint8Array[] = [npyHeader('|O', []), Uint8Array.of(0x80, 3), RECONSTRUCT];
  // State of the outer array: (1, (), dtype('O'), False, [dictionary]).
  parts.push(ascii('(K\x01)'), dtype('O8', '|', 63), Uint8Array.of(0x89), ascii(']}('));
  for (const [name, array] of entries) parts.push(text(name), RECONSTRUCT, ...arrayState(array));
  parts.push(ascii('uatb.'));
  return new Uint8Array(Buffer.concat(parts));
}

/** `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b'b')`: an empty array whose state follows. */
const RECONSTRUCT = ascii('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R');

function arrayState({ shape, data }: ArrayToWrite): readonly Uint8Array[] {
  const raw = new Uint8Array(data.length * 4);
  const view = new DataView(raw.buffer);
  const integers = data instanceof Int32Array;
  for (let i = 0; i < data.length; i++) {
    if (integers) view.setInt32(4 * i, data[i], true);
    else view.setFloat32(4 * i, data[i], true);
  }
  const sides = Buffer.concat([ascii('('), ...shape.map((side) => withLength('J', side)), ascii('t')]);
  return [
    ascii('(K\x01'),
    sides,
    dtype(integers ? 'i4' : 'f4', '<', 0),
    Uint8Array.of(0x89),
    withLength('B', raw.length),
    raw,
    ascii('tb'),
  ];
}

/** `dtype(name, False, True)` with its state (3, order, None, None, None, -1, -1, flags). */
function dtype(name: string, order: string, flags: number): Uint8Array {
  const state = Buffer.concat([ascii('NNNJ'), Buffer.alloc(4, 255), ascii('J'), Buffer.alloc(4, 255), Uint8Array.of(0x4b, flags)]);
  return Buffer.concat([
    ascii('cnumpy\ndtype\n'),
    text(name),
    Uint8Array.of(0x89, 0x88, 0x87),
    ascii('R(K\x03'),
    text(order),
    state,
    ascii('tb'),
  ]);
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([withLength('X', bytes.length), bytes]);
}

/** An operation followed by a 32-bit number. */
function withLength(operation: string, value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.write(operation, 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function ascii(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
