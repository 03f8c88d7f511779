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
  'unknown-transform': error(message`there is no data transform '${'name'}'`),
} as const;
