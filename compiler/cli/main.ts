#!/usr/bin/env node
/** The command line. Commands are imported when they run, so that `check` does not pay for what `doctor` needs. */
import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../diagnostics/suggest.ts';
import { failureOf } from './failure.ts';
import { templateNames } from './host.ts';
import {
  anyNumber,
  example,
  namedSize,
  path,
  range,
  sides,
  whole,
  withBackend,
  withCheckpoints,
  withComputing,
  withJson,
  withNumerics,
  withPretraining,
  withSettings,
} from './options.ts';
import { EXIT, standardOutput, writeProblem } from './output.ts';
import { expectShortLife } from './short-lived.ts';
import { compilerVersion } from './version.ts';

const output = standardOutput();

type Finish = (code: number) => void;

function program(finish: Finish): Command {
  const wsss = new Command('wsss');
  wsss
    .description('Weakly supervised semantic segmentation: specs, checked, compiled, trained and scored')
    .version(compilerVersion(), '--version', 'version of wsss')
    .exitOverride()
    .showHelpAfterError('(wsss --help lists the commands, wsss COMMAND --help shows an example)');
  addCheck(wsss, finish);
  addFlow(wsss, finish);
  addCost(wsss, finish);
  addExplain(wsss, finish);
  addGraph(wsss, finish);
  addFmt(wsss, finish);
  addDiff(wsss, finish);
  addBuild(wsss, finish);
  addRun(wsss, finish);
  addTrain(wsss, finish);
  addInfer(wsss, finish);
  addEval(wsss, finish);
  addCompare(wsss, finish);
  addNew(wsss, finish);
  addDoctor(wsss, finish);
  addHelp(wsss);
  return wsss;
}

const SPEC = 'FILE.wsss, or FILE.wsss#METHOD for one method or variant';

function addCheck(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('check')
    .description('check specs: shapes, kinds, supervision, stages')
    .argument('<spec...>', SPEC)
    .option('--strict-shapes', 'a size that cannot be proved is an error; otherwise a warning, and checked when the program runs', false)
    .option('--kinds', 'also print what every named value is: kind, shape, range, type', false)
    .option('--fix', 'apply every fix that the messages propose, then say what is left', false)
    .option('--dry-run', 'with --fix: print what would change, and write nothing', false);
  example(
    withJson(withSettings(command)),
    'wsss check specs/methods/sipe.wsss',
    'wsss check specs/methods/sipe.wsss --kinds',
    'wsss check my_cam.wsss --fix --dry-run',
  ).action(async (specs: string[], options: import('./check.ts').CheckCommand & import('./check-fix.ts').FixCommand) => {
    expectShortLife();
    const { runCheck } = await import('./check.ts');
    if (!options.fix && !options.dryRun) {
      finish(runCheck(output, specs, options));
      return;
    }
    const { fixSpecs } = await import('./check-fix.ts');
    finish(runCheck(output, specs, options, await fixSpecs(output, specs, options)));
  });
}

function addFlow(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('flow')
    .description(
      'which loss trains which parameters, through which values, where gradients are cut; what mixes images; what labels are used',
    )
    .argument('<spec>', SPEC)
    .option('--markdown', 'as Markdown', false);
  example(withJson(withSettings(command)), 'wsss flow specs/methods/sipe.wsss#sipe').action(
    async (spec: string, options: import('./flow.ts').FlowCommand) => {
      expectShortLife();
      const { runFlow } = await import('./flow.ts');
      finish(runFlow(output, spec, options));
    },
  );
}

function addCost(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('cost')
    .description('parameters, multiply-adds and memory of a method, by module')
    .argument('<spec>', SPEC)
    .option('--size <pixels>', 'side of every image, or HEIGHTxWIDTH; what the data block crops to otherwise', sides)
    .option('--batch <n>', 'images of a batch; that of the train block otherwise', whole(1))
    .option('--classes <n>', 'classes of the data set', whole(1), 20)
    .option('--dim <name=value>', 'a size that images do not give; may be repeated', namedSize, {})
    .option('--depth <n>', 'how deep modules are told apart', whole(0), 2);
  example(withJson(withSettings(command)), 'wsss cost specs/methods/sipe.wsss#sipe --size 512 --batch 16').action(
    async (spec: string, options: import('./cost.ts').CostCommand) => {
      expectShortLife();
      const { runCost } = await import('./cost.ts');
      finish(runCost(output, spec, options));
    },
  );
}

function addExplain(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('explain')
    .description('what a message means and what to do, what a module or operator does, or a topic of the language')
    .argument('[name]', 'code, module, operator or topic; without it, all there are');
  example(withJson(command), 'wsss explain probabilities-for-logits', 'wsss explain structure_seeds', 'wsss explain losses').action(
    async (name: string | undefined, options: import('./explain.ts').ExplainCommand) => {
      const { runExplain } = await import('./explain.ts');
      finish(runExplain(output, name, options));
    },
  );
}

function addFmt(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('fmt')
    .description('write specs in the standard layout; comments stay, and a file with syntax errors stays as it is')
    .argument('<path...>', 'specs, or folders with specs; - reads standard input')
    .option('--check', 'write nothing; exit 1 where a file is not in the standard layout', false);
  example(withJson(command), 'wsss fmt my_cam.wsss', 'wsss fmt --check specs').action(
    async (paths: string[], options: import('./fmt.ts').FmtCommand) => {
      const { runFmt } = await import('./fmt.ts');
      finish(await runFmt(output, paths, options));
    },
  );
}

function addDiff(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('diff')
    .description(
      'what differs between two methods, a method and its variants, or two versions of a file; exit 10 + class of the heaviest difference',
    )
    .argument('<from>', `${SPEC}; REV:FILE.wsss for a revision of git`)
    .argument('[to]', 'the same; without it, each variant of the file against its method')
    .addOption(new Option('--format <as>', 'how it is written').choices(['table', 'markdown', 'latex', 'json']).default('table'))
    .option(
      '--only <classes...>',
      'only differences of these classes: hyper-parameter, schedule, loss, architecture, gradient-flow, data …',
    )
    .option('--ignore <classes...>', 'without differences of these classes')
    .option('--cosmetic', 'also what changes no number: names, the paper, what is only shown', false);
  example(
    withJson(withSettings(command)),
    'wsss diff specs/methods/sipe.wsss#sipe specs/methods/sipe.wsss#sipe_no_gsc',
    'wsss diff HEAD~1:specs/methods/sipe.wsss specs/methods/sipe.wsss --format latex',
  ).action(async (from: string, to: string | undefined, options: import('./diff.ts').DiffCommand) => {
    expectShortLife();
    const { runDiff } = await import('./diff.ts');
    finish(runDiff(output, from, to, options));
  });
}

function addGraph(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('graph')
    .description('a picture of the wiring: modules, shapes, where gradients end, what is frozen, the losses')
    .argument('<spec>', SPEC)
    .requiredOption('--out <file>', 'FILE.svg, or FILE.dot for Graphviz', path)
    .option('--program <name>', "the inference program behind 'infer', in place of the training step");
  example(withJson(withSettings(command)), 'wsss graph specs/methods/sipe.wsss#sipe --out sipe.svg').action(
    async (spec: string, options: import('./graph.ts').GraphCommand) => {
      const { runGraph } = await import('./graph.ts');
      finish(await runGraph(output, spec, options));
    },
  );
}

function addBuild(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('build')
    .description('write the training and inference programs of a spec')
    .argument('<spec>', SPEC)
    .requiredOption('--out <dir>', 'folder for the programs', path)
    .option('--graph', 'also as one TensorFlow graph: NAME.graph/saved_model.pb, which tfjs-node and TensorFlow load', false);
  example(withJson(withSettings(command)), 'wsss build specs/methods/sipe.wsss#sipe_small --out out/sipe').action(
    async (spec: string, options: import('./build.ts').BuildCommand) => {
      const { runBuild } = await import('./build.ts');
      finish(await runBuild(output, spec, options));
    },
  );
}

function addRun(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('run')
    .description('build a spec and run its pipeline: train, infer, refine, score, report; the same command again goes on where it stopped')
    .argument('<spec>', SPEC)
    .option('--out <dir>', 'folder for everything the run makes', path, 'out/run');
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withComputing(withSettings(command)))))),
    'wsss run specs/examples/quickstart.wsss --out out/quickstart',
  ).action(async (spec: string, options: import('./run.ts').RunCommand) => {
    const { runRun } = await import('./run.ts');
    finish(await runRun(output, spec, options));
  });
}

function addTrain(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('train')
    .description('train one method without its pipeline; the same command again goes on where it stopped')
    .argument('<spec>', SPEC)
    .option('--out <dir>', 'folder for weights, log and curves', path, 'out/train')
    .option('--split <name>', 'a list of the data set; the one that the spec trains on otherwise')
    .option('--limit <n>', 'only the first images of the split', whole(1))
    .option('--epochs <n>', 'in place of what the spec says', whole(1))
    .option('--steps <n>', 'in place of what the spec says', whole(1))
    .option('--init <file>', 'safetensors with first values for parameters of the same name and shape', path)
    .option('--masks <dir>', 'a folder of ID.png masks to learn from, in place of those of the data set', path)
    .addOption(
      new Option(
        '--overfit-one-batch [steps]',
        'train on the first batch alone, and say whether its loss fell: the first test of a new spec',
      )
        .argParser(whole(2))
        .preset(String(200)),
    );
  example(
    withJson(withNumerics(withPretraining(withCheckpoints(withComputing(withSettings(command)))))),
    'wsss train specs/methods/cam.wsss#cam_small --data VOCdevkit/VOC2012 --out out/cam --epochs 5',
  ).action(async (spec: string, options: import('./train.ts').TrainCommand) => {
    const { runTrain } = await import('./train.ts');
    finish(await runTrain(output, spec, options));
  });
}

function addInfer(wsss: Command, finish: Finish): void {
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
  ).action(async (spec: string, entry: string | undefined, options: import('./infer.ts').InferCommand) => {
    const { runInfer } = await import('./infer.ts');
    finish(await runInfer(output, spec, entry, options));
  });
}

function addEval(wsss: Command, finish: Finish): void {
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
  ).action(async (predictions: string, options: import('./eval.ts').EvalCommand) => {
    const { runEval } = await import('./eval.ts');
    finish(await runEval(output, predictions, options));
  });
}

function addCompare(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('compare')
    .description(
      "hold a spec's modules, losses, training steps or stages against reference numbers; exit 1 when a key fails or is not used",
    )
    .argument('<case>', 'CASE.wsss: imports, bindings and one call')
    .argument('<reference>', 'REFERENCE.safetensors, with the .json that describes it beside it');
  example(withJson(withBackend(command)), 'wsss compare test/parity/sipe/head_e2e.wsss test/fixtures/sipe/head_e2e.safetensors').action(
    async (file: string, reference: string, options: import('./compare.ts').CompareCommand) => {
      const { runCompare } = await import('./compare.ts');
      finish(await runCompare(output, file, reference, options));
    },
  );
}

function addNew(wsss: Command, finish: Finish): void {
  const command = wsss
    .command('new')
    .description('write a spec to start from; a file that is there stays as it is')
    .argument('<name>', 'name of the method and of its file')
    .addOption(new Option('--from <method>', 'what it starts from').choices(templateNames()).default('cam'));
  example(withJson(command), 'wsss new my_cam', 'wsss new my_sipe --from sipe').action(
    async (name: string, options: import('./new.ts').NewCommand) => {
      const { runNew } = await import('./new.ts');
      finish(await runNew(output, name, options));
    },
  );
}

function addDoctor(wsss: Command, finish: Finish): void {
  const command = wsss.command('doctor').description('what this machine can train on, and why not more');
  example(withJson(command), 'wsss doctor').action(async (options: { json: boolean }) => {
    const { runDoctor } = await import('./doctor.ts');
    finish(await runDoctor(output, options.json));
  });
}

/** In place of commander's own, which answers an unknown name with the list of all commands and no word about it. */
function addHelp(wsss: Command): void {
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

async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  const json = argv.includes('--json');
  try {
    await program((c) => {
      code = c;
    }).parseAsync([...argv]);
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
