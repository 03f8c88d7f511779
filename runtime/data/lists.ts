import { readFile } from 'node:fs/promises';
import { DataError, reason, systemCode } from './errors.ts';

/** One line of a list file. */
export interface ListEntry {
  readonly id: string;
  /** From 1. */
  readonly line: number;
  /** Path of the image relative to the root, where the list gives one. */
  readonly image?: string;
  readonly mask?: string;
}

/** Reads a list file. Throws DataError `data-missing-list` and what parseList throws. */
export async function readList(path: string): Promise<readonly ListEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new DataError('data-missing-list', {
      what: 'The list of images cannot be opened',
      file: path,
      expected: 'a text file with one image id a line',
      found: systemCode(error) === 'ENOENT' ? 'no such file' : reason(error),
      hint: 'Make the list, or name another split.',
    });
  }
  return parseList(text, path);
}

/**
 * Parses a list: bare ids, or paths of an image and its mask as in PSA, SEAM and SIPE (`/JPEGImages/ID.jpg /SegmentationClassAug/ID.png`,
 * relative to the root in spite of the slash). Ids stay text; blank lines and carriage returns do not matter; a repeated id is an error.
 * Throws DataError `data-empty-list`, `data-bad-list` or `data-path-escapes-root`.
 */
export function parseList(text: string, path: string): readonly ListEntry[] {
  const entries: ListEntry[] = [];
  const seen = new Map<string, number>();
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  lines.forEach((content, i) => {
    const words = content.trim().split(/\s+/);
    if (words[0] === '') return;
    const line = i + 1;
    if (words.length > 2)
      throw badList(path, line, `${words.length} words`, 'Give one id, or an image path and a mask path, on each line.');
    const [image, mask] = words.map((word) => relative(word, path, line));
    const id = (image.split('/').at(-1) ?? image).replace(/\.(jpe?g|png)$/i, '');
    const before = seen.get(id);
    if (before !== undefined) throw badList(path, line, `the id '${id}' again (first on line ${before})`, 'Remove the repeated line.');
    seen.set(id, line);
    entries.push(/[/.]/.test(words[0]) && image !== id ? { id, line, image, mask } : { id, line });
  });
  if (entries.length === 0) {
    throw new DataError('data-empty-list', {
      what: 'The list of images is empty',
      file: path,
      expected: 'one image id a line',
      found: 'no id',
      hint: 'Fill the list, or name another split.',
    });
  }
  return entries;
}

/** A path of a list made relative; one that could leave the root is refused, drive letters and backslashes included. */
function relative(word: string, path: string, line: number): string {
  const inside = word.replace(/^\//, '');
  const parts = inside.split(/[/\\]/);
  const escapes = parts.includes('..') || parts.includes('') || inside.includes('\\') || /^[a-zA-Z]:/.test(inside) || inside.includes('\0');
  // A leading slash is only known from the pairs of the WSSS repositories, whose first folder lies in the root.
  if (escapes || (word.startsWith('/') && parts.length !== 2)) {
    throw new DataError('data-path-escapes-root', {
      what: 'A list names a file outside the data set',
      file: path,
      line,
      expected: 'an id, or a path within the root of the data set',
      found: `'${word}'`,
      hint: "Use ids or paths without '..', drive letters and absolute folders.",
    });
  }
  return inside;
}

function badList(path: string, line: number, found: string, hint: string): DataError {
  return new DataError('data-bad-list', {
    what: 'The list of images is not well formed',
    file: path,
    line,
    expected: 'each image once',
    found,
    hint,
  });
}
