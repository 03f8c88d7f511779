import { error, message, warning } from '../entry.ts';

/** What training and inference may look at. */
export const supervision = {
  'supervision-violation': error(message`'${'name'}' reads ${'needs'}, but the method declares supervision ${'declared'}`, {
    why: 'A weakly supervised score means nothing when training looked at more labels than it says.',
    wrong: 'supervision tags\ninput masks: Mask[N, H, W]',
    right: 'supervision tags\ninput tags: Tags[N, K]',
  }),
  'supervision-unused': warning(message`the method declares supervision ${'level'} and never reads it`, {
    why: 'What a method says that it sees is what it is compared by; a level that nothing reads makes it look stronger supervised than it is.',
    wrong: 'supervision tags + saliency\ninput tags: Tags[N, K]',
    right: 'supervision tags\ninput tags: Tags[N, K]',
  }),
  'unknown-supervision': error(message`there is no supervision '${'name'}'`),
  'missing-supervision': error(message`${'method'} does not say what training may look at: add supervision tags (or more)`),
  'tags-at-evaluation': error(message`the program '${'program'}' reads tags, and ${'split'} is an evaluation split`, {
    why: 'On an evaluation split the tags tell which classes to predict; a score that used them is not a segmentation score.',
    wrong: 'stage final = infer(segmenter, predict_with_tags, on: voc.val)',
    right: 'stage final = infer(segmenter, predict, on: voc.val)',
  }),
  'selection-on-truth': warning(message`${'what'} is chosen on the ground truth of ${'split'}: reported as supervision`),
} as const;
