/** Runs a case on its reference file, with the engine of `wsss compare`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Comparison, compareFiles } from '../../compiler/cli/compare-files.ts';
import { diskHost } from '../../compiler/cli/host.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import { parseReference, type Reference } from '../../runtime/compare/reference.ts';
import { fixturePath } from '../fixture.ts';

export const caseRoot: string = fileURLToPath(new URL('./', import.meta.url));

export function referenceOf(method: string, name: string): Reference {
  const path = fixturePath(method, name);
  const json = path.replace(/\.safetensors$/, '.json');
  return parseReference(readFileSync(path), path, readFileSync(json, 'utf8'), json);
}

/** Throws where the case is not sound. */
export async function compareFixture(method: string, name: string): Promise<Comparison> {
  const diagnostics = new Diagnostics();
  const result = await compareFiles(diskHost, `${caseRoot}${method}/${name}.wsss`, referenceOf(method, name), diagnostics);
  if (!result) throw new Error(renderAll(diagnostics.all));
  return result;
}

/** What is wrong, a line each; empty when everything passes. */
export function failures(comparison: Comparison): readonly string[] {
  return [
    ...comparison.unconsumed.map((key) => `${key}: not consumed`),
    ...comparison.built.flatMap(({ results, rows, held }) => [
      ...(held === 0 ? [] : [`${results}: ${held} bytes held after the step`]),
      ...rows
        .filter((row) => !row.passed)
        .map((row) => `${results}: ${row.key}: off by ${row.absolute}, ${row.excess} too much ${row.note ?? ''}`),
    ]),
  ];
}
