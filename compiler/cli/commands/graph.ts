/** `wsss graph SPEC --out FILE`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import { example, path, SPEC, withJson, withSettings } from '../options.ts';
import type { Shell } from './shell.ts';

export function addGraph(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('graph')
    .description('a picture of the wiring: modules, shapes, where gradients end, what is frozen, the losses')
    .argument('<spec>', SPEC)
    .requiredOption('--out <file>', 'FILE.svg, or FILE.dot for Graphviz', path)
    .option('--program <name>', "the inference program behind 'infer', in place of the training step")
    .addOption(
      new Option('--direction <way>', 'whether arrows lead to the right or down; otherwise as fits a page better').choices([
        'across',
        'down',
      ]),
    );
  example(withJson(withSettings(command)), 'wsss graph specs/methods/sipe.wsss#sipe --out sipe.svg').action(
    async (spec: string, options: import('../graph.ts').GraphCommand) => {
      const { runGraph } = await import('../graph.ts');
      finish(await runGraph(output, spec, options));
    },
  );
}
