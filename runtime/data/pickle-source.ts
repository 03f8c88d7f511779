/** A cursor over the bytes of a pickle; every read is checked against the end. */
export class PickleSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fail: (message: string) => Error;
  #at = 0;

  constructor(bytes: Uint8Array, fail: (message: string) => Error) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
  }

  get position(): number {
    return this.#at;
  }

  #take(count: number): number {
    if (!(count >= 0) || this.#at + count > this.#bytes.length) {
      throw this.#fail(`it ends at byte ${this.#bytes.length}, but byte ${this.#at} announces ${count} more`);
    }
    const from = this.#at;
    this.#at += count;
    return from;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  bytes(count: number): Uint8Array {
    const from = this.#take(count);
    return this.#bytes.slice(from, from + count);
  }

  latin1(count: number): string {
    return Buffer.from(this.bytes(count)).toString('latin1');
  }

  utf8(count: number): string {
    return Buffer.from(this.bytes(count)).toString('utf8');
  }

  /** A line up to the next newline, which is taken too; one character a byte, as protocol 0 writes text. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.#fail(`the line that begins at byte ${this.#at} has no end`);
    const text = Buffer.from(this.#bytes.subarray(this.#at, end)).toString('latin1');
    this.#at = end + 1;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  /** A little-endian two's complement integer of `count` bytes; a bigint only beyond 2^53. */
  longInteger(count: number): number | bigint {
    const digits = this.bytes(count);
    let value = 0n;
    for (let i = digits.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]);
    if (digits.length > 0 && digits[digits.length - 1] & 0x80) value -= 1n << BigInt(8 * digits.length);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}
