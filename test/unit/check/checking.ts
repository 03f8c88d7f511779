/** Checking from a test: a text under a name of its own, with the project's own specs beside it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CheckedFile, type CheckOptions, checkFile } from '../../../compiler/check/check.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';

export const SPECS = fileURLToPath(new URL('../../../specs/', import.meta.url));

/** Files by their name under `specs/`, read once. */
const texts = new Map<string, string | undefined>();

export function specText(name: string): string | undefined {
  if (!texts.has(name)) {
    try {
      texts.set(name, readFileSync(SPECS + name, 'utf8'));
    } catch {
      texts.set(name, undefined);
    }
  }
  return texts.get(name);
}

/** Checks a file of `specs/`, or `text` in its place. */
export function checkSpec(name: string, text?: string): { readonly checked: CheckedFile | undefined; readonly diagnostics: Diagnostics } {
  return checkWith(name, new Map(text === undefined ? [] : [[name, text]]));
}

/** Checks a file of `specs/` with some files, itself or those it imports, replaced. */
export function checkWith(
  name: string,
  replaced: ReadonlyMap<string, string>,
  options: CheckOptions = {},
): { readonly checked: CheckedFile | undefined; readonly diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics();
  const read = (wanted: string): string | undefined => replaced.get(wanted) ?? specText(wanted);
  return { checked: checkFile({ read }, name, diagnostics, options), diagnostics };
}

/** A method around the lines of a body: an image, its tags and a small backbone `net`. */
export function methodAround(body: string, train = ''): string {
  return `language 1

import "std/layers"
import "std/losses"
import "std/cam"
import "std/backbones/small"

method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
${body}

  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
    ${train}
  }
}

dataset voc { format voc }
`;
}

/** `code line` of everything reported on a method with this body. */
export function reported(body: string, train = ''): string[] {
  const { diagnostics } = checkSpec('m.wsss', methodAround(body, train));
  return diagnostics.toJson().map((d) => {
    const line = methodAround(body, train).split('\n')[d.place.start.line - 1];
    return `${d.code}: ${line.trim()}`;
  });
}
