/** `wsss fmt PATH…`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addFmt(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('fmt')
    .description('write specs in the standard layout; comments stay, and a file with syntax errors stays as it is')
    .argument('<path...>', 'specs, or folders with specs; - reads standard input')
    .option('--check', 'write nothing; exit 1 where a file is not in the standard layout', false);
  example(withJson(command), 'wsss fmt my_cam.wsss', 'wsss fmt --check specs').action(
    async (paths: string[], options: import('../fmt.ts').FmtCommand) => {
      const { runFmt } = await import('../fmt.ts');
      finish(await runFmt(output, paths, options));
    },
  );
}
