/** `wsss reproduce METHOD`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, path, withCheckpoints, withComputing, withJson, withNumerics, withPretraining, withSettings } from '../options.ts';
import type { Shell } from './shell.ts';

export function addReproduce(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('reproduce')
    .description(
      "run a method's whole protocol on your data, and hold each score against what its authors report; exit 1 when one leaves its band",
    )
    .argument('<method>', 'a method of this package (sipe, or sipe#VARIANT), or FILE.wsss, FILE.wsss#METHOD')
    .option('--out <dir>', 'folder for everything the run makes; the same command again goes on where it stopped', path, 'out/reproduce');
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withComputing(withSettings(command)))))),
    'wsss reproduce sipe --data VOCdevkit/VOC2012 --weights net=resnet50.safetensors',
  ).action(async (method: string, options: import('../run.ts').RunCommand) => {
    const { runReproduce } = await import('../reproduce.ts');
    finish(await runReproduce(output, method, options));
  });
}
