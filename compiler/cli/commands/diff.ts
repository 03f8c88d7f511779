/** `wsss diff FROM [TO]`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import { collect, example, path, SPEC, withJson, withSettings } from '../options.ts';
import { expectShortLife } from '../short-lived.ts';
import type { Shell } from './shell.ts';

export function addDiff(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('diff')
    .description(
      'what differs between two methods, a method and its variants, or two versions of a file; exit 10 + class of the heaviest difference',
    )
    .argument('<from>', `${SPEC}; REV:FILE.wsss for a revision of git`)
    .argument('[to]', 'the same; without it, each variant of the file against its method')
    .addOption(new Option('--format <as>', 'how it is written').choices(['table', 'markdown', 'latex', 'json']).default('table'))
    .option(
      '--only <class,…>',
      'only differences of these classes: cosmetic, hyper-parameter, schedule, loss, architecture, gradient-flow, data, supervision, protocol; may be repeated',
      collect,
      [],
    )
    .option('--ignore <class,…>', 'without differences of these classes; may be repeated', collect, [])
    .option('--cosmetic', 'also what changes no number: names, the paper, what is only shown', false)
    .option('--html <file>', 'also a page with the table and both graphs side by side, what differs marked', path);
  example(
    withJson(withSettings(command)),
    'wsss diff specs/methods/sipe.wsss#sipe specs/methods/sipe.wsss#sipe_no_gsc',
    'wsss diff HEAD~1:specs/methods/sipe.wsss specs/methods/sipe.wsss --format latex',
  ).action(async (from: string, to: string | undefined, options: import('../diff.ts').DiffCommand) => {
    expectShortLife();
    const { runDiff } = await import('../diff.ts');
    finish(await runDiff(output, from, to, options));
  });
}
