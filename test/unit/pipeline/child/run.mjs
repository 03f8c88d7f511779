// A run of a pipeline from the built package, in a process of its own: it can be killed, and it can start worker threads.
import { readFileSync } from 'node:fs';
import { loadProgram } from '../../../../dist/runtime/host/load.js';
import { silent } from '../../../../dist/runtime/host/progress.js';
import { runPipeline } from '../../../../dist/runtime/pipeline/run.js';

const { text, plan, root, out, workers, checkpointEvery, stages, announce } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const source = { text, name: 'toy_cam.js' };
const progress = { ...silent, begin: () => ({ update: (done) => announce && process.stdout.write(`${done}\n`), finish() {} }) };
await runPipeline({
  plan,
  programs: { toy_cam: { program: await loadProgram(source), source } },
  out,
  data: { toy: root },
  seed: 2,
  backend: 'wasm',
  workers,
  checkpointEvery,
  stages,
  progress,
});
