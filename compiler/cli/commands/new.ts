/** `wsss new NAME`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import { templateNames } from '../host.ts';
import { example, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addNew(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('new')
    .description('write a spec to start from; a file that is there stays as it is')
    .argument('<name>', 'name of the method and of its file')
    .addOption(new Option('--from <method>', 'what it starts from').choices(templateNames()).default('cam'));
  example(withJson(command), 'wsss new my_cam', 'wsss new my_sipe --from sipe').action(
    async (name: string, options: import('../new.ts').NewCommand) => {
      const { runNew } = await import('../new.ts');
      finish(await runNew(output, name, options));
    },
  );
}
