#!/usr/bin/env node
/** The command line. Commands are imported when they run, so that `check` does not pay for what `doctor` needs. */
import { Command, CommanderError } from 'commander';
import { EXIT, standardOutput } from './output.ts';

const output = standardOutput();

function program(finish: (code: number) => void): Command {
  const wsss = new Command('wsss');
  wsss
    .description('Weakly supervised semantic segmentation: specs, checked and compiled')
    .exitOverride()
    .showHelpAfterError('(wsss --help lists the commands)');
  wsss
    .command('check')
    .description('check specs: shapes, kinds, supervision, stages')
    .argument('<spec...>', 'FILE.wsss, or FILE.wsss:METHOD for one method or variant')
    .option('--set <name=value...>', 'override a hyper of the method', [])
    .option('--json', 'diagnostics as JSON', false)
    .addHelpText('after', '\nExample:\n  $ wsss check specs/methods/sipe.wsss\n\nExit codes: 0 sound, 1 problems found, 2 wrong use')
    .action(async (specs: string[], options: { set: string[]; json: boolean }) => {
      const { runCheck } = await import('./check.ts');
      finish(runCheck(output, specs, options));
    });
  wsss
    .command('build')
    .description('write the training and inference programs of a spec')
    .argument('<spec>', 'FILE.wsss, or FILE.wsss:METHOD for one method or variant')
    .requiredOption('--out <dir>', 'folder for the programs')
    .option('--json', 'the written files as JSON', false)
    .addHelpText('after', '\nExample:\n  $ wsss build specs/methods/sipe.wsss:sipe_small --out out/sipe')
    .action(async (spec: string, options: { out: string; json: boolean }) => {
      const { runBuild } = await import('./build.ts');
      finish(await runBuild(output, spec, options));
    });
  wsss
    .command('run')
    .description('build a spec and run its pipeline: train, infer, refine, score, report')
    .argument('<spec>', 'FILE.wsss, or FILE.wsss:METHOD for one method or variant')
    .option('--out <dir>', 'folder for everything the run makes', 'out/run')
    .option('--data <dir>', 'a data set in VOC layout, in place of the one the spec names')
    .option('--seed <n>', 'seed of every draw')
    .option('--backend <name>', 'tensorflow, webgpu, wasm or cpu; chosen automatically otherwise')
    .option('--workers <n>', 'worker threads; all cores otherwise')
    .option('--set <name=value...>', 'override a hyper of the method', [])
    .addHelpText('after', '\nExample:\n  $ wsss run specs/examples/quickstart.wsss --out out/quickstart')
    .action(async (spec: string, options: import('./run.ts').RunCommand) => {
      const { runRun } = await import('./run.ts');
      finish(await runRun(output, spec, options));
    });
  wsss
    .command('compare')
    .description("hold a spec's modules, losses or training steps against reference numbers")
    .argument('<case>', 'CASE.wsss: imports, bindings and one call')
    .argument('<reference>', 'REFERENCE.safetensors, with the .json that describes it beside it')
    .option('--backend <name>', 'tensorflow, webgpu, wasm or cpu; chosen automatically otherwise')
    .option('--json', 'the rows as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ wsss compare test/parity/sipe/head_e2e.wsss test/fixtures/sipe/head_e2e.safetensors\n\nExit codes: 0 every key passes, 1 a key fails or is not used, or case or reference have problems, 2 wrong use, 3 failure while running',
    )
    .action(async (file: string, reference: string, options: import('./compare.ts').CompareCommand) => {
      const { runCompare } = await import('./compare.ts');
      finish(await runCompare(output, file, reference, options));
    });
  wsss
    .command('doctor')
    .description('what this machine can train on, and why not more')
    .option('--json', 'the report as JSON', false)
    .addHelpText('after', '\nExample:\n  $ wsss doctor')
    .action(async (options: { json: boolean }) => {
      const { runDoctor } = await import('./doctor.ts');
      finish(await runDoctor(output, options.json));
    });
  return wsss;
}

async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.good;
  try {
    await program((c) => {
      code = c;
    }).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.usage;
    output.error(`something in wsss itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.failure;
  }
  return code;
}

process.exitCode = await main(process.argv);
