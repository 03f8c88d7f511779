/** What the command line says of itself: groups, an example for each command, the nearest name for one that is unknown. */
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { allCommands } from '../../../compiler/cli/commands/all.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function ask(...args: readonly string[]): Promise<Said> {
  const said = { out: '', error: '' };
  const silent = { out: () => undefined, error: () => undefined, colour: false };
  const wsss = allCommands({ output: silent, finish: () => undefined });
  for (const command of [wsss, ...wsss.commands])
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        said.out += text;
      },
      writeErr: (text) => {
        said.error += text;
      },
    });
  try {
    await wsss.parseAsync(['node', 'wsss', ...args]);
    return { code: 0, ...said };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, ...said };
    throw error;
  }
}

const commands = allCommands({ output: { out: () => undefined, error: () => undefined, colour: false }, finish: () => undefined }).commands;
const names = commands.map((command) => command.name());

test('commands stand in groups, in the order in which a user needs them', async () => {
  const { code, out } = await ask('--help');
  expect(code).toBe(0);
  const places = ['Begin:', '  new', 'Write a spec:', '  check', 'Look at a method:', '  flow', 'Make the numbers:', '  run'].map((line) =>
    out.indexOf(`\n${line}`),
  );
  expect(places.every((place) => place > 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(out).not.toMatch(/^Commands:/m);
});

test.each(names.filter((name) => name !== 'help'))('%s --help shows an example, the exit codes and --json', async (name) => {
  const { code, out } = await ask(name, '--help');
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`Examples?:\\n  \\$ wsss ${name}\\b`));
  expect(out).toContain('Exit codes: 0');
  expect(out).toContain('--json');
});

test.each(names)('%s with a letter lost: did you mean it', async (name) => {
  const { code, error } = await ask(`${name.slice(0, 1)}${name.slice(2)}`);
  expect(code).not.toBe(0);
  expect(error).toContain('unknown command');
  expect(error).toContain(`(Did you mean ${name}?)`);
});

// A required option that is mistyped is told as missing, by its name.
const mistakes = commands.flatMap((command) => {
  const required = command.options.filter((option) => option.mandatory).flatMap(({ long }) => (long === undefined ? [] : [long, 'x']));
  return command.options
    .filter(({ long, mandatory }) => long !== undefined && long.length > 5 && !mandatory)
    .map(({ long = '' }) => ({ name: command.name(), option: long, required }));
});
test.each(mistakes)('$name $option with two letters exchanged: did you mean it', async ({ name, option, required }) => {
  const { code, error } = await ask(name, ...required, `--${option[3]}${option[2]}${option.slice(4)}`);
  expect(code).not.toBe(0);
  expect(error).toContain('unknown option');
  expect(error).toContain(`Did you mean ${option}?`);
});
