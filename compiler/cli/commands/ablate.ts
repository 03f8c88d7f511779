/** `wsss ablate SPEC…`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import {
  example,
  path,
  SPEC,
  slice,
  withCheckpoints,
  withJson,
  withNumerics,
  withPretraining,
  withSeeds,
  withSettings,
} from '../options.ts';
import type { Shell } from './shell.ts';

export function addAblate(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('ablate')
    .description('run the pipelines of methods, variants and grids with several seeds, and put their scores into one table')
    .argument('<spec...>', `${SPEC}, or a grid: all that have a pipeline are rows, the first is what the others are held against`)
    .option('--out <dir>', 'folder for the table and everything it is made from; stages that rows share are made once', path, 'out/ablate')
    .option('--title <text>', 'heading of the table')
    .option('--slice <i/n>', 'only every n-th run, from the i-th: one job of n that share --out', slice);
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withSeeds(withSettings(command)))))),
    'wsss ablate specs/examples/quickstart.wsss --seeds 0,1,2 --out out/ablate',
    'wsss ablate specs/methods/sipe.wsss#sipe_small specs/methods/sipe.wsss#sipe_no_gsc --data VOCdevkit/VOC2012 --seeds 0,1,2',
    'wsss ablate sweep.wsss --seeds 0,1,2 --out /shared/sweep --slice $SLURM_ARRAY_TASK_ID/8',
  ).action(async (specs: string[], options: import('../ablate.ts').AblateCommand) => {
    const { runAblate } = await import('../ablate.ts');
    finish(await runAblate(output, specs, options));
  });
}
