/** `wsss new`: writes a spec to start from. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { writeAtomic } from '../../runtime/data/atomic.ts';
import { exists } from '../../runtime/host/files.ts';
import { checkFile } from '../check/check.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { diskHost, templatePath } from './host.ts';
import { EXIT, type Output, usage, writeJson } from './output.ts';

export interface NewCommand {
  readonly from: string;
  readonly json: boolean;
}

/** Writes NAME.wsss with a method NAME; a file that is there is left as it is. */
export async function runNew(output: Output, name: string, { from, json }: NewCommand): Promise<number> {
  const path = name.endsWith('.wsss') ? name : `${name}.wsss`;
  const stem = basename(path, '.wsss');
  const method = stem.replaceAll('-', '_');
  const text = readFileSync(templatePath(from), 'utf8').replaceAll('my_method', method);
  // The name becomes a declaration: whether the language takes it is found by checking the new spec.
  const diagnostics = new Diagnostics();
  const checked = checkFile({ read: (file) => (file === path ? text : diskHost.read(file)) }, path, diagnostics);
  if (diagnostics.hasErrors || !checked?.methods.has(method))
    throw usage(
      `'${stem}' cannot be the name of a method`,
      'take a word of letters, digits and underscores that is no keyword, like my_cam',
    );
  if (await exists(path)) throw usage(`${path} is there already, and stays as it is`, 'take another name');
  await writeAtomic(path, text);
  if (json) writeJson(output, { written: path, method, from });
  else {
    output.out(`written: ${path}`);
    output.out(`next:    wsss check ${path}\n         wsss run ${path} --data DIR --out out/${stem}`);
  }
  return EXIT.good;
}
