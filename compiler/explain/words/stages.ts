/** Words of the pipeline. */
import { type WordGroup, words } from './word.ts';

export const STAGES: WordGroup = {
  name: 'stages',
  title: 'Stages',
  intro: 'After `stage NAME =`. Arguments in brackets may be left out.',
  words: words([
    [
      'given',
      'given(path, as [, on])',
      'What someone else made: `given("maps/", cams(with_background))`. Typed, and fingerprinted by its content.',
    ],
    [
      'train',
      'train(method [, on, masks, saliency, init, epochs, steps, weights])',
      'Trains `this` or another method of the file; `masks:` are labels and `saliency:` maps that an earlier stage made, `init:` a checkpoint to start from. Makes a checkpoint.',
    ],
    [
      'infer',
      'infer(net, program, on [, save, tags, limit, checkpoint])',
      'Runs an inference program on a split; further parameters of the program are arguments by their names (`maps: cams`, `others: draw(…)`). Makes cams, or whatever the program returns; `save: labels` keeps the arg-max as masks; `checkpoint: best` takes what `validate … keep best` kept, `checkpoint: epoch(10)` the weights after ten epochs, which the training then keeps.',
    ],
    [
      'threshold',
      'threshold(cams, on [, from, to, step, limit])',
      'The background score with the best mIoU: a choice that reads masks, so make it on training images.',
    ],
    ['crf', 'crf(cams [, threshold, unary], kernels, iterations)', 'Dense CRF on the photo. Makes masks.'],
    ['masks', 'masks(cams [, threshold])', 'The arg-max with the threshold as the background. Makes masks.'],
    ['ir_label', 'ir_label(cams [, foreground, background, …])', 'Sure foreground, sure background, and 255 between, as IRN learns from.'],
    [
      'random_walk',
      'random_walk(cams, boundary [, threshold, radius, beta, log2_steps, power, stride])',
      'Maps spread along affinities that end at boundaries (IRN). Makes masks.',
    ],
    [
      'evaluate',
      'evaluate(predictions, on [, threshold, label, predicted255, sweep, limit, expected, tolerance, source])',
      'mIoU against the masks of a split; what the authors report (`expected: 58.6, tolerance: 0.5, source: "Table 2"`, in percent) is what `wsss reproduce` holds it against. Makes scores.',
    ],
    ['baseline', 'baseline(on [, limit])', 'Scores of all background, of the best constant class, and of tags in a centred rectangle.'],
    ['report', 'report(title, on [, panels, images])', 'The HTML page: scores, curves, and pictures of artefacts beside the photo.'],
  ]),
};

export const ARTEFACTS: WordGroup = {
  name: 'artefacts',
  title: 'Artefact types',
  intro: 'What stages hand to each other, and what `given` may bring; a stage that takes another type is an error.',
  words: words([
    ['checkpoint', 'given("x.safetensors", checkpoint(METHOD))', 'The weights of a method.'],
    ['cams', 'given("maps/", cams(with_background))', 'Class maps of single images as .npy, with or without a background in front.'],
    ['maps', 'given("maps/", maps)', 'Other maps of single images: logits, probabilities, features.'],
    ['boundary', 'given("edges/", boundary)', 'One map of boundaries an image.'],
    ['masks', 'given("labels/", masks)', 'One palette PNG an image, 255 where nothing is known.'],
    ['saliency', 'given("saliency/", saliency)', 'One grey PNG an image.'],
    ['boxes', 'given("boxes/", boxes)', 'Bounding boxes of each image.'],
  ]),
};
