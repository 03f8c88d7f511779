/** Where the standard library declares a name: what an import that is missing would have brought. */
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { sourceFile } from '../source/source.ts';
import { parse } from '../syntax/parse.ts';
import type { BoundFile, SourceHost } from './bind.ts';
import type { SoundSpecs } from './sound-specs.ts';

export class Library {
  readonly #host: SourceHost;
  readonly #files: () => readonly BoundFile[];
  readonly #sound: SoundSpecs;
  #homes: ReadonlyMap<string, string> | undefined;

  constructor(host: SourceHost, files: () => readonly BoundFile[], sound: SoundSpecs) {
    this.#host = host;
    this.#files = files;
    this.#sound = sound;
  }

  /** `std/cam` for a name that only this file of the library declares; undefined for names that none or several declare. */
  homeOf(name: string): string | undefined {
    this.#homes ??= this.#read();
    return this.#homes.get(name);
  }

  /** The library is read when the first name is missing: a sound spec never pays for it. */
  #read(): ReadonlyMap<string, string> {
    const homes = new Map<string, string>();
    const several = new Set<string>();
    const add = (file: string, names: readonly string[]): void => {
      const path = file.replace(/\.wsss$/, '');
      for (const name of names) {
        if (homes.has(name) && homes.get(name) !== path) several.add(name);
        homes.set(name, path);
      }
    };
    const loaded = new Set<string>();
    for (const file of this.#files()) {
      if (!file.name.startsWith('std/')) continue;
      loaded.add(file.name);
      add(
        file.name,
        file.declared.map((d) => d.declaration.name.text),
      );
    }
    for (const name of this.#host.library?.() ?? []) {
      const text = loaded.has(name) ? undefined : this.#host.read(name);
      if (text === undefined) continue;
      const spec = this.#sound.get(name, text) ?? parse(sourceFile(name, text), new Diagnostics());
      add(
        name,
        spec.declarations.map((d) => d.name.text),
      );
    }
    for (const name of several) homes.delete(name);
    return homes;
  }
}
