/** `wsss help [COMMAND]`. */
import type { Command } from 'commander';
import { nearest } from '../../diagnostics/suggest.ts';

export function addHelp(wsss: Command): void {
  wsss
    .helpCommand(false)
    .command('help')
    .description('help for a command')
    .argument('[command]')
    .action((name: string | undefined) => {
      const names = wsss.commands.map((command) => command.name());
      const command = name === undefined ? wsss : wsss.commands.find((one) => one.name() === name);
      if (command) command.outputHelp();
      else wsss.error(`error: unknown command '${name}'; ${nearest(name ?? '', names) ?? `the commands are ${names.join(', ')}`}`);
    });
}
