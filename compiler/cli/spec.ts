/** Opening the spec of a command: read, checked, and one of its methods chosen. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CheckedFile, type CheckedMethod, checkFile } from '../check/check.ts';
import type { Value } from '../check/values.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { diskHost } from './host.ts';
import { CommandFailure, EXIT, type Output, usage, writeDiagnostics } from './output.ts';
import { checkSettings, parseSettings } from './settings.ts';
import { splitTarget } from './target.ts';

export interface OpenedSpec {
  /** As the user named it. */
  readonly file: string;
  /** The method named behind the file. */
  readonly named: string | undefined;
  readonly checked: CheckedFile;
  readonly diagnostics: Diagnostics;
}

export interface SpecOptions {
  readonly set?: readonly string[];
  readonly json: boolean;
}

/**
 * Opens `FILE.wsss` or `FILE.wsss#METHOD`; undefined when the spec has errors, which are written then. Warnings are written too. Throws
 * CommandFailure for a file or method that is not there and for settings that fit no method.
 */
export function openSpec(output: Output, target: string, { set = [], json }: SpecOptions): OpenedSpec | undefined {
  const { file, only } = splitTarget(target);
  const settings = parseSettings(set);
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, file, diagnostics, { settings });
  if (!checked) throw missingFile(file);
  const named = only?.[0];
  if (diagnostics.hasErrors) {
    writeDiagnostics(output, diagnostics, json, { file });
    return undefined;
  }
  if (!json) writeDiagnostics(output, diagnostics, false);
  if (named !== undefined && !checked.methods.has(named)) throw unknownMethod(file, named, checked);
  checkSettings(settings, [...checked.methods.values()]);
  return { file, named, checked: portable(file, settings) ?? checked, diagnostics };
}

/**
 * The spec read under names that start at its own folder: what is generated from it tells places in these, and so does not depend on where the
 * project lies and from which folder the command is given. Messages to the user keep the names the user knows.
 */
export function portable(file: string, settings: ReadonlyMap<string, Value>, only?: readonly string[]): CheckedFile | undefined {
  const folder = dirname(file);
  if (folder === '.') return undefined;
  const read = (name: string): string | undefined => diskHost.read(name.startsWith('std/') ? name : join(folder, name));
  return checkFile({ read }, basename(file), new Diagnostics(), { settings, only });
}

/** Why a spec cannot be read. */
export function missingFile(file: string): CommandFailure {
  const path = 'give the path of a .wsss file; `wsss new NAME` writes one';
  if (file === '') return usage('the path of the spec is empty', path);
  if (existsSync(file) && statSync(file).isDirectory()) return usage(`${file} is a folder, and a spec is a file`, path);
  return usage(`${file}: there is no such file, or it cannot be read`, path);
}

export function unknownMethod(file: string, name: string, checked: CheckedFile): CommandFailure {
  const declared = [...checked.methods.keys()];
  return usage(
    `${file}: declares no method or variant '${name}'`,
    nearest(name, declared) ?? `it declares ${declared.join(', ') || 'none'}`,
  );
}

/** The named method, or all that the file declares itself. Throws CommandFailure where it declares none. */
export function methodsOf({ file, named, checked }: OpenedSpec): readonly CheckedMethod[] {
  const methods = [...checked.methods.values()].filter((method) =>
    named === undefined ? checked.file.declared.some(({ declaration }) => declaration.name.text === method.name) : method.name === named,
  );
  if (methods.length > 0) return methods;
  throw new CommandFailure(EXIT.problems, { code: 'no-such-method', message: 'no method is declared here', file });
}

/**
 * The method a command works on: the named one, or the only one that can do `what` (a phrase such as 'has a pipeline'). What the file declares
 * itself comes before what its pipelines train from imported files. Throws CommandFailure: exit code 1 when none can, 2 when several can and none is
 * named.
 */
export function chooseMethod({ file, named, checked }: OpenedSpec, what: string, can: (method: CheckedMethod) => boolean): CheckedMethod {
  const methods = [...checked.methods.values()];
  const anywhere = methods.filter(can);
  const own = anywhere.filter((method) => checked.file.declared.some(({ declaration }) => declaration.name.text === method.name));
  const able = own.length > 0 ? own : anywhere;
  const list = (names: readonly CheckedMethod[]): string => names.map((m) => `${file}#${m.name}`).join(', ');
  if (named !== undefined) {
    const method = checked.methods.get(named);
    if (method && can(method)) return method;
    const others = able.length > 0 ? `use ${list(able)}` : undefined;
    throw new CommandFailure(EXIT.problems, {
      code: 'no-such-method',
      message: `'${named}' is not a method that ${what}`,
      file,
      hint: others,
    });
  }
  if (able.length === 1) return able[0];
  if (able.length === 0) {
    const found = methods.length === 0 ? 'no method at all' : methods.map((m) => m.name).join(', ');
    throw new CommandFailure(EXIT.problems, { code: 'no-such-method', message: `no method here ${what}`, file, found });
  }
  throw usage(`several methods of ${file} could be meant: each of them ${what}`, `name one: ${list(able)}`);
}
