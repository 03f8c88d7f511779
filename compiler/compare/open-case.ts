/** From a case file to a checked case, with what the checker has to know of the reference: its keys, its shapes and its numbers. */

import { type BoundFile, Loader, type SourceHost, wholeFile } from '../bind/bind.ts';
import { bounded } from '../check/bounded.ts';
import { type CheckedCase, type ReferenceNumbers, readCase } from '../check/case.ts';
import { nothingTold } from '../check/elaboration.ts';
import { ReferenceTable } from '../check/references.ts';
import { stepsFor, Work } from '../check/work.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { Facts } from '../shape/facts.ts';
import type { Span } from '../source/source.ts';

export interface ReferenceShapes extends ReferenceNumbers {
  /** Shape of every tensor of the file, by key, in the file's order of axes. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Numbers of a tensor by its key, row-major: cases may read whole ones as sizes and places. */
  readonly entriesOf?: (key: string) => ArrayLike<number> | undefined;
}

export interface OpenedCase {
  readonly name: string;
  readonly span: Span;
  readonly file: BoundFile;
  readonly checked: CheckedCase;
}

/**
 * Reads and checks the case of a file. Undefined when there is no such file (nothing is reported) or when it holds no case; other problems
 * are in `diagnostics`.
 */
export function openCase(host: SourceHost, path: string, reference: ReferenceShapes, diagnostics: Diagnostics): OpenedCase | undefined {
  const loader = new Loader(host, diagnostics);
  const file = loader.load(path);
  if (!file) return undefined;
  const found = file.declared.flatMap(({ declaration }) => (declaration.kind === 'case' ? [declaration] : []));
  if (found.length !== 1) {
    if (found.length === 0 && !diagnostics.hasErrors) diagnostics.report('case-missing', wholeFile(file.spec.source), {});
    if (found.length > 1) diagnostics.report('case-many-runs', found[1].name.span, {});
    return undefined;
  }
  for (const { declaration } of file.declared)
    if (declaration.kind !== 'case') diagnostics.report('case-declares', declaration.name.span, { what: declaration.kind });
  const session = {
    diagnostics,
    root: file,
    states: new Map(),
    settings: new Map(),
    facts: new Facts(),
    strictShapes: false,
    references: new ReferenceTable(reference.shapes, reference.entriesOf),
    pretrained: new Map(),
    datasets: {},
    told: nothingTold(),
    work: new Work(stepsFor(loader.files.reduce((sum, { spec }) => sum + spec.source.text.length, 0))),
  };
  const checked = bounded(session, found[0].name.span, () => readCase(session, found[0], file, reference));
  return checked && { name: found[0].name.text, span: found[0].name.span, file, checked };
}
