/** The image files that `--images` means. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure, EXIT } from './output.ts';

const IMAGE = /\.(jpe?g|png)$/i;

/** Files as they are given, folders as the images in them by name. Throws CommandFailure for what is not there, and where there is no image at all. */
export async function photoFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) {
      throw new CommandFailure(EXIT.problems, {
        code: 'data-missing-image',
        message: 'The image cannot be opened',
        file: path,
        expected: 'an image file, or a folder of images',
        found: 'nothing',
        hint: 'Check the path.',
      });
    }
    if (!found.isDirectory()) files.push(path);
    else
      files.push(
        ...(await readdir(path))
          .filter((name) => IMAGE.test(name))
          .sort()
          .map((name) => join(path, name)),
      );
  }
  if (files.length > 0) return files;
  throw new CommandFailure(EXIT.problems, {
    code: 'data-empty-list',
    message: 'The folder holds no images',
    file: paths.join(', '),
    expected: 'JPEG or PNG files',
    found: 'none',
    hint: 'Give another folder.',
  });
}
