/** `wsss cost SPEC`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, namedSize, SPEC, sides, whole, withJson, withSettings } from '../options.ts';
import { expectShortLife } from '../short-lived.ts';
import type { Shell } from './shell.ts';

export function addCost(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('cost')
    .description('parameters, multiply-adds and memory of a method, by module')
    .argument('<spec>', SPEC)
    .option('--size <pixels>', 'side of every image, or HEIGHTxWIDTH; what the data block crops to otherwise', sides)
    .option('--batch <n>', 'images of a batch; that of the train block otherwise', whole(1))
    .option('--classes <n>', 'classes of the data set', whole(1), 20)
    .option('--dim <name=value>', 'a size that images do not give; may be repeated', namedSize, {})
    .option('--depth <n>', 'how deep modules are told apart', whole(0), 2);
  example(withJson(withSettings(command)), 'wsss cost specs/methods/sipe.wsss#sipe --size 512 --batch 16').action(
    async (spec: string, options: import('../cost.ts').CostCommand) => {
      expectShortLife();
      const { runCost } = await import('../cost.ts');
      finish(runCost(output, spec, options));
    },
  );
}
