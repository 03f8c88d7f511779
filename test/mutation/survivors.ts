/** Why a mistake that nothing reports is a legal program, by kind; a kind without a reason here must always be reported. */
export const LEGAL: Readonly<Record<string, string>> = {
  'missing-stage': 'nothing reads the stage: the pipeline without it is whole',
  'channel-count': 'the widths of a network are the author’s choice, and its stages still fit each other',
  unfrozen: 'what is frozen is the author’s choice: the part trains with the rest',
  'dropped-call': 'sizes of one are repeated from the front: the batch of one image gives the same numbers',
  'dropped-transform': 'less augmentation is another setting of the same training',
  'long-list': 'one more kernel is another dense CRF',
  'short-list': 'one scale less is another setting of the same inference',
  'missing-setting': 'without warm-up the rate starts at its full value',
  'axes-of-a-type': 'the views are square crops: height and width of every batch are the same number',
  'swapped-arguments': 'the decoder takes stages of any size and width: the order is its wiring',
};
