import { error, message, warning } from '../entry.ts';

/** Stages and the artefacts between them. */
export const pipelines = {
  'missing-pipeline': error(message`${'method'} has no pipeline block to run`),
  'unknown-stage': error(message`there is no stage '${'name'}'`, {
    why: 'A stage reads artefacts of stages above it.',
    wrong: 'stage masks = refine(seed, crf: dense)',
    right: 'stage seeds = infer(classifier, seeds, on: voc.train)\nstage masks = refine(seeds, crf: dense)',
  }),
  'unknown-stage-kind': error(message`a stage cannot '${'name'}'`),
  'stage-artefact': error(message`${'where'} needs ${'wanted'}, and the stage '${'stage'}' makes ${'found'}`),
  'unknown-artefact': error(message`'${'name'}' is nothing that can be given`, {
    why: 'What is brought from outside says what it is, so that the stages that read it can be checked.',
    wrong: 'stage maps = given("cams/", heatmaps, on: voc.train)',
    right: 'stage maps = given("cams/", cams(without_background), on: voc.train)',
  }),
  'background-twice': error(message`the maps of '${'stage'}' have a background of their own; ${'what'} would give them a second one`, {
    why: 'Maps with a background channel are decided by their arg-max. A threshold stands in for a background that is not there.',
    wrong: 'stage maps = given("cams/", cams(with_background), on: voc.train)\nstage pseudo = masks(maps, threshold: 0.2)',
    right: 'stage maps = given("cams/", cams(with_background), on: voc.train)\nstage pseudo = masks(maps)',
  }),
  'background-missing': error(message`${'op'} needs a background, and the maps of '${'stage'}' have none`, {
    why: 'Without a background channel every pixel would be given one of the classes.',
    wrong: 'stage maps = given("cams/", cams(without_background), on: voc.train)\nstage pseudo = masks(maps)',
    right: 'stage maps = given("cams/", cams(without_background), on: voc.train)\nstage pseudo = masks(maps, threshold: 0.2)',
  }),
  'rounds-alike': error(message`'${'name'}' is carried from round to round, and no round changes it`, {
    why: 'Every round would make the same as the first.',
    wrong: 'iterate labels = seeds times 3 {\n  stage net = train(this, masks: labels)\n}',
    right:
      'iterate labels = seeds times 3 {\n  stage net = train(this, masks: labels)\n  stage next = infer(net, relabel, on: voc.train, save: labels)\n  labels = next\n}',
  }),
  'stage-argument': error(message`${'stage'}: ${'reason'}`),
  'stage-cycle': error(message`these stages wait for each other: ${'cycle'}`),
  'unknown-split': error(message`the data set ${'dataset'} has no split '${'split'}'`),
  'unusual-split': warning(message`data sets in the layout of ${'dataset'} have no usual list '${'split'}'`, {
    why: 'A folder may hold lists of any name, and a missing one is only found when the pipeline runs; this one looks like a typing error.',
    wrong: 'stage page = evaluate(seeds, on: voc.tarin)',
    right: 'stage page = evaluate(seeds, on: voc.train)',
  }),
  'unknown-program': error(message`${'method'} has no infer program '${'program'}'`),
  'no-best-checkpoint': error(message`the training of ${'method'} keeps no best weights`, {
    why: 'The best weights are those that a validation scored highest; a train block without one only keeps the last.',
    wrong: 'stage final = infer(net, predict, on: voc.val, checkpoint: best)',
    right: 'stage final = infer(net, predict, on: voc.val, checkpoint: last)',
  }),
} as const;
