/** `wsss eval PREDICTIONS`: what it takes; its work is imported when it is called. */
import { type Command, Option } from 'commander';
import { anyNumber, example, path, range, whole, withComputing, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addEval(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('eval')
    .description('score a folder of label maps (.png) or class activation maps (.npy) against the masks of a data set')
    .argument('<predictions>', 'folder with ID.png or ID.npy for each image', path)
    .option('--out <dir>', 'folder that keeps scores.json; nothing is kept otherwise', path)
    .option('--split <name>', 'a list of the data set', 'val')
    .option('--limit <n>', 'only the first images of the split', whole(1))
    .option('--label <text>', 'what the scores call the predictions; the name of their folder otherwise')
    .option('--threshold <score>', 'background score for maps without a background channel', anyNumber)
    .option(
      '--sweep <from,to,step>',
      'scores over many background scores; without --threshold the best one is taken, and said to be',
      range,
    )
    .addOption(new Option('--predicted255 <as>', 'what a predicted 255 counts as').choices(['background', 'exclude']));
  example(
    withJson(withComputing(command)),
    'wsss eval out/seeds/seeds --data VOCdevkit/VOC2012 --split train --sweep 0.05,0.6,0.05',
  ).action(async (predictions: string, options: import('../eval.ts').EvalCommand) => {
    const { runEval } = await import('../eval.ts');
    finish(await runEval(output, predictions, options));
  });
}
