/** `wsss flow SPEC`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, SPEC, withJson, withSettings } from '../options.ts';
import { expectShortLife } from '../short-lived.ts';
import type { Shell } from './shell.ts';

export function addFlow(wsss: Command, { output, finish }: Shell): void {
  const command = wsss
    .command('flow')
    .description(
      'which loss trains which parameters, through which values, where gradients are cut; what mixes images; what labels are used',
    )
    .argument('<spec>', SPEC)
    .option('--markdown', 'as Markdown', false);
  example(withJson(withSettings(command)), 'wsss flow specs/methods/sipe.wsss#sipe').action(
    async (spec: string, options: import('../flow.ts').FlowCommand) => {
      expectShortLife();
      const { runFlow } = await import('../flow.ts');
      finish(runFlow(output, spec, options));
    },
  );
}
