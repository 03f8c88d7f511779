/** `wsss doctor`: what it takes; its work is imported when it is called. */
import type { Command } from 'commander';
import { example, withJson } from '../options.ts';
import type { Shell } from './shell.ts';

export function addDoctor(wsss: Command, { output, finish }: Shell): void {
  const command = wsss.command('doctor').description('what this machine can train on, and why not more');
  example(withJson(command), 'wsss doctor').action(async (options: { json: boolean }) => {
    const { runDoctor } = await import('../doctor.ts');
    finish(await runDoctor(output, options.json));
  });
}
