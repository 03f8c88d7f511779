/** The version of this package. */
import { readFileSync } from 'node:fs';

export function compilerVersion(): string {
  const here = new URL('.', import.meta.url);
  const manifest = JSON.parse(
    readFileSync(new URL(here.pathname.includes('/dist/') ? '../../../package.json' : '../../package.json', here), 'utf8'),
  ) as { version: string };
  return manifest.version;
}
