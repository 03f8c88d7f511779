/** `wsss reproduce`: runs a method's whole protocol and holds every score against the one that its authors report. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfThere } from '../../runtime/host/files.ts';
import type { Artefact } from '../../runtime/pipeline/artefact.ts';
import { parseScores, type Score } from '../../runtime/report/scores.ts';
import { alignedLines } from './columns.ts';
import { methodPath } from './host.ts';
import { EXIT, type Output, writeJson } from './output.ts';
import { type Reproduction, reproduction } from './reproduction/verdict.ts';
import { type RunCommand, runSpec } from './run.ts';
import { splitTarget } from './target.ts';

/** Exit code 1 when a stage leaves its band. */
export async function runReproduce(output: Output, target: string, options: RunCommand): Promise<number> {
  const ran = await runSpec(output, inLibrary(target), options);
  if (!ran) return EXIT.problems;
  const { plan, result } = ran;
  const found = reproduction(plan, await scoresByStage(result.artefacts));
  if (options.json) writeJson(output, { method: plan.name, out: options.out, backend: result.backend.name, ...found });
  else for (const line of reproductionLines(found)) output.out(line);
  return found.first === undefined ? EXIT.good : EXIT.problems;
}

/** `sipe` or `sipe#sipe_coco`: a method of this package by its name, where no file is called so. */
function inLibrary(target: string): string {
  const [name, ...method] = target.split('#');
  if (splitTarget(target).only !== undefined || target.endsWith('.wsss') || existsSync(name)) return target;
  const path = methodPath(name);
  return path === undefined ? target : [path, ...method].join('#');
}

async function scoresByStage(artefacts: ReadonlyMap<string, Artefact>): Promise<ReadonlyMap<string, readonly Score[]>> {
  const scores = new Map<string, readonly Score[]>();
  for (const [name, { folder, record }] of artefacts) {
    if (record.op !== 'evaluate') continue;
    const path = join(folder, 'scores.json');
    scores.set(name, parseScores((await readTextIfThere(path)) ?? '', path));
  }
  return scores;
}

export function reproductionLines({ stages, first }: Reproduction): readonly string[] {
  const shown = (value: number | null): string => (value === null ? '–' : value.toFixed(1));
  const rows = stages.map(({ stage, label, split, metric, measured, expected, verdict, readings }) => [
    stage,
    `${label}, ${metric}, ${split}`,
    shown(measured),
    expected ? `${shown(expected.value)} ± ${expected.tolerance}` : '',
    expected ? verdict : '',
    `${expected?.source ?? ''}${readings.length > 0 ? `${expected ? '; ' : ''}our reading` : ''}`,
  ]);
  const lines = [...alignedLines([['stage', 'score', 'measured', 'reported', '', 'source'], ...rows], [2, 3])];
  const readings = [...new Set(stages.flatMap((stage) => stage.readings))];
  if (readings.length > 0)
    lines.push('', 'Our reading, where neither the paper nor the code of the authors says it:', ...readings.map((text) => `  ${text}`));
  lines.push('', conclusion(stages, first));
  return lines;
}

function conclusion(stages: Reproduction['stages'], first: Reproduction['first']): string {
  const held = stages.filter(({ expected }) => expected !== undefined).length;
  if (held === 0) return 'No stage says what its authors report: give evaluate(…, expected: …, tolerance: …, source: "…").';
  if (!first) return held === 1 ? 'The one reported number is reproduced.' : `All ${held} reported numbers are reproduced.`;
  const after = stages.slice(stages.indexOf(first) + 1).some(({ expected }) => expected !== undefined);
  return `The first stage that leaves its band is '${first.stage}' (${first.verdict}).${after ? ' What comes after it may follow from that.' : ''}`;
}
