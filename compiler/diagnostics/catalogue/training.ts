import { error, message } from '../entry.ts';

/** The train block, its optimiser and its groups. */
export const training = {
  'missing-train': error(message`${'method'} has losses and no train block`),
  'missing-loss': error(message`${'method'} has a train block and no loss`),
  'missing-input': error(message`the input '${'name'}' is bound by no view of data ${'source'}`),
  'unknown-view': error(message`the view '${'name'}' binds no input of ${'method'}`),
  'group-overlap': error(message`'${'parameter'}' is in two groups: ${'first'} and ${'second'}`, {
    why: 'Groups are disjoint, so that every parameter has one learning rate.',
    wrong: 'group net: lr x1\ngroup net.layer4: lr x10',
    right: 'group net.layer1, net.layer2, net.layer3: lr x1\ngroup net.layer4: lr x10',
  }),
  'group-empty': error(message`the group ${'group'} holds no trainable parameter`),
  'unknown-group-member': error(message`${'member'} names no parameters`),
  'unknown-optimizer': error(message`there is no optimiser '${'name'}'`),
  'unknown-schedule': error(message`there is no schedule '${'name'}'`),
  'unknown-dataset': error(message`there is no data set '${'name'}'`),
  'step-after-normalize': error(message`'${'step'}' comes after normalize`, {
    why: 'Steps of colour work on 0..255; after normalize the numbers mean something else, and a second normalize would shift them again.',
    wrong: 'image = source |> normalize(imagenet) |> jitter(0.3, 0.3, 0.3, 0.1)',
    right: 'image = source |> jitter(0.3, 0.3, 0.3, 0.1) |> normalize(imagenet)',
  }),
  'view-size': error(message`the view '${'view'}' is ${'found'}, but the ${'dim'} of the input '${'input'}' is ${'expected'}`, {
    why: 'Inputs that share the name of a size have the same size at run time; views of two sizes need inputs with sizes of their own.',
    wrong: 'input view: Image[N, H, W, 3]\ninput small: Image[N, H, W, 3]',
    right: 'input view: Image[N, H, W, 3]\ninput small: Image[N, h2, w2, 3]',
  }),
  'data-source': error(message`${'where'} takes the split of a data set, or a union of splits`, {
    why: 'Which images are read must be readable off the spec.',
    wrong: 'data union(voc.train) { image = source |> square(256) }',
    right: 'data union(voc.train, extra.train) { image = source |> square(256) }',
  }),
  'data-lacks': error(message`the data set '${'dataset'}' has no ${'what'}, which the input '${'input'}' reads`, {
    why: 'Training would stop at its first batch.',
    wrong: 'input sal: Saliency[N, H, W]\ndata emojivoc.train { image, sal = source |> normalize(signed) }',
    right: 'input image: Image[N, H, W, 3]\ndata emojivoc.train { image = source |> normalize(signed) }',
  }),
  'unknown-transform': error(message`there is no data transform '${'name'}'`),
} as const;
