/** `wsss train SPEC`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import {
  example,
  path,
  SPEC,
  whole,
  withCheckpoints,
  withComputing,
  withJson,
  withNumerics,
  withPretraining,
  withSettings,
} from '../options.ts';
import type { Shell } from './shell.ts';

export function addTrain(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('train')
    .description('train one method without its pipeline; the same command again goes on where it stopped')
    .argument('<spec>', SPEC)
    .option('--out <dir>', 'folder for weights, log and curves', path, 'out/train')
    .option('--split <name>', 'a list of the data set; the one that the spec trains on otherwise')
    .option('--limit <n>', 'only the first images of the split', whole(1))
    .option('--epochs <n>', 'in place of what the spec says', whole(1))
    .option('--steps <n>', 'in place of what the spec says', whole(1))
    .option('--init <file>', 'safetensors with first values for parameters of the same name and shape', path)
    .option('--masks <dir>', 'a folder of ID.png masks to learn from, in place of those of the data set', path)
    .addOption(
      new Option(
        '--overfit-one-batch [steps]',
        'train on the first batch alone, and say whether its loss fell: the first test of a new spec',
      )
        .argParser(whole(2))
        .preset(String(200)),
    );
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withComputing(withSettings(command)))))),
    'wsss train specs/methods/cam.wsss#cam_small --data VOCdevkit/VOC2012 --out out/cam --epochs 5',
  ).action(async (spec: string, options: import('../train.ts').TrainCommand) => {
    const { runTrain } = await import('../train.ts');
    finish(await runTrain(output, spec, options));
  });
}
