/** What a stage gives the inference program that it runs, beside the photo: artefacts of stages above, and partners that it draws. */
import type { Span } from '../source/source.ts';
import type { CallExpression, Expression } from '../syntax/ast.ts';
import type { ArtefactType, Known } from './artefacts.ts';
import { readGroupDraw } from './data/pairs.ts';
import type { Elaboration } from './elaboration.ts';
import type { Json, StageProgram } from './pipeline.ts';
import type { Scope } from './scope.ts';

/** Parameters of a program that its stage fills, as names of arguments that may be left out. */
export function stageParameters(program: StageProgram | undefined): readonly string[] {
  return program ? [...program.artefacts.map(({ name }) => `${name}?`), ...program.groups.map((name) => `${name}?`)] : [];
}

export interface InferInputs {
  /** Stages by parameter. */
  readonly given: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, Json>>;
  /** Data sets that partners come from. */
  readonly datasets: readonly string[];
}

/** Saliency is the data set's where no stage makes it; every other parameter has to be given. Reports what is missing or does not fit. */
export function readInferInputs(
  E: Elaboration,
  program: { readonly name: string; readonly of: StageProgram },
  args: ReadonlyMap<string, Expression>,
  call: CallExpression,
  scope: Scope,
  artefact: (expression: Expression, accepted: readonly ArtefactType[], where: string) => Known | undefined,
): InferInputs {
  const given: Record<string, string> = {};
  const groups: Record<string, Json> = {};
  const datasets: string[] = [];
  for (const { name, accepts, background } of program.of.artefacts) {
    const expression = args.get(name);
    if (!expression) {
      if (!accepts.includes('saliency')) missing(E, program.name, name, call.span, 'the name of a stage above');
      continue;
    }
    const found = artefact(expression, accepts, `${name} of ${program.name}`);
    if (!found) continue;
    given[name] = found.stage;
    if (background !== undefined && found.background !== undefined && background !== found.background)
      E.report('stage-artefact', expression.span, {
        where: `${name} of ${program.name}`,
        wanted: `cams ${background ? 'with' : 'without'} background`,
        stage: found.stage,
        found: `cams ${found.background ? 'with' : 'without'} background`,
      });
  }
  for (const name of program.of.groups) {
    const expression = args.get(name);
    if (!expression) {
      missing(E, program.name, name, call.span, `${name}: draw(class: every, images: 3)`);
      continue;
    }
    const draw = readGroupDraw(E, expression, name, scope);
    if (!draw) continue;
    const { from, ...rule } = draw.plan;
    groups[name] = { ...rule, ...(from && { from: from.map((ref) => ({ ...ref })) }) };
    datasets.push(...(from ?? []).map(({ dataset }) => dataset));
  }
  return { given, groups, datasets };
}

function missing(E: Elaboration, program: string, name: string, at: Span, hint: string): void {
  E.report('missing-argument', at, { callee: `infer ${program}`, name }, { hint });
}
