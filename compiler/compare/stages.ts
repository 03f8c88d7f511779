/** The stages of a case as a plan for the runtime. */

import type { CheckedCase } from '../check/case.ts';
import type { CaseMaps, CaseStage } from '../check/case-stages.ts';
import { parseLayout } from '../check/references.ts';
import type { Reference } from '../check/values.ts';
import type { GraphOutput } from '../ops/graph.ts';
import type { CaseStagePlan, FileTensor, MapsSource, StagesPlan } from './stage-plan.ts';

/** Results of the graph that stages read, none of them a key of the file. */
export function stageOutputs(checked: CheckedCase): readonly GraphOutput[] {
  return checked.stages.flatMap((stage) =>
    stage.kind === 'infer' ? [{ role: 'output' as const, name: outputName(stage.name), node: stage.result }] : [],
  );
}

export function stagesPlan(checked: CheckedCase): StagesPlan {
  return {
    stages: checked.stages.map(planned),
    results: checked.stageOutputs.map(({ key, stage, field, layout }) => ({ stage, field, key: `out.${key}`, axes: parseLayout(layout) })),
  };
}

/** Keys of the file that stages read. */
export function keysRead({ stages }: StagesPlan): readonly string[] {
  return stages.flatMap((stage) => {
    if (stage.kind === 'infer') return stage.tags ? [stage.tags.key] : [];
    const maps = stage.maps.kind === 'tensors' ? [stage.maps.maps, stage.maps.labels] : [];
    return [...maps, stage.boundary, stage.image].flatMap((tensor) => (tensor ? [tensor.key] : []));
  });
}

function planned(stage: CaseStage): CaseStagePlan {
  const { name } = stage;
  if (stage.kind === 'infer') return { kind: 'infer', name, output: outputName(name), tags: stage.tags && fileTensor(stage.tags) };
  return {
    kind: 'refine',
    name,
    op: stage.op,
    args: stage.args,
    maps: mapsSource(stage.maps),
    boundary: stage.boundary && fileTensor(stage.boundary),
    image: stage.image && fileTensor(stage.image),
    size: stage.size,
  };
}

function mapsSource(maps: CaseMaps): MapsSource {
  if (maps.kind === 'stage') return maps;
  return { kind: 'tensors', maps: fileTensor(maps.maps), labels: fileTensor(maps.labels), indices: maps.indices };
}

function fileTensor({ key, layout }: Reference): FileTensor {
  return { key, axes: parseLayout(layout) };
}

/** No key of a file has a colon. */
function outputName(stage: string): string {
  return `stage:${stage}`;
}
