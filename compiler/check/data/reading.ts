/** What the images of a train block cost in labels: held against what the method declares, and against what its data sets have. */
import type { BatchBinding, SourceRef } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import type { Elaboration } from '../elaboration.ts';
import type { NamedSource } from './sources.ts';

/** Levels that images of further data sets need, by the word of `images`. */
const IMAGE_LEVELS: Readonly<Record<string, string>> = { single_label: 'single_label_images', web: 'web_images' };

/** What a data set of a format cannot have, whatever its folder. */
const LACKS: Readonly<Record<string, readonly BatchBinding['part'][]>> = { emojivoc: ['saliency'] };

/** Reports data sets whose images the method does not declare, and inputs that a data set has nothing for. */
export function checkReading(
  E: Elaboration,
  sources: readonly NamedSource[],
  bindings: readonly BatchBinding[],
  inputs: readonly Node[],
  supervision: readonly string[],
): void {
  const told = new Set<string>();
  for (const { dataset, span } of sources) {
    const facts = E.session.datasets[dataset];
    if (typeof facts !== 'object' || facts === null || Array.isArray(facts) || told.has(dataset)) continue;
    told.add(dataset);
    const images = 'images' in facts ? String(facts.images) : '';
    const level = IMAGE_LEVELS[images];
    if (level !== undefined && supervision.length > 0 && !supervision.includes(level))
      E.report(
        'supervision-violation',
        span,
        { name: dataset, needs: level, declared: supervision.join(' + ') },
        { hint: `either leave it out, or say that training sees such images: supervision ${[...supervision, level].join(' + ')}` },
      );
    const format = 'kind' in facts ? String(facts.kind) : '';
    const lacking = bindings.find(({ part }) => LACKS[format]?.includes(part) && !E.session.told.made.has(part));
    const input = lacking && inputs.find((node) => node.attrs.name === lacking.input);
    if (!lacking || !input) continue;
    E.report(
      'data-lacks',
      input.span ?? span,
      { dataset, what: lacking.part, input: lacking.input },
      {
        labels: [{ span, text: `${dataset} is made here, of format ${format}` }],
        hint: `train on a data set with such maps, make them in a stage (train(this, ${lacking.part}: STAGE)), or take the input out`,
      },
    );
  }
}

/** The levels that the sources of a train block bring with them. */
export function levelsOf(E: Elaboration, sources: readonly SourceRef[]): readonly string[] {
  return sources.flatMap(({ dataset }) => {
    const facts = E.session.datasets[dataset];
    const images = typeof facts === 'object' && facts !== null && 'images' in facts ? String(facts.images) : '';
    return IMAGE_LEVELS[images] === undefined ? [] : [IMAGE_LEVELS[images]];
  });
}
