/** Examples of `wsss explain`, checked as their frames say. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceHost } from '../../../compiler/bind/bind.ts';
import { SoundSpecs } from '../../../compiler/bind/sound-specs.ts';
import { checkFile } from '../../../compiler/check/check.ts';
import { number } from '../../../compiler/check/values.ts';
import { callProgram } from '../../../compiler/compare/call-program.ts';
import { openCase } from '../../../compiler/compare/open-case.ts';
import { trainingProgram } from '../../../compiler/compare/training-program.ts';
import { type Code, catalogue, entryOf, isCode } from '../../../compiler/diagnostics/catalogue.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import type { Example } from '../../../compiler/diagnostics/entry.ts';
import { BESIDE, type FrameName, framed, REFERENCE } from '../../../compiler/diagnostics/frames.ts';

const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));
const LIBRARY = readdirSync(`${specs}std`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.wsss'))
  .map((file) => `std/${file.replaceAll('\\', '/')}`)
  .sort();
/** The library is checked once for all examples. */
const sound = new SoundSpecs();

/** Codes that have an example, sorted by name. */
export const EXAMPLES: readonly (readonly [Code, Example])[] = Object.keys(catalogue)
  .sort()
  .flatMap((code) => {
    if (!isCode(code)) return [];
    const { explain } = entryOf(code);
    return 'frame' in explain ? [[code, explain] as const] : [];
  });

const NAME = 'spec.wsss';

/** Everything that is reported for a text in its frame. The file is always called the same: one example imports itself. */
export function checkExample(frame: FrameName, text: string): Diagnostics {
  const source = framed(frame, text);
  const host: SourceHost = { read: (path) => (path === NAME ? source : (BESIDE[path] ?? fromLibrary(path))), library: () => LIBRARY };
  const diagnostics = new Diagnostics();
  if (frame === 'case' || frame === 'reference') checkCase(host, diagnostics);
  else
    checkFile(host, NAME, diagnostics, {
      sound,
      strictShapes: frame === 'strict',
      ...(frame === 'setting' && { settings: new Map([['rate', number(0.2, false)]]) }),
    });
  return diagnostics;
}

/** As `wsss compare` does, up to the programs that it would run. */
function checkCase(host: SourceHost, diagnostics: Diagnostics): void {
  const reference = { shapes: REFERENCE, sizes: {}, hyperparameters: {} };
  const opened = openCase(host, NAME, reference, diagnostics);
  if (!opened || diagnostics.hasErrors) return;
  const { training } = opened.checked;
  if (training) trainingProgram(opened, training, reference, 'all results', diagnostics);
  else callProgram(opened, new Set(REFERENCE.keys()), 'all results', diagnostics);
}

function fromLibrary(path: string): string | undefined {
  try {
    return readFileSync(specs + path, 'utf8');
  } catch {
    return undefined;
  }
}
