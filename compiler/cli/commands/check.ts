/** `wsss check SPEC…`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, SPEC, withJson, withSettings } from '../options.ts';
import { expectShortLife } from '../short-lived.ts';
import type { Shell } from './shell.ts';

export function addCheck(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('check')
    .description('check specs: shapes, kinds, supervision, stages')
    .argument('<spec...>', SPEC)
    .option('--strict-shapes', 'a size that cannot be proved is an error; otherwise a warning, and checked when the program runs', false)
    .option('--kinds', "also print what the method's own named values are: kind, shape, range, type; one line for each call", false)
    .option('--all-kinds', 'the same, with the values inside its modules too', false)
    .option('--fix', 'apply every fix that the messages propose, then say what is left', false)
    .option('--dry-run', 'with --fix: print what would change, and write nothing', false);
  example(
    withJson(withSettings(command)),
    'wsss check specs/methods/sipe.wsss',
    'wsss check --kinds specs/methods/sipe.wsss',
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
