/** How the command line reads specs: the disk, and the standard library inside the package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceHost } from '../bind/bind.ts';
import type { LibraryFile } from '../explain/library.ts';

/** A file or folder of this package by its path from the package's root, from the sources as from `dist/`. */
function packagePath(path: string): string {
  const here = new URL('.', import.meta.url);
  return fileURLToPath(new URL((here.pathname.includes('/dist/') ? '../../../' : '../../') + path, here));
}

/** Folder `specs/` of this package. */
function specsFolder(): string {
  return packagePath('specs/');
}

/** The guide of the language. */
export function guidePath(): string {
  return packagePath('docs/language.md');
}

export const diskHost: SourceHost = {
  read(name) {
    try {
      return readFileSync(name.startsWith('std/') ? `${specsFolder()}${name}` : name, 'utf8');
    } catch {
      return undefined;
    }
  },
  library() {
    return readdirSync(`${specsFolder()}std`, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.wsss'))
      .map((name) => `std/${name.replaceAll('\\', '/')}`)
      .sort();
  },
};

/** What `wsss new` can start from: the specs in `templates/`. */
export function templateNames(): readonly string[] {
  return readdirSync(`${specsFolder()}templates`)
    .filter((name) => name.endsWith('.wsss'))
    .map((name) => name.slice(0, -'.wsss'.length))
    .sort();
}

/** The spec from which `wsss new --from NAME` makes one. */
export function templatePath(name: string): string {
  return `${specsFolder()}templates/${name}.wsss`;
}

/** A method of this package by the name of its file; undefined where there is none. */
export function methodPath(name: string): string | undefined {
  const path = `${specsFolder()}methods/${name}.wsss`;
  return /^[\w-]+$/.test(name) && existsSync(path) ? path : undefined;
}

/** The standard library, by the names that import its files. */
export function libraryFiles(): readonly LibraryFile[] {
  const folder = `${specsFolder()}std/`;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wsss'))
    .sort()
    .map((name) => ({ name: `std/${name.slice(0, -'.wsss'.length).replaceAll('\\', '/')}`, text: readFileSync(folder + name, 'utf8') }));
}
