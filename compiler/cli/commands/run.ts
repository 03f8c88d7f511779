/** `wsss run SPEC`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, path, SPEC, withCheckpoints, withComputing, withJson, withNumerics, withPretraining, withSettings } from '../options.ts';
import type { Shell } from './shell.ts';

export function addRun(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('run')
    .description('build a spec and run its pipeline: train, infer, refine, score, report; the same command again goes on where it stopped')
    .argument('<spec>', SPEC)
    .option('--out <dir>', 'folder for everything the run makes', path, 'out/run');
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withComputing(withSettings(command)))))),
    'wsss run specs/examples/quickstart.wsss --out out/quickstart',
  ).action(async (spec: string, options: import('../run.ts').RunCommand) => {
    const { runRun } = await import('../run.ts');
    finish(await runRun(output, spec, options));
  });
}
