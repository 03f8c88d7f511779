/** Comparing from a test: two texts of one file, with the project's own specs beside them. */

import { type CheckedFile, checkFile } from '../../../compiler/check/check.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import type { Row } from '../../../compiler/diff/classes.ts';
import { compareMethods } from '../../../compiler/diff/compare.ts';
import { type Side, sideOf } from '../../../compiler/diff/side.ts';
import { specText } from '../../unit/check/checking.ts';

interface Read {
  readonly checked: CheckedFile;
  readonly host: { readonly read: (name: string) => string | undefined };
}

const known = new Map<string, Read>();

/** Throws where the text is not sound. */
function read(name: string, text: string, others: Readonly<Record<string, string>>): Read {
  const key = JSON.stringify([name, text, others]);
  const before = known.get(key);
  if (before) return before;
  const host = { read: (wanted: string) => (wanted === name ? text : (others[wanted] ?? specText(wanted))) };
  const diagnostics = new Diagnostics();
  const checked = checkFile(host, name, diagnostics);
  if (!checked || diagnostics.hasErrors) throw new Error(`${renderAll(diagnostics.all)}\n${text}`);
  known.set(key, { checked, host });
  return { checked, host };
}

/** One method of a file of `specs/`, or of `text` in its place; the only one where none is named. */
export function side(name: string, text: string | undefined, method?: string, others: Readonly<Record<string, string>> = {}): Side {
  const { checked, host } = read(name, text ?? specText(name) ?? '', others);
  const found = sideOf(host, name, checked, method ?? [...checked.methods.keys()][0]);
  if (!found) throw new Error(`${name} has no method ${method}`);
  return found;
}

/** Rows between two texts of one file. */
export function compared(name: string, from: string, to: string, method?: string): readonly Row[] {
  return compareMethods(side(name, from, method), side(name, to, method)).rows;
}
