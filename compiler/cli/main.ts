#!/usr/bin/env node
/** The command line: one command is called, and what it throws becomes a message and an exit code. */
import { CommanderError } from 'commander';
import { allCommands } from './commands/all.ts';
import { failureOf } from './failure.ts';
import { EXIT, standardOutput, writeProblem } from './output.ts';

const output = standardOutput();

async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  const json = argv.includes('--json');
  try {
    const finish = (ended: number) => {
      code = ended;
    };
    await allCommands({ output, finish }).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.good;
      // Commander has told the person; a program that reads standard output is told there.
      if (json) writeProblem(output, { code: 'usage', message: error.message.replace(/^error: /, '') }, true);
      return EXIT.usage;
    }
    const failure = failureOf(error);
    if (failure) {
      writeProblem(output, failure.problem, json);
      return failure.exit;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (json) writeProblem(output, { code: 'defect', message: `something in wsss itself failed: ${message}` }, true);
    output.error(`something in wsss itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.failure;
  }
  return code;
}

process.exitCode = await main(process.argv);
