/** Trees of files that were read before and hold no mistake: an editor, a watcher and tests read the standard library once. */
import type { SourceFile } from '../source/source.ts';
import type { SpecFile } from '../syntax/ast.ts';

export class SoundSpecs {
  readonly #specs = new Map<string, SpecFile>();

  /** The tree of a file whose name and text are the same as before. */
  get(name: string, text: string): SpecFile | undefined {
    const known = this.#specs.get(name);
    return known?.source.text === text ? known : undefined;
  }

  set(source: SourceFile, spec: SpecFile): void {
    this.#specs.set(source.name, spec);
  }
}
