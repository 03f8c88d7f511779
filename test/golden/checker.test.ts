import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkFile } from '../../compiler/check/check.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { goldens } from './engine.ts';

const specs = fileURLToPath(new URL('../../specs/', import.meta.url));

goldens('checker', (source) => {
  const diagnostics = new Diagnostics();
  checkFile({ read: (name) => (name === source.name ? source.text : readFileSync(specs + name, 'utf8')) }, source.name, diagnostics);
  return diagnostics;
});
