/**
 * Mistakes that nothing reports, one by one, each with the reason why what it makes is a legal program. One that is not here must be reported.
 */
import type { Mutant } from './generate.ts';

export interface Survivor {
  readonly spec: string;
  readonly kind: string;
  /** As `editOf` writes it. */
  readonly edit: string;
  readonly reason: string;
}

/** What a trial changes, on one line. */
export function editOf({ spec, site }: Mutant): string {
  const line = (text: string): string => text.replace(/\s+/g, ' ').trim();
  return `${line(spec.text.slice(site.start, site.end))} -> ${line(site.text)}`;
}

export function reasonOf(mutant: Mutant): string | undefined {
  const edit = editOf(mutant);
  return SURVIVORS.find((s) => s.spec === mutant.spec.name && s.kind === mutant.kind.name && s.edit === edit)?.reason;
}

const SURVIVORS: readonly Survivor[] = [
  {
    spec: 'methods/deeplab.wsss',
    kind: 'missing-setting',
    edit: 'schedule poly(0.9, every: 10) -> ',
    reason: 'without a schedule the rate is constant: a variant of the training that many papers use',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'missing-stage',
    edit: 'stage page = report("Class activation maps on VOC", on: voc.train, panels: { cam: seeds }) -> ',
    reason: 'nothing reads the page: the pipeline without it makes every artefact',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'half-size',
    edit: 'columns - w -> ceil((columns - w) / 2)',
    reason: 'how far a canvas is padded is a choice: the cells that are kept are counted from the image',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'frozen-layer',
    edit: ' -> , head',
    reason: 'what is frozen is a choice: the backbone still trains through a head that keeps its first weights',
  },
  {
    spec: 'methods/sipe.wsss',
    kind: 'dropped-transform',
    edit: 'source |> long_side(160..288) -> source',
    reason: 'less augmentation is another setting of the same training: the crop after it still makes every image one size',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'short-list',
    edit: ', 24 -> ',
    reason: 'one dilation less is a smaller neighbourhood of the same refinement',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'unfrozen',
    edit: ', net.layer1 -> ',
    reason: 'the first stage trains with the others: what is frozen is a choice of the method',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'long-list',
    edit: ' -> , 2.0',
    reason: 'a scale named twice counts twice in the sum over scales',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'height-for-width',
    edit: 'background(masks), classes -> classes, background(masks)',
    reason: 'which channel is the background is the order that the list gives: both orders are maps of K + 1 channels',
  },
  {
    spec: 'methods/deeplab.wsss',
    kind: 'dropped-transform',
    edit: 'source |> scale([0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3], filter: bilinear, convention: opencv) -> source',
    reason: 'images at their own scale are crops like any others: less augmentation is another setting',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'missing-stage',
    edit: 'stage page = report("1-stage-wseg on VOC", on: voc.val, panels: { masks: masks.scores, refined: refined }) -> ',
    reason: 'nothing reads the page: the pipeline without it makes every artefact',
  },
  {
    spec: 'methods/deeplab.wsss',
    kind: 'dropped-loss',
    edit: 'loss seg = pixel_cross_entropy(resize(classify(image), like: image, mode: bilinear, convention: corners), labels).mean -> ',
    reason: 'a variant without a loss of its own takes over that of its method',
  },
  {
    spec: 'methods/rtc.wsss',
    kind: 'half-size',
    edit: 'small_side -> ceil((small_side) / 2)',
    reason: 'the small view may have any size; the losses take both sizes as arguments',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'long-list',
    edit: ' -> , 2.0',
    reason: 'a scale named twice counts twice in the sum over scales',
  },
  {
    spec: 'methods/rtc.wsss',
    kind: 'channel-count',
    edit: '64 -> 128',
    reason: 'the width of a layer inside the backbone is a choice, and the stages after it take any',
  },
  {
    spec: 'examples/quickstart.wsss',
    kind: 'short-list',
    edit: ', 2.0 -> ',
    reason: 'one scale less is another setting of the same inference',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'dropped-loss',
    edit: 'loss still weight 0.5 = d.background -> ',
    reason: 'displacement still trains on the loss of foreground pairs',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'short-list',
    edit: ', 2.0 -> ',
    reason: 'one scale less is another setting of the same inference',
  },
  {
    spec: 'methods/ws-fcn.wsss',
    kind: 'swapped-arguments',
    edit: 'shallow, align(shallow, deep).out -> align(shallow, deep).out, shallow',
    reason: 'both are features of one size and one width: which of them comes first is a choice of the fusion',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'unfrozen',
    edit: 'net.conv1a, -> ',
    reason: 'the first convolution trains with the others: what is frozen is a choice of the method',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'dropped-call',
    edit: 'relu(classifier(net(pair).layer4)) -> classifier(net(pair).layer4)',
    reason: 'maps below zero are maps too: the division by the maximum that follows takes signed ones',
  },
  {
    spec: 'examples/quickstart.wsss',
    kind: 'missing-stage',
    edit: 'stage page = report( "Quickstart: from tags to masks on EmojiVOC", on: emojivoc.val, panels: { cam: val_seeds, pseudo_mask: val_pseudo, prediction: predictions } ) -> ',
    reason: 'nothing reads the page: the pipeline without it makes every artefact',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'missing-stage',
    edit: 'stage segmenter_scores = evaluate(predictions, on: voc.val, label: "segmenter") -> ',
    reason: 'nothing reads these scores: the pipeline without them makes every artefact',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'shifted-slice',
    edit: '16 -> 17',
    reason: 'which rows of the canvas are looked at is said by two numbers: 447 rows are a map as well as 448',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'missing-setting',
    edit: ', batch 16 -> ',
    reason: 'the block of a variant changes what it says; without the words the variant trains in batches of its method',
  },
  {
    spec: 'methods/ws-fcn.wsss',
    kind: 'swapped-arguments',
    edit: '0.3, 0.3, 0.3, 0.1 -> 0.1, 0.3, 0.3, 0.3',
    reason: 'brightness and hue are strengths alike: each takes either number',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'watched-loss',
    edit: 'loss -> watch',
    reason: 'the other loss still trains: a method may learn from its masks alone',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'dropped-transform',
    edit: 'source |> square(192) |> flip(0.5) |> crop(168) -> source |> square(192) |> flip(0.5)',
    reason: 'every image is still one size: less augmentation is another setting of the same training',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'unfrozen',
    edit: ', net.layer2 -> ',
    reason: 'the second stage trains with the others: what is frozen is a choice of the method',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'axes-of-a-type',
    edit: 'H, W -> W, H',
    reason: 'the names of the two sides are given here: everything that reads them is written for either side',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'dropped-transform',
    edit: 'source |> square(192) -> source',
    reason: 'the batch holds one image: pictures at their own size are what the full method trains on',
  },
  {
    spec: 'methods/irn.wsss',
    kind: 'dropped-loss',
    edit: 'loss centres weight 0.5 = d.foreground -> ',
    reason: 'displacement still trains on the loss of background pairs',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'watched-loss',
    edit: 'loss -> watch',
    reason: 'the other two losses still train every layer: one of three terms is left out, as in an ablation',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'dropped-loss',
    edit: 'loss push = push(bounded_cosines(r.background, r.foreground)) -> ',
    reason: 'the other two losses still train every layer: one of three terms is left out, as in an ablation',
  },
  {
    spec: 'methods/rtc.wsss',
    kind: 'dropped-detach',
    edit: 'detach(complement_background(x)) -> complement_background(x)',
    reason:
      'without it both views follow each other: a consistency whose target trains too is a legal loss, and flow tells which loss reaches what',
  },
  {
    spec: 'methods/rtc.wsss',
    kind: 'dropped-transform',
    edit: 'source |> long_side(448..768) |> flip(0.5) -> source |> long_side(448..768)',
    reason: 'less augmentation is another setting of the same training',
  },
  {
    spec: 'methods/ws-fcn.wsss',
    kind: 'channel-count',
    edit: '7 -> 8',
    reason: 'a dilation is no number of channels: any distance of the taps is a legal one',
  },
  {
    spec: 'methods/ws-fcn.wsss',
    kind: 'channel-count',
    edit: '21 -> 22',
    reason: 'a dilation is no number of channels: any distance of the taps is a legal one',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'missing-stage',
    edit: 'stage page = report("C2AM on CUB-200-2011", on: cub.test, panels: { foreground: maps }) -> ',
    reason: 'nothing reads the page: the pipeline without it makes every artefact',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'height-for-width',
    edit: 'h, w -> w, h',
    reason: 'the part of a canvas that is kept may have any sides, and the merge brings every version to the size of the photograph',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'long-list',
    edit: ' -> , bilateral(weight: 10, sxy: reach, srgb: 13)',
    reason: 'a CRF has as many kernels as it is given: the same one twice weighs double',
  },
  {
    spec: 'methods/c2am.wsss',
    kind: 'dropped-call',
    edit: 'split.bn_head(split.activation_head(stages(pair))) -> split.activation_head(stages(pair))',
    reason: 'the map before its normalisation has the same kind and size, and is divided by its maximum afterwards',
  },
  {
    spec: 'methods/cam.wsss',
    kind: 'channel-count',
    edit: '32 -> 64',
    reason: 'the widths of the backbone are a choice, and its blocks join any two',
  },
  {
    spec: 'methods/wseg.wsss',
    kind: 'swapped-arguments',
    edit: '0.3, 0.3, 0.1 -> 0.1, 0.3, 0.3',
    reason: 'saturation and hue are strengths alike: each takes either number',
  },
  {
    spec: 'methods/rtc.wsss',
    kind: 'wrong-axis',
    edit: 'height -> batch',
    reason: 'how many places are taken is a number, and any size gives one; more than there are places is refused when the program starts',
  },
  {
    spec: 'methods/sipe.wsss',
    kind: 'missing-import',
    edit: 'import "../datasets/voc" -> ',
    reason: 'the imported methods train on the same data set: the data sets of a file are those of its imports too',
  },
];
