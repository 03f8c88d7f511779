import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../runtime/data/folder.ts';

test('folders above are made; one that is there is left; a file in the way is told', async () => {
  const root = await mkdtemp(join(tmpdir(), 'wsss-folder-'));
  try {
    await Promise.all([makeFolder(join(root, 'a/b/c')), makeFolder(join(root, 'a/b/d'))]);
    await makeFolder(join(root, 'a/b/c'));
    expect(existsSync(join(root, 'a/b/c')) && existsSync(join(root, 'a/b/d'))).toBe(true);
    await writeFile(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file/inside'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  } finally {
    await rm(root, { recursive: true });
  }
});

// Node's own recursive option does not come back from there.
test.skipIf(!existsSync('/proc/self'))('a place without folders refuses at once', async () => {
  await expect(makeFolder('/proc/nothing-here/program')).rejects.toMatchObject({ code: 'ENOENT' });
});
