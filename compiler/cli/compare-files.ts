/** A case and a reference file, compared through the emitted program; what `wsss compare` and the parity tests both run. */

import { type Compared, compareCall } from '../../runtime/compare/call.ts';
import type { Reference } from '../../runtime/compare/reference.ts';
import { missing, type Row } from '../../runtime/compare/rows.ts';
import type { StagesPlan } from '../../runtime/compare/stage-plan.ts';
import { compareStages } from '../../runtime/compare/stages.ts';
import { compareTraining } from '../../runtime/compare/training.ts';
import { loadProgram } from '../../runtime/host/load.ts';
import type { Program } from '../../runtime/program.ts';
import type { SourceHost } from '../bind/bind.ts';
import type { CaseTraining, CheckedCase } from '../check/case.ts';
import { bindStates, fileKey } from '../compare/binding.ts';
import { callProgram, type Results } from '../compare/call-program.ts';
import { type OpenedCase, openCase, type ReferenceShapes } from '../compare/open-case.ts';
import { keysRead } from '../compare/stages.ts';
import { trainingProgram } from '../compare/training-program.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { emitProgram } from '../emit/eager/emit.ts';
import type { MethodProgram } from '../ir/program.ts';
import { compilerVersion } from './version.ts';

/** One build of the case's program, and how it compares. */
export interface Built {
  readonly results: Results;
  readonly rows: readonly Row[];
  /** Bytes still held after the step; 0 is right. */
  readonly held: number;
}

export interface Comparison {
  readonly case: string;
  readonly built: readonly Built[];
  /** Keys of the file that the case does not use. */
  readonly unconsumed: readonly string[];
  readonly passed: boolean;
}

/**
 * Compares on the current backend, with the program built twice. Undefined when the case is not sound: `diagnostics` say why (or nothing where
 * there is no such file). Throws CompareError where case and reference do not fit each other.
 */
export async function compareFiles(
  host: SourceHost,
  path: string,
  reference: Reference,
  diagnostics: Diagnostics,
): Promise<Comparison | undefined> {
  const { sizes, hyperparameters } = reference.description;
  const shapes = new Map([...reference.tensors].map(([key, { shape }]) => [key, shape] as const));
  const given = { shapes, sizes, hyperparameters, entriesOf: (key: string) => reference.tensors.get(key)?.data };
  const keys = [...reference.tensors.keys()];
  const built: Built[] = [];
  const used = new Set<string>();
  const versions: Results[] = ['all results'];
  let name = '';
  // Grows while it is walked: whether there is anything to differentiate is known once the case is open.
  for (const results of versions) {
    // Elaborated anew: building the one must not change the other.
    const opened = openCase(host, path, given, diagnostics);
    if (!opened || diagnostics.hasErrors) return undefined;
    name = opened.name;
    const differentiated = opened.checked.training !== undefined || keys.some((key) => key.startsWith('grad.'));
    if (versions.length === 1 && differentiated) versions.push('loss and gradients alone');
    const { training } = opened.checked;
    const run = training
      ? await trainingRun(opened, training, given, results, reference, diagnostics)
      : await callRun(opened, results, reference, diagnostics);
    if (!run || diagnostics.hasErrors) return undefined;
    for (const key of run.read) used.add(key);
    for (const { key } of run.rows) used.add(key);
    built.push({
      results,
      rows: inOrder([...run.rows, ...absent(run.rows, reference, results, training !== undefined)], keys),
      held: run.held,
    });
  }
  const unconsumed = keys.filter((key) => !used.has(key) && !/^(out|grad)\./.test(key));
  const passed =
    unconsumed.length === 0 &&
    built.some(({ rows }) => rows.length > 0) &&
    built.every(({ rows, held }) => held === 0 && rows.every((row) => row.passed));
  return { case: name, built, unconsumed, passed };
}

function inOrder(rows: readonly Row[], keys: readonly string[]): readonly Row[] {
  const place = new Map(keys.map((key, i) => [key, i] as const));
  return [...rows].sort((a, b) => (place.get(a.key) ?? 0) - (place.get(b.key) ?? 0));
}

/** What ran, and the keys of the tensors of the file that went in. */
interface Ran extends Compared {
  readonly read: readonly string[];
}

async function callRun(opened: OpenedCase, results: Results, reference: Reference, diagnostics: Diagnostics): Promise<Ran | undefined> {
  const call = callProgram(opened, new Set(reference.tensors.keys()), results, diagnostics);
  if (!call || diagnostics.hasErrors) return undefined;
  const { program, plan } = call;
  const stages: StagesPlan = JSON.parse(JSON.stringify(call.stages));
  const compared = await compareCall(await loaded(program, opened), plan, reference, (outputs) =>
    compareStages(stages, outputs, reference),
  );
  const { checked } = opened;
  const stated = checked.E.references.stated;
  return { ...compared, read: [...plan.feeds.map((feed) => feed.key), ...keysRead(call.stages), ...boundStatistics(checked), ...stated] };
}

/** Statistics that the case binds: a norm by the batch's own moves them and reads none, and a file holds them all the same. */
function boundStatistics(checked: CheckedCase): readonly string[] {
  return [...bindStates(checked).states].flatMap(([state, key]) =>
    checked.E.session.states.get(state)?.role === 'statistic' ? [fileKey(key)] : [],
  );
}

async function trainingRun(
  opened: OpenedCase,
  training: CaseTraining,
  given: ReferenceShapes,
  results: Results,
  reference: Reference,
  diagnostics: Diagnostics,
): Promise<Ran | undefined> {
  const made = trainingProgram(opened, training, given, results, diagnostics);
  if (!made || diagnostics.hasErrors) return undefined;
  const { program, plan } = made;
  const compared = await compareTraining(await loaded(program, opened), plan, reference);
  return { ...compared, read: [...plan.batch, ...plan.state].map((feed) => feed.key) };
}

/** Failing rows for the results that the file has and the program does not give. */
function absent(rows: readonly Row[], reference: Reference, results: Results, training: boolean): readonly Row[] {
  const compared = new Set(rows.map((row) => row.key));
  return [...reference.tensors].flatMap(([key, tensor]) => {
    const wanted = key.startsWith('grad.') || (results === 'all results' ? key.startsWith('out.') : key === 'out.loss' && !training);
    return wanted && !compared.has(key) ? [missing(key, tensor, 'not consumed: the case has no such result')] : [];
  });
}

/** The program that the compiler writes, loaded from its JavaScript. */
async function loaded(program: MethodProgram, opened: OpenedCase): Promise<Program> {
  const { files } = await emitProgram(program, {
    specName: opened.file.name.replace(/^.*[\\/]/, ''),
    compilerVersion: compilerVersion(),
  });
  const script = files.find((file) => file.path.endsWith('.js'));
  if (!script) throw new Error(`the compiler wrote no script for ${opened.name}`);
  return loadProgram({ text: script.text, name: script.path });
}
