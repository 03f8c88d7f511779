/** Numbers for texts, shared by both sides of a comparison: equal texts have equal numbers. */
export class Interning {
  readonly #known = new Map<string, number>();

  of(text: string): number {
    let id = this.#known.get(text);
    if (id === undefined) {
      id = this.#known.size;
      this.#known.set(text, id);
    }
    return id;
  }
}
