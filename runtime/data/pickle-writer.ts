/**
 * Writes the one kind of pickle that image-level labels need: a 0-dimensional NumPy object array around a dictionary of text to float32
 * vectors, protocol 2, with the same operations and memo numbers as CPython, so that a file read and written again keeps its bytes.
 */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [];
  #memo = 0;
  readonly #known = new Map<string, number>();

  objectArrayOfDict(entries: ReadonlyMap<string, Float32Array>): Uint8Array {
    this.#raw(0x80, 2);
    this.#beginArray();
    this.#ascii('(');
    this.#raw(0x4b, 1); // state version
    this.#ascii(')'); // shape ()
    this.#dtype('O8', '|', 63);
    this.#raw(0x89); // not Fortran order
    this.#ascii(']');
    this.#put();
    this.#ascii('}');
    this.#put();
    const all = [...entries];
    // CPython writes entries in groups of a thousand, and a last single one without a group.
    for (let from = 0; from < all.length; from += 1000) {
      const group = all.slice(from, from + 1000);
      if (group.length > 1) this.#ascii('(');
      for (const [id, values] of group) {
        this.#text(id);
        this.#put();
        this.#vector(values);
      }
      this.#ascii(group.length > 1 ? 'u' : 's');
    }
    this.#ascii('at');
    this.#put();
    this.#ascii('b.');
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #vector(values: Float32Array): void {
    this.#beginArray();
    this.#ascii('(');
    this.#raw(0x4b, 1);
    this.#integer(values.length);
    this.#raw(0x85);
    this.#put();
    this.#dtype('f4', '<', 0);
    this.#raw(0x89);
    const raw = Buffer.alloc(values.length * 4);
    values.forEach((value, i) => void raw.writeFloatLE(value, i * 4));
    this.#global('_codecs', 'encode');
    this.#text(raw.toString('latin1'));
    this.#put();
    this.#interned('latin1');
    this.#raw(0x86);
    this.#put();
    this.#ascii('R');
    this.#put();
    this.#ascii('t');
    this.#put();
    this.#ascii('b');
  }

  /** `_reconstruct(ndarray, (0,), b'b')` */
  #beginArray(): void {
    this.#global('numpy.core.multiarray', '_reconstruct');
    this.#global('numpy', 'ndarray');
    this.#raw(0x4b, 0, 0x85);
    this.#put();
    if (!this.#recall("b'b'")) {
      this.#global('_codecs', 'encode');
      this.#interned('b');
      this.#interned('latin1');
      this.#raw(0x86);
      this.#put();
      this.#ascii('R');
      this.#remember("b'b'");
    }
    this.#raw(0x87);
    this.#put();
    this.#ascii('R');
    this.#put();
  }

  /** `dtype(name, False, True)` with its state (3, order, None, None, None, -1, -1, flags); written once, then referred to. */
  #dtype(name: string, order: string, flags: number): void {
    if (this.#recall(`dtype ${name}`)) return;
    this.#global('numpy', 'dtype');
    this.#interned(name);
    this.#raw(0x89, 0x88, 0x87);
    this.#put();
    this.#ascii('R');
    this.#remember(`dtype ${name}`);
    this.#ascii('(');
    this.#raw(0x4b, 3);
    this.#interned(order);
    this.#ascii('NNN');
    this.#raw(0x4a, 255, 255, 255, 255, 0x4a, 255, 255, 255, 255, 0x4b, flags);
    this.#ascii('t');
    this.#put();
    this.#ascii('b');
  }

  #global(module: string, name: string): void {
    if (this.#recall(`global ${module} ${name}`)) return;
    this.#ascii(`c${module}\n${name}\n`);
    this.#remember(`global ${module} ${name}`);
  }

  #interned(text: string): void {
    if (this.#recall(`text ${text}`)) return;
    this.#text(text);
    this.#remember(`text ${text}`);
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    const head = Buffer.alloc(5);
    head[0] = 0x58;
    head.writeUInt32LE(bytes.length, 1);
    this.#parts.push(head, bytes);
  }

  #integer(value: number): void {
    if (value < 256) this.#raw(0x4b, value);
    else if (value < 65536) this.#raw(0x4d, value & 255, value >> 8);
    else throw new RangeError(`a label vector of ${value} values is too long`);
  }

  #put(): void {
    const index = this.#memo++;
    if (index < 256) this.#raw(0x71, index);
    else {
      const op = Buffer.alloc(5);
      op[0] = 0x72;
      op.writeUInt32LE(index, 1);
      this.#parts.push(op);
    }
  }

  #remember(name: string): void {
    this.#known.set(name, this.#memo);
    this.#put();
  }

  #recall(name: string): boolean {
    const index = this.#known.get(name);
    if (index === undefined) return false;
    if (index < 256) this.#raw(0x68, index);
    else {
      const op = Buffer.alloc(5);
      op[0] = 0x6a;
      op.writeUInt32LE(index, 1);
      this.#parts.push(op);
    }
    return true;
  }

  #ascii(text: string): void {
    this.#parts.push(Buffer.from(text, 'latin1'));
  }

  #raw(...bytes: readonly number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
  }
}
