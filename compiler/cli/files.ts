/** Writing what commands make. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes files into a folder, each complete or not at all; returns what is wrong, in words, where it cannot. */
export function writeFolder(folder: string, files: readonly { readonly path: string; readonly text: string }[]): string | undefined {
  try {
    mkdirSync(folder, { recursive: true });
    for (const { path, text } of files) {
      const target = join(folder, path);
      const temporary = `${target}.part`;
      writeFileSync(temporary, text);
      renameSync(temporary, target);
    }
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return `error[output-unwritable]: ${folder} cannot be written (${code}); choose another folder with --out`;
  }
}
