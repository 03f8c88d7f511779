/** `wsss compare CASE REFERENCE`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, withBackend, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addCompare(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('compare')
    .description(
      "hold a spec's modules, losses, training steps or stages against reference numbers; exit 1 when a key fails or is not used",
    )
    .argument('<case>', 'CASE.wsss: imports, bindings and one call')
    .argument('<reference>', 'REFERENCE.safetensors, with the .json that describes it beside it');
  example(withJson(withBackend(command)), 'wsss compare test/parity/sipe/head_e2e.wsss test/fixtures/sipe/head_e2e.safetensors').action(
    async (file: string, reference: string, options: import('../compare.ts').CompareCommand) => {
      const { runCompare } = await import('../compare.ts');
      finish(await runCompare(output, file, reference, options));
    },
  );
}
