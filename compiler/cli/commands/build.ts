/** `wsss build SPEC --out DIR`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, path, SPEC, withJson, withSettings } from '../options.ts';
import type { Shell } from './shell.ts';

export function addBuild(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('build')
    .description('write the training and inference programs of a spec')
    .argument('<spec>', SPEC)
    .requiredOption('--out <dir>', 'folder for the programs', path)
    .option('--graph', 'also as one TensorFlow graph: NAME.graph/saved_model.pb, which tfjs-node and TensorFlow load', false);
  example(withJson(withSettings(command)), 'wsss build specs/methods/sipe.wsss#sipe_small --out out/sipe').action(
    async (spec: string, options: import('../build.ts').BuildCommand) => {
      const { runBuild } = await import('../build.ts');
      finish(await runBuild(output, spec, options));
    },
  );
}
