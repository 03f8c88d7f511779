/**
 * Open-addressing hash table from the integer key of a lattice vertex (its first d coordinates) to a running number.
 * The hash is linear in the key, so that the hash of a neighbour is the vertex's own hash plus a constant.
 */
export class VertexTable {
  /** Vertices stored so far. */
  size = 0;
  readonly #d: number;
  readonly #prime: Int32Array;
  #keys: Int32Array;
  #hashes: Int32Array;
  #slots: Int32Array;
  #mask: number;

  /** @param dimensions d, the length of a key  @param expected a guess of the number of vertices; the table grows */
  constructor(dimensions: number, expected: number) {
    this.#d = dimensions;
    this.#prime = new Int32Array(dimensions);
    let h = 1;
    for (let i = 0; i < dimensions; i++) {
      h = Math.imul(h, 0x9e3779b1) | 1;
      this.#prime[i] = h;
    }
    const room = Math.max(64, expected);
    this.#keys = new Int32Array(room * dimensions);
    this.#hashes = new Int32Array(room);
    let capacity = 64;
    while (capacity < room * 2) capacity *= 2;
    this.#slots = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** The number of the vertex with this key, created when new. */
  insert(key: Int32Array): number {
    const d = this.#d;
    let h = 0;
    for (let i = 0; i < d; i++) h = (h + Math.imul(key[i], this.#prime[i])) | 0;
    const slots = this.#slots;
    let at = mix(h) & this.#mask;
    for (let found = slots[at]; found !== 0; found = slots[at]) {
      if (this.#hashes[found - 1] === h && this.#equals(found - 1, key)) return found - 1;
      at = (at + 1) & this.#mask;
    }
    const index = this.size++;
    if (index === this.#hashes.length) this.#growVertices();
    this.#hashes[index] = h;
    this.#keys.set(key, index * d);
    slots[at] = index + 1;
    if (this.size * 2 > this.#mask) this.#growSlots();
    return index;
  }

  /** For every lattice direction and vertex the one-based numbers of both neighbours (0: none), each [d + 1, size]. */
  neighbours(): { readonly before: Int32Array; readonly after: Int32Array } {
    const d = this.#d;
    const m = this.size;
    const before = new Int32Array((d + 1) * m);
    const after = new Int32Array((d + 1) * m);
    const keys = this.#keys;
    const hashes = this.#hashes;
    const slots = this.#slots;
    const mask = this.#mask;
    for (let j = 0; j <= d; j++) {
      // Key - 1 everywhere, own coordinate + d; the last direction has no stored coordinate of its own.
      let step = 0;
      for (let k = 0; k < d; k++) step = (step + Math.imul(k === j ? d : -1, this.#prime[k])) | 0;
      const row = j * m;
      for (let v = 0; v < m; v++) {
        const h = (hashes[v] + step) | 0;
        let at = mix(h) & mask;
        for (let found = slots[at]; found !== 0; found = slots[at]) {
          const n = found - 1;
          if (hashes[n] === h) {
            let k = 0;
            for (let a = n * d, b = v * d; k < d; k++, a++, b++) if (keys[a] !== keys[b] + (k === j ? d : -1)) break;
            if (k === d) {
              before[row + v] = found;
              // The relation is mutual: this vertex is the other's neighbour on the opposite side.
              after[row + n] = v + 1;
              break;
            }
          }
          at = (at + 1) & mask;
        }
      }
    }
    return { before, after };
  }

  #equals(index: number, key: Int32Array): boolean {
    const d = this.#d;
    for (let i = 0, at = index * d; i < d; i++, at++) if (this.#keys[at] !== key[i]) return false;
    return true;
  }

  #growVertices(): void {
    const room = this.#hashes.length * 2;
    const keys = new Int32Array(room * this.#d);
    keys.set(this.#keys);
    const hashes = new Int32Array(room);
    hashes.set(this.#hashes);
    this.#keys = keys;
    this.#hashes = hashes;
  }

  #growSlots(): void {
    const capacity = this.#slots.length * 2;
    const slots = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < this.size; i++) {
      let at = mix(this.#hashes[i]) & this.#mask;
      while (slots[at] !== 0) at = (at + 1) & this.#mask;
      slots[at] = i + 1;
    }
    this.#slots = slots;
  }
}

/** Spreads all bits of a linear hash over the low ones, which choose the slot. */
function mix(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return h ^ (h >>> 15);
}
