import { appendFile, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/**
 * Makes a folder and those above it. In place of Node's `recursive` option, which tries for ever where the system says that the new folder's parent
 * is not there although it is (/proc). Throws what the system says.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemCode(error);
    const parent = dirname(path);
    if (code === 'ENOENT' && parent !== path) {
      await makeFolder(parent);
      // A second refusal counts, unless another process has been faster.
      await mkdir(path).catch((again: unknown) => allowExisting(path, again));
    } else await allowExisting(path, error);
  }
}

/** Some systems answer otherwise than EEXIST for a folder that is there: a root, a read-only disk. */
async function allowExisting(path: string, error: unknown): Promise<void> {
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!folder) throw error;
}

/** Appends text to a file; missing folders are made. */
export async function appendText(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await appendFile(path, text);
}
