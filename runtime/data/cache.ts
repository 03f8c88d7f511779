/** A cache that holds the most recently used values up to a number of bytes; a value larger than the limit is not kept. */
export class ByteCache<T> {
  readonly #limit: number;
  readonly #bytesOf: (value: T) => number;
  readonly #values = new Map<string, T>();
  #bytes = 0;

  constructor(limit: number, bytesOf: (value: T) => number) {
    this.#limit = limit;
    this.#bytesOf = bytesOf;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    const size = this.#bytesOf(value);
    const before = this.#values.get(key);
    if (before !== undefined) {
      this.#values.delete(key);
      this.#bytes -= this.#bytesOf(before);
    }
    if (size > this.#limit) return;
    this.#values.set(key, value);
    this.#bytes += size;
    for (const [oldest, old] of this.#values) {
      if (this.#bytes <= this.#limit) break;
      this.#values.delete(oldest);
      this.#bytes -= this.#bytesOf(old);
    }
  }
}
