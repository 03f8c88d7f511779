import { decodeElements, elements, fromFortran, type NpyArray, type NpyType, parseType, typeBytes } from './npy-types.ts';
import { PickleError } from './pickle-error.ts';
import { PickleSource } from './pickle-source.ts';
import { integer, narrow, quoted, real, unescapeUnicode } from './pickle-text.ts';
import { isObjects, type PickleObjects, type PickleValue } from './pickle-values.ts';
import {
  isTorchType,
  TORCH_MAGIC,
  TORCH_STORAGES,
  type TorchStorage,
  type TorchTensor,
  type TorchType,
  tensorValues,
  torchBytes,
} from './torch-tensors.ts';

/**
 * Reads Python pickles (protocols 0 to 5) without executing anything. Known are None, booleans, numbers, text, bytes, lists, tuples,
 * dictionaries, NumPy arrays and scalars, and tensors of PyTorch; every other global is refused by name. Throws PickleError.
 */

/** The constructors a pickle may name, by what they make. */
type Known =
  | 'reconstruct'
  | 'scalar'
  | 'ndarray'
  | 'dtype'
  | 'encode'
  | 'frombuffer'
  | 'bytes'
  | 'bytearray'
  | 'ordered'
  | 'tensor'
  | 'parameter'
  | 'storage'
  | TorchType;

const GLOBALS: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['numpy.core.multiarray _reconstruct', 'reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'reconstruct'],
  ['numpy.core.multiarray scalar', 'scalar'],
  ['numpy._core.multiarray scalar', 'scalar'],
  ['numpy.core.numeric _frombuffer', 'frombuffer'],
  ['numpy._core.numeric _frombuffer', 'frombuffer'],
  ['numpy ndarray', 'ndarray'],
  ['numpy dtype', 'dtype'],
  ['_codecs encode', 'encode'],
  ['builtins bytes', 'bytes'],
  ['__builtin__ bytes', 'bytes'],
  ['builtins bytearray', 'bytearray'],
  ['collections OrderedDict', 'ordered'],
  ['torch._utils _rebuild_tensor', 'tensor'],
  ['torch._utils _rebuild_tensor_v2', 'tensor'],
  ['torch._utils _rebuild_parameter', 'parameter'],
  ['torch.storage _load_from_bytes', 'storage'],
  ...TORCH_STORAGES,
]);

// Objects under construction; BUILD completes them in place.
interface Constructor {
  readonly kind: 'constructor';
  readonly of: Known;
}
interface DType {
  readonly kind: 'dtype';
  readonly name: string;
  littleEndian: boolean;
}
interface Reconstructed {
  readonly kind: 'reconstructed';
  value?: NpyArray | PickleObjects;
}
interface Mark {
  readonly kind: 'mark';
}
type Item = PickleValue | Constructor | DType | Reconstructed | Mark | TorchStorage | TorchTensor | Item[] | Map<Item, Item>;

const MARK: Mark = { kind: 'mark' };
const MAX_DEPTH = 200;

export function readPickle(bytes: Uint8Array): PickleValue {
  return plain(new Machine(sourceOf(bytes)).run());
}

/**
 * The pickle in a zip archive of torch.save. `contents` gives the bytes of a storage by its key. Throws PickleError.
 */
export function readTorchPickle(bytes: Uint8Array, contents: (key: string) => Uint8Array | undefined): PickleValue {
  const storages = new Map<string, TorchStorage>();
  const value = new Machine(sourceOf(bytes), storages).run();
  for (const [key, storage] of storages) {
    storage.bytes = contents(key);
    if (!storage.bytes) throw new PickleError(`the archive has no data for the storage ${key}`);
  }
  return plain(value);
}

/**
 * What torch.save wrote before version 1.6, and what a tensor inside another pickle is: pickles of a magic number, a version, facts of the machine,
 * the object and the keys of its storages, then for each storage the number of its elements and these. Throws PickleError.
 */
export function readLegacyTorch(bytes: Uint8Array): PickleValue {
  return plain(legacyTorch(bytes));
}

function legacyTorch(bytes: Uint8Array): Item {
  const source = sourceOf(bytes);
  const storages = new Map<string, TorchStorage>();
  const next = (): Item => new Machine(source, storages).run();
  if (String(next()) !== TORCH_MAGIC) throw new PickleError('it does not begin with the magic number of torch.save');
  next();
  next();
  const value = next();
  for (const key of list(next()).map(text)) {
    const storage = storages.get(key);
    if (!storage) throw new PickleError(`the storage ${key} is of no tensor`);
    storage.bytes = source.bytes(source.int64() * torchBytes(storage.type));
  }
  return value;
}

function sourceOf(bytes: Uint8Array): PickleSource {
  return new PickleSource(bytes, (message) => new PickleError(message));
}

function plain(item: Item): PickleValue {
  return finish(item, new Map(), 0);
}

class Machine {
  readonly #in: PickleSource;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, Item>();
  /** Of a file of torch.save: the storages that it names, to be filled afterwards. */
  readonly #storages: Map<string, TorchStorage> | undefined;

  constructor(source: PickleSource, storages?: Map<string, TorchStorage>) {
    this.#in = source;
    this.#storages = storages;
  }

  run(): Item {
    for (;;) {
      const op = this.#in.byte();
      if (op === 0x2e) return this.#pop();
      this.#step(op);
    }
  }

  /** ('storage', its type, its key, the device, the number of its elements, …) */
  #persistent(item: Item): TorchStorage {
    const [what, type, key] = list(item);
    const storages = this.#storages;
    if (!storages || what !== 'storage' || !isConstructor(type) || !isTorchType(type.of))
      throw new PickleError('it refers to something outside of it that is no storage of a tensor');
    const found = storages.get(text(key)) ?? { kind: 'storage', type: type.of, bytes: undefined };
    storages.set(text(key), found);
    return found;
  }

  #push(item: Item): void {
    this.#stack.push(item);
  }

  #pop(): Item {
    const item = this.#stack.pop();
    if (item === undefined || item === MARK) throw new PickleError('the pickle takes a value from an empty stack');
    return item;
  }

  #top(): Item {
    const item = this.#pop();
    this.#stack.push(item);
    return item;
  }

  #popToMark(): Item[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleError('the pickle ends a group that it did not begin');
    const items = this.#stack.splice(at);
    return items.slice(1);
  }

  #popMany(count: number): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < count; i++) items.unshift(this.#pop());
    return items;
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const item = this.#memo.get(index);
    if (item === undefined) throw new PickleError(`the pickle refers to value ${index}, which it did not store`);
    this.#push(item);
  }

  #step(op: number): void {
    const source = this.#in;
    switch (String.fromCharCode(op)) {
      case '\x80': {
        const protocol = source.byte();
        if (protocol > 5) throw new PickleError(`protocol ${protocol} is not known (0 to 5 are)`);
        return;
      }
      case '\x95': // FRAME: only a hint for buffering
        source.int64();
        return;
      case '(':
        this.#push(MARK);
        return;
      case '0':
        if (this.#stack.pop() === undefined) throw new PickleError('the pickle drops a value from an empty stack');
        return;
      case '1':
        this.#popToMark();
        return;
      case '2':
        this.#push(this.#top());
        return;
      case 'N':
        this.#push(null);
        return;
      case '\x88':
        this.#push(true);
        return;
      case '\x89':
        this.#push(false);
        return;
      case 'I': {
        const line = source.line();
        this.#push(line === '01' ? true : line === '00' ? false : integer(line));
        return;
      }
      case 'L':
        this.#push(integer(source.line().replace(/L$/, '')));
        return;
      case 'J':
        this.#push(source.int32());
        return;
      case 'K':
        this.#push(source.byte());
        return;
      case 'M':
        this.#push(source.uint16());
        return;
      case '\x8a':
        this.#push(source.longInteger(source.byte()));
        return;
      case '\x8b':
        this.#push(source.longInteger(source.int32()));
        return;
      case 'F':
        this.#push(real(source.line()));
        return;
      case 'G':
        this.#push(source.float64BigEndian());
        return;
      case 'S':
        this.#push(quoted(source.line()));
        return;
      case 'T':
        this.#push(source.latin1(source.int32()));
        return;
      case 'U':
        this.#push(source.latin1(source.byte()));
        return;
      case 'V':
        this.#push(unescapeUnicode(source.line()));
        return;
      case 'X':
        this.#push(source.utf8(source.uint32()));
        return;
      case '\x8c':
        this.#push(source.utf8(source.byte()));
        return;
      case '\x8d':
        this.#push(source.utf8(source.int64()));
        return;
      case 'B':
        this.#push(source.bytes(source.uint32()));
        return;
      case 'C':
        this.#push(source.bytes(source.byte()));
        return;
      case '\x8e':
      case '\x96':
        this.#push(source.bytes(source.int64()));
        return;
      case '\x98': // READONLY_BUFFER marks the bytes on the stack as read-only
        return;
      case ']':
        this.#push([]);
        return;
      case 'l':
      case 't':
        this.#push(this.#popToMark());
        return;
      case ')':
        this.#push([]);
        return;
      case '\x85':
        this.#push(this.#popMany(1));
        return;
      case '\x86':
        this.#push(this.#popMany(2));
        return;
      case '\x87':
        this.#push(this.#popMany(3));
        return;
      case '}':
        this.#push(new Map<Item, Item>());
        return;
      case 'd': {
        const dict = new Map<Item, Item>();
        this.#setItems(dict, this.#popToMark());
        this.#push(dict);
        return;
      }
      case 'a': {
        const value = this.#pop();
        list(this.#top()).push(value);
        return;
      }
      case 'e': {
        const values = this.#popToMark();
        const target = list(this.#top());
        for (const value of values) target.push(value);
        return;
      }
      case 's': {
        const pair = this.#popMany(2);
        this.#setItems(this.#top(), pair);
        return;
      }
      case 'u': {
        const pairs = this.#popToMark();
        this.#setItems(this.#top(), pairs);
        return;
      }
      case 'p':
        this.#remember(Number(source.line()));
        return;
      case 'q':
        this.#remember(source.byte());
        return;
      case 'r':
        this.#remember(source.uint32());
        return;
      case '\x94':
        this.#remember(this.#memo.size);
        return;
      case 'g':
        this.#recall(Number(source.line()));
        return;
      case 'h':
        this.#recall(source.byte());
        return;
      case 'j':
        this.#recall(source.uint32());
        return;
      case 'c': {
        const module = source.line();
        this.#push(known(module, source.line()));
        return;
      }
      case '\x93': {
        const [module, name] = this.#popMany(2);
        this.#push(known(text(module), text(name)));
        return;
      }
      case 'Q':
        this.#push(this.#persistent(this.#pop()));
        return;
      case 'R': {
        const [callee, args] = this.#popMany(2);
        this.#push(call(callee, list(args)));
        return;
      }
      case 'b': {
        const state = this.#pop();
        build(this.#top(), state);
        return;
      }
      default:
        throw new PickleError(`operation 0x${op.toString(16).padStart(2, '0')} at byte ${source.position - 1} is not allowed here`);
    }
  }

  #setItems(target: Item, items: readonly Item[]): void {
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw new PickleError('the pickle sets an entry of something that is no dictionary');
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }
}

function known(module: string, name: string): Constructor {
  const of = GLOBALS.get(`${module} ${name}`);
  if (!of) throw new PickleError(`it wants to load ${module}.${name}; only NumPy arrays, dictionaries, lists, text and numbers are read`);
  return { kind: 'constructor', of };
}

function call(callee: Item, args: readonly Item[]): Item {
  if (!isConstructor(callee)) throw new PickleError('the pickle calls something that is no constructor');
  switch (callee.of) {
    case 'reconstruct':
      return { kind: 'reconstructed' };
    case 'dtype':
      return { kind: 'dtype', name: text(args[0]), littleEndian: true };
    case 'encode':
      return Uint8Array.from(Buffer.from(text(args[0]), 'latin1'));
    case 'bytes':
    case 'bytearray':
      return args.length === 0 ? new Uint8Array(0) : rawBytes(args[0]);
    case 'scalar': {
      const type = dtype(args[0]);
      if (args[1] === undefined) throw new PickleError('a NumPy scalar has no value');
      const data = numeric(type, [], false, rawBytes(args[1])).data;
      const value = data[0];
      if (type.name === 'b1') return value === 1;
      return typeof value === 'bigint' ? narrow(value) : value;
    }
    case 'frombuffer':
      return numeric(dtype(args[1]), shapeOf(args[2]), args[3] === 'F', rawBytes(args[0]));
    case 'ordered': {
      const dict = new Map<Item, Item>();
      for (const pair of args.length > 0 ? list(args[0]) : []) dict.set(list(pair)[0], list(pair)[1]);
      return dict;
    }
    case 'storage':
      return legacyTorch(rawBytes(args[0]));
    case 'tensor': {
      const [storage, offset, size, stride] = args;
      if (!isStorage(storage) || typeof offset !== 'number') throw new PickleError('a tensor has no storage');
      return { kind: 'tensor', storage, offset, shape: shapeOf(size), strides: shapeOf(stride) };
    }
    case 'parameter':
      return args[0];
    case 'ndarray':
      throw new PickleError('it builds a NumPy array in an unusual way');
    default:
      throw new PickleError('it makes an empty storage');
  }
}

function build(target: Item, state: Item): void {
  if (isDType(target)) {
    const order = list(state)[1];
    target.littleEndian = order !== '>';
    return;
  }
  // Attributes of a dictionary of PyTorch (`_metadata`).
  if (target instanceof Map) return;
  if (!isReconstructed(target)) throw new PickleError('the pickle sets the state of something that is no NumPy array');
  const fields = list(state);
  // (version,) shape, dtype, is_fortran, data
  const [shapeItem, typeItem, fortran, data] = fields.length === 5 ? fields.slice(1) : fields;
  const shape = shapeOf(shapeItem);
  const type = dtype(typeItem);
  if (type.name === 'O8' || type.name === 'O4' || type.name === 'O') {
    const values = list(data).map((item) => finish(item, new Map(), 0));
    if (values.length !== elements(shape)) throw new PickleError(`an object array of shape [${shape}] holds ${values.length} values`);
    if (fortran === true && shape.length > 1) throw new PickleError('object arrays in Fortran order are not read');
    target.value = { kind: 'objects', shape, values };
    return;
  }
  target.value = numeric(type, shape, fortran === true, rawBytes(data));
}

function numeric(type: DType, shape: readonly number[], fortran: boolean, bytes: Uint8Array): NpyArray {
  const parsed = parseType(type.name);
  if (!parsed) throw new PickleError(`arrays of the NumPy type ${type.name} are not read`);
  const count = elements(shape);
  const name: NpyType = parsed.type;
  if (!(bytes.length === count * typeBytes(name))) {
    throw new PickleError(`an array of shape [${shape}] and type ${name} cannot have ${bytes.length} bytes`);
  }
  const data = decodeElements(bytes, name, type.littleEndian && parsed.littleEndian, count);
  return { kind: 'array', type: name, shape, data: fortran ? fromFortran(data, shape) : data };
}

/** Turns what the machine built into plain values; constructors and half-built objects are refused. Shared values stay shared. */
function finish(item: Item, seen: Map<Item, PickleValue>, depth: number): PickleValue {
  if (depth > MAX_DEPTH) throw new PickleError('its values are nested too deeply, or contain themselves');
  if (item === null || typeof item !== 'object') return item;
  const before = seen.get(item);
  if (before !== undefined) return before;
  const value = finishObject(item, seen, depth);
  seen.set(item, value);
  return value;
}

function finishObject(
  item: Exclude<Item, null | boolean | number | bigint | string>,
  seen: Map<Item, PickleValue>,
  depth: number,
): PickleValue {
  if (item instanceof Uint8Array) return item;
  if (item instanceof Map) {
    const dict = new Map<PickleValue, PickleValue>();
    for (const [key, value] of item) dict.set(finish(key, seen, depth + 1), finish(value, seen, depth + 1));
    return dict;
  }
  if (Array.isArray(item)) {
    const out: PickleValue[] = [];
    for (const value of item) out.push(finish(value, seen, depth + 1));
    return out;
  }
  if ('kind' in item) {
    switch (item.kind) {
      case 'array':
      case 'objects':
        return item;
      case 'reconstructed':
        if (item.value) return item.value;
        throw new PickleError('a NumPy array has no content');
      case 'tensor':
        return tensorValues(item);
      default:
        throw new PickleError('it holds a type where a value belongs');
    }
  }
  throw new PickleError('it holds something that is no value');
}

function isConstructor(item: Item | undefined): item is Constructor {
  return typeof item === 'object' && item !== null && 'kind' in item && item.kind === 'constructor';
}

function isStorage(item: Item | undefined): item is TorchStorage {
  return typeof item === 'object' && item !== null && 'kind' in item && item.kind === 'storage';
}

function isDType(item: Item | undefined): item is DType {
  return typeof item === 'object' && item !== null && 'kind' in item && item.kind === 'dtype';
}

function isReconstructed(item: Item | undefined): item is Reconstructed {
  return typeof item === 'object' && item !== null && 'kind' in item && item.kind === 'reconstructed';
}

function dtype(item: Item | undefined): DType {
  if (!isDType(item)) throw new PickleError('a NumPy array has no type');
  return item;
}

function list(item: Item | undefined): Item[] {
  if (!Array.isArray(item)) throw new PickleError('a list or tuple is expected');
  return item;
}

function text(item: Item | undefined): string {
  if (typeof item === 'string') return item;
  throw new PickleError('text is expected');
}

/** Bytes; Python 2 wrote them as text of code points below 256. */
function rawBytes(item: Item | undefined): Uint8Array {
  if (item instanceof Uint8Array) return item;
  if (typeof item === 'string') return Uint8Array.from(Buffer.from(item, 'latin1'));
  throw new PickleError('bytes are expected');
}

function shapeOf(item: Item | undefined): readonly number[] {
  const sides = list(item).map((side) => (typeof side === 'number' ? side : Number.NaN));
  if (Number.isNaN(elements(sides))) throw new PickleError('an array has an impossible shape');
  return sides;
}

/** The single value of a 0-dimensional object array, or the value itself. */
export function unwrap(value: PickleValue): PickleValue {
  return isObjects(value) && value.shape.length === 0 && value.values.length === 1 ? value.values[0] : value;
}
