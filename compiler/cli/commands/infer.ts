/** `wsss infer SPEC [PROGRAM]`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { anyNumber, example, path, SPEC, whole, withComputing, withJson, withSettings } from '../options.ts';
import type { Shell } from './shell.ts';

export function addInfer(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('infer')
    .description('run an inference program of a spec with trained weights: one .npy (maps) or .png (labels) for each image')
    .argument('<spec>', SPEC)
    .argument('[program]', "the name behind 'infer' in the spec; the only one otherwise")
    .requiredOption('--weights <file>', 'safetensors, as training writes them', path)
    .option('--out <dir>', 'folder for the results', path, 'out/infer')
    .option('--split <name>', 'a list of the data set (default: val)')
    .option('--limit <n>', 'only the first images of the split', whole(1))
    .option('--images <path...>', 'image files or folders, in place of a data set')
    .option('--labels', 'the arg-max as palette PNG, in place of the maps', false)
    .option('--threshold <score>', 'background score for --labels, where the maps have no background', anyNumber);
  example(
    withJson(withComputing(withSettings(command))),
    'wsss infer specs/methods/cam.wsss#cam_small seeds --weights out/cam/train/checkpoint.safetensors --data VOCdevkit/VOC2012 --out out/seeds',
  ).action(async (spec: string, entry: string | undefined, options: import('../infer.ts').InferCommand) => {
    const { runInfer } = await import('../infer.ts');
    finish(await runInfer(output, spec, entry, options));
  });
}
