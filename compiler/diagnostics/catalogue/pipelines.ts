import { error, message, warning } from '../entry.ts';

/** Stages and the artefacts between them. */
export const pipelines = {
  'unknown-stage': error(message`there is no stage '${'name'}'`, {
    why: 'A stage reads artefacts of stages above it.',
    frame: 'stages',
    wrong: 'stage found = infer(classifierr, seeds, on: voc.train)',
    right: 'stage found = infer(classifier, seeds, on: voc.train)',
  }),
  'unknown-stage-kind': error(message`a stage cannot '${'name'}'`, {
    why: 'What a stage can do is a short list: train, infer, refine, score, report.',
    frame: 'stages',
    wrong: 'stage found = predict(classifier, seeds, on: voc.train)',
    right: 'stage found = infer(classifier, seeds, on: voc.train)',
  }),
  'stage-artefact': error(message`${'where'} needs ${'wanted'}, and the stage '${'stage'}' makes ${'found'}`, {
    why: 'Stages hand on maps, masks, checkpoints, thresholds and scores, and each reads only what it can use.',
    frame: 'stages',
    wrong: 'stage best = threshold(classifier, on: voc.train)',
    right: 'stage found = infer(classifier, seeds, on: voc.train)\nstage best = threshold(found, on: voc.train)',
  }),
  'unknown-artefact': error(message`'${'name'}' is nothing that can be given`, {
    why: 'What is brought from outside says what it is, so that the stages that read it can be checked.',
    frame: 'stages',
    wrong: 'stage found = given("cams/", heatmaps, on: voc.train)',
    right: 'stage found = given("cams/", cams(without_background), on: voc.train)',
  }),
  'background-twice': error(message`the maps of '${'stage'}' have a background of their own; ${'what'} would give them a second one`, {
    why: 'Maps with a background channel are decided by their arg-max. A threshold stands in for a background that is not there.',
    frame: 'stages',
    wrong: ['stage found = given("cams/", cams(with_background), on: voc.train)', 'stage pseudo = masks(found, threshold: 0.2)'].join('\n'),
    right: 'stage found = given("cams/", cams(with_background), on: voc.train)\nstage pseudo = masks(found)',
  }),
  'background-missing': error(message`${'op'} needs a background, and the maps of '${'stage'}' have none`, {
    why: 'Without a background channel every pixel would be given one of the classes.',
    frame: 'stages',
    wrong: 'stage found = given("cams/", cams(without_background), on: voc.train)\nstage pseudo = masks(found)',
    right: ['stage found = given("cams/", cams(without_background), on: voc.train)', 'stage pseudo = masks(found, threshold: 0.2)'].join(
      '\n',
    ),
  }),
  'rounds-alike': error(message`'${'name'}' is carried from round to round, and no round changes it`, {
    why: 'Every round would make the same as the first.',
    frame: 'stages',
    wrong: [
      'stage first = infer(classifier, seeds, on: voc.train)',
      'iterate found = first times 3 {',
      '  stage pseudo = masks(found, threshold: 0.2)',
      '}',
    ].join('\n'),
    right: [
      'stage first = infer(classifier, seeds, on: voc.train)',
      'iterate found = first times 3 {',
      '  stage again = train(this, on: voc.train)',
      '  stage next = infer(again, seeds, on: voc.train)',
      '  found = next',
      '}',
    ].join('\n'),
  }),
  'stage-argument': error(message`${'stage'}: ${'reason'}`, {
    why: 'A stage has settings of its own, with values it can use.',
    frame: 'stages',
    wrong: 'stage trivial = baseline(on: voc)',
    right: 'stage trivial = baseline(on: voc.val)',
  }),
  'unknown-split': error(message`the data set ${'dataset'} has no split '${'split'}'`, {
    why: 'The lists of this data set are known, and this is none of them.',
    frame: 'variant',
    wrong: ['train { data emoji.test { image = source |> normalize(imagenet) |> crop(64) } }', '}', 'dataset emoji { format emojivoc'].join(
      '\n',
    ),
    right: ['train { data emoji.val { image = source |> normalize(imagenet) |> crop(64) } }', '}', 'dataset emoji { format emojivoc'].join(
      '\n',
    ),
  }),
  'unusual-split': warning(message`data sets in the layout of ${'dataset'} have no usual list '${'split'}'`, {
    why: 'A folder may hold lists of any name, and a missing one is only found when the pipeline runs; this one looks like a typing error.',
    frame: 'stages',
    wrong: 'stage trivial = baseline(on: voc.tarin)',
    right: 'stage trivial = baseline(on: voc.train)',
  }),
  'unknown-program': error(message`${'method'} has no infer program '${'program'}'`, {
    why: 'An inference program is declared in the method with infer.',
    frame: 'stages',
    wrong: 'stage found = infer(classifier, sees, on: voc.train)',
    right: 'stage found = infer(classifier, seeds, on: voc.train)',
  }),
  'weights-needed': error(message`'${'program'}' calls layers, and infer(this, …) has no weights for them`, {
    why: 'A program that only works on maps and labels needs no training before it; one that calls layers runs with the weights of a stage.',
    frame: 'stages',
    wrong: 'stage found = infer(this, seeds, on: voc.train)',
    right: 'stage found = infer(classifier, seeds, on: voc.train)',
  }),
  'no-best-checkpoint': error(message`the training of ${'method'} keeps no best weights`, {
    why: 'The best weights are those that a validation scored highest; a train block without one only keeps the last.',
    frame: 'stages',
    wrong: 'stage final = infer(classifier, predict, on: voc.val, checkpoint: best)',
    right: 'stage final = infer(classifier, predict, on: voc.val, checkpoint: last)',
  }),
} as const;
