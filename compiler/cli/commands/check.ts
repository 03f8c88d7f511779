/** `wsss check SPEC…`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import { example, SPEC, withJson, withSettings } from '../options.ts';
import { expectShortLife } from '../short-lived.ts';
import type { Shell } from './shell.ts';

export function addCheck(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('check')
    .description('check specs: shapes, kinds, supervision, stages')
    .argument('<spec...>', SPEC)
    .option('--strict-shapes', 'a size that cannot be proved is an error; otherwise a warning, and checked when the program runs', false)
    .addOption(
      new Option(
        '--kinds [which]',
        "also print what named values are (kind, shape, range, type): the method's own, or with --kinds=all those inside its modules too; behind the specs",
      )
        .choices(['own', 'all'])
        .preset('own'),
    )
    .option('--fix', 'apply every fix that the messages propose, then say what is left', false)
    .option('--dry-run', 'with --fix: print what would change, and write nothing', false);
  example(
    withJson(withSettings(command)),
    'wsss check specs/methods/sipe.wsss',
    'wsss check specs/methods/sipe.wsss --kinds',
    'wsss check my_cam.wsss --fix --dry-run',
  ).action(async (specs: string[], options: import('../check.ts').CheckCommand & import('../check-fix.ts').FixCommand) => {
    expectShortLife();
    const { runCheck } = await import('../check.ts');
    if (!options.fix && !options.dryRun) {
      finish(runCheck(output, specs, options));
      return;
    }
    const { fixSpecs } = await import('../check-fix.ts');
    finish(runCheck(output, specs, options, await fixSpecs(output, specs, options)));
  });
}
