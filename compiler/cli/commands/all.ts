/** Every command, in the order in which a new user needs them; `wsss --help` lists them so. */
import { Command } from 'commander';
import { compilerVersion } from '../version.ts';
import { addAblate } from './ablate.ts';
import { addBuild } from './build.ts';
import { addCheck } from './check.ts';
import { addCompare } from './compare.ts';
import { addCost } from './cost.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addEval } from './eval.ts';
import { addExplain } from './explain.ts';
import { addFlow } from './flow.ts';
import { addFmt } from './fmt.ts';
import { addGraph } from './graph.ts';
import { addHelp } from './help.ts';
import { addInfer } from './infer.ts';
import { addNew } from './new.ts';
import { addReproduce } from './reproduce.ts';
import { addRun } from './run.ts';
import type { Shell } from './shell.ts';
import { addTrain } from './train.ts';

type Registration = (wsss: Command, shell: Shell) => void;

const GROUPS: readonly (readonly [heading: string, commands: readonly Registration[]])[] = [
  ['Begin:', [addNew, addExplain, addDoctor]],
  ['Write a spec:', [addCheck, addFmt]],
  ['Look at a method:', [addFlow, addCost, addGraph, addDiff]],
  ['Make the numbers:', [addRun, addAblate, addReproduce, addTrain, addInfer, addEval, addBuild]],
  ['Hold it against other code:', [addCompare]],
  ['Help:', [addHelp]],
];

export function allCommands(shell: Shell): Command {
  const wsss = new Command('wsss');
  wsss
    .description('Weakly supervised semantic segmentation: specs, checked, compiled, trained and scored')
    .version(compilerVersion(), '--version', 'version of wsss')
    .exitOverride()
    .showHelpAfterError('(wsss --help lists the commands, wsss COMMAND --help shows an example)');
  for (const [heading, commands] of GROUPS) {
    wsss.commandsGroup(heading);
    for (const add of commands) add(wsss, shell);
  }
  return wsss;
}
