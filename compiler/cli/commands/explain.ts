/** `wsss explain [NAME]`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addExplain(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('explain')
    .description('what a message means and what to do, what a module or operator does, or a topic of the language')
    .argument('[name]', 'code, module, operator or topic; without it, all there are');
  example(withJson(command), 'wsss explain probabilities-for-logits', 'wsss explain structure_seeds', 'wsss explain losses').action(
    async (name: string | undefined, options: import('../explain.ts').ExplainCommand) => {
      const { runExplain } = await import('../explain.ts');
      finish(runExplain(output, name, options));
    },
  );
}
