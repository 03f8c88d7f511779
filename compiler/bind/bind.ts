/**
 * Files, imports and the names they declare. Binding reads every file a spec reaches once and gives each its table of names;
 * what a name means inside a body is decided by the checker, which knows values.
 */
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { type SourceFile, type Span, sourceFile, span } from '../source/source.ts';
import type { Declaration, SpecFile } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { SoundSpecs } from './sound-specs.ts';

/** How the compiler reads text: the disk, an editor's buffers, or a map in a browser. */
export interface SourceHost {
  /** Text of a file by its name, or undefined. Names that begin with `std/` are the standard library. */
  read(name: string): string | undefined;
  /** Names of all files of the standard library, for hints on imports that are missing; a host that cannot list them has no such method. */
  library?(): readonly string[];
}

export interface BoundName {
  readonly declaration: Declaration;
  readonly file: BoundFile;
}

export interface BoundFile {
  readonly name: string;
  readonly spec: SpecFile;
  /** Declared and imported names. */
  readonly names: ReadonlyMap<string, BoundName>;
  /** Declared here, in order. */
  readonly declared: readonly BoundName[];
  /** Imported files, in order. */
  readonly imports: readonly BoundFile[];
  /** For a variant of a method of another file: the files, by name, in which what the variant takes over from there was written. */
  readonly bases?: ReadonlyMap<string, BoundFile>;
  /** Names that an import failed to bring or that stand where the text does not parse; `all` where they may be any. */
  readonly missing: ReadonlySet<string> | 'all';
}

/** Whether a name may stand in what could not be imported or read, and was told there. */
export function lacks({ missing }: BoundFile, name: string): boolean {
  return missing === 'all' || missing.has(name);
}

export class Loader {
  readonly #host: SourceHost;
  readonly #diagnostics: Diagnostics;
  readonly #files = new Map<string, BoundFile | 'loading'>();
  readonly #chain: string[] = [];
  readonly #sound: SoundSpecs;

  /** `sound` holds what earlier loaders have read. */
  constructor(host: SourceHost, diagnostics: Diagnostics, sound = new SoundSpecs()) {
    this.#host = host;
    this.#diagnostics = diagnostics;
    this.#sound = sound;
  }

  /** Every file read so far, by name. */
  get files(): readonly BoundFile[] {
    return [...this.#files.values()].filter((file): file is BoundFile => file !== 'loading');
  }

  /** Loads a file and everything it imports; undefined when the host has no such file. */
  load(name: string): BoundFile | undefined {
    const known = this.#files.get(name);
    if (known && known !== 'loading') return known;
    const text = this.#host.read(name);
    if (text === undefined) return undefined;
    return this.#bind(this.#parse(name, text));
  }

  #parse(name: string, text: string): SpecFile {
    const known = this.#sound.get(name, text);
    if (known) return known;
    const source = sourceFile(name, text);
    const before = this.#diagnostics.reports;
    const spec = parse(source, this.#diagnostics);
    if (this.#diagnostics.reports === before) this.#sound.set(source, spec);
    return spec;
  }

  #bind(spec: SpecFile): BoundFile {
    const { source } = spec;
    this.#files.set(source.name, 'loading');
    this.#chain.push(source.name);
    const names = new Map<string, BoundName>();
    const declared: BoundName[] = [];
    const imports: BoundFile[] = [];
    // What did not parse was told where it stands.
    const missing = new Set<string>(spec.unread === 'all' ? [] : spec.unread);
    let missesFile = spec.unread === 'all';
    const file: BoundFile = {
      name: source.name,
      spec,
      names,
      declared,
      imports,
      get missing() {
        return missesFile ? 'all' : missing;
      },
    };
    for (const declaration of spec.declarations) {
      const bound = { declaration, file };
      if (declaration.kind === 'case') {
        // A case is run by its file; nothing calls it, and it may be named after the module that it calls.
        declared.push(bound);
        continue;
      }
      if (names.has(declaration.name.text)) {
        const first = names.get(declaration.name.text)!.declaration.name.span;
        this.#diagnostics.report(
          'duplicate-name',
          declaration.name.span,
          { name: declaration.name.text },
          { labels: [{ span: first, text: 'first declared here' }] },
        );
      } else names.set(declaration.name.text, bound);
      declared.push(bound);
    }
    const from = new Map<string, string>();
    for (const item of spec.imports) {
      const target = this.#import(resolveImport(source.name, item.from.value), item.from.span, item.from.value);
      if (!target) {
        if (item.names) for (const n of item.names) missing.add((n.alias ?? n.name).text);
        else missesFile = true;
        continue;
      }
      imports.push(target);
      const wanted = item.names?.map((n) => ({ name: n.name, alias: n.alias ?? n.name }));
      if (!wanted) {
        if (target.missing === 'all') missesFile = true;
        else for (const name of target.missing) missing.add(name);
        for (const bound of target.declared) this.#add(names, from, bound.declaration.name.text, bound, item.span, target.name, file);
        continue;
      }
      for (const { name, alias } of wanted) {
        const bound = target.declared.find((b) => b.declaration.name.text === name.text);
        if (bound) this.#add(names, from, alias.text, bound, alias.span, target.name, file);
        else {
          missing.add(alias.text);
          if (lacks(target, name.text)) continue;
          const candidates = target.declared.map((b) => b.declaration.name.text);
          this.#diagnostics.report(
            'unknown-import',
            name.span,
            { file: target.name, name: name.text },
            { hint: didYouMean(name.text, candidates) ?? offer(target.name, candidates) },
          );
        }
      }
    }
    this.#chain.pop();
    this.#files.set(source.name, file);
    return file;
  }

  #add(
    names: Map<string, BoundName>,
    from: Map<string, string>,
    name: string,
    bound: BoundName,
    at: Span,
    where: string,
    file: BoundFile,
  ): void {
    const known = names.get(name);
    // What a file declares wins over what it imports, so that a library may grow without breaking its users.
    if (known && known.file === file) return;
    if (known && known.declaration !== bound.declaration) {
      this.#diagnostics.report('ambiguous-import', at, { name, first: from.get(name) ?? known.file.name, second: where });
      return;
    }
    names.set(name, bound);
    from.set(name, where);
  }

  #import(name: string, at: Span, written: string): BoundFile | undefined {
    const known = this.#files.get(name);
    if (known === 'loading') {
      const cycle = [...this.#chain.slice(this.#chain.indexOf(name)), name].join(' → ');
      this.#diagnostics.report('import-cycle', at, { cycle });
      return undefined;
    }
    if (known) return known;
    const file = this.load(name);
    if (!file) this.#diagnostics.report('import-not-found', at, { path: written }, { hint: `looked for ${name}` });
    return file;
  }
}

/** What a file has instead of a name that is like none of its own. */
function offer(file: string, candidates: readonly string[]): string {
  const few = candidates.slice(0, 8).join(', ');
  if (candidates.length === 0) return `${file} declares nothing`;
  return `${file} declares ${few}${candidates.length > 8 ? ' and others' : ''}`;
}

/** `std/layers` → `std/layers.wsss`; relative paths start at the importing file. */
export function resolveImport(from: string, written: string): string {
  const path = written.endsWith('.wsss') ? written : `${written}.wsss`;
  if (path.startsWith('std/')) return path;
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
  const parts: string[] = path.startsWith('/') ? [] : folder.split('/').filter((p, i) => p !== '' || i === 0);
  if (!folder && !path.startsWith('/')) parts.length = 0;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

/** A span for problems that concern a whole file. */
export function wholeFile(file: SourceFile): Span {
  return span(file, 0, Math.min(file.text.length, 1));
}
