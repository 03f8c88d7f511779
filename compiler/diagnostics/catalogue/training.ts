import { error, message, warning } from '../entry.ts';

/** The train block, its optimiser and its groups. */
export const training = {
  'missing-train': error(message`${'method'} has losses and no train block`),
  'missing-loss': error(message`${'method'} has a train block and no loss`),
  'loss-condition': error(message`the loss '${'name'}' is conditional on ${'found'}; when asks one question of the batch, true or false`, {
    why: 'A loss is on or off for the whole batch: where the condition is false, its value and all its gradients are zero.',
    wrong: 'loss rest when rest > 0 = soft_margin(gap(maps), rest)',
    right: 'loss rest when any(rest > 0) = soft_margin(gap(maps), rest)',
  }),
  'epochs-in-order': error(message`${'what'} ends at epoch ${'to'}, which is not after epoch ${'from'}, where it starts`, {
    why: 'Epochs count from 0. `until epoch 7` names the first epoch in which the loss is no longer computed.',
    wrong: 'loss gsc from epoch 5 until epoch 3 = mean(abs(act - maps))',
    right: 'loss gsc from epoch 3 until epoch 5 = mean(abs(act - maps))',
  }),
  'loss-never-off': warning(message`'off' of the loss '${'name'}' says nothing: it is on in every epoch`, {
    why: '`off untouched` is about the epochs before `from` and after `until`. A condition (`when`) switches gradients to zero and never more.',
    wrong: 'loss seg off untouched = mean(square(maps))',
    right: 'loss seg from epoch 3 off untouched = mean(square(maps))',
  }),
  'loss-never-active': warning(message`the loss '${'name'}' starts at epoch ${'from'}, and training ends after ${'epochs'}`, {
    why: 'Epochs count from 0: of 5 epochs the last one is epoch 4. A loss that starts later is compiled and never computed.',
    wrong: 'loss gsc from epoch 7 = mean(abs(act - maps))\n…\nepochs 5',
    right: 'loss gsc from epoch 3 = mean(abs(act - maps))\n…\nepochs 5',
  }),
  'missing-input': error(message`the input '${'name'}' is bound by no view of data ${'source'}`),
  'unknown-view': error(message`the view '${'name'}' binds no input of ${'method'}`),
  'group-overlap': error(message`'${'parameter'}' is in two groups: ${'first'} and ${'second'}`, {
    why: 'Groups are disjoint, so that every parameter has one learning rate.',
    wrong: 'group net: lr x1\ngroup net.layer4: lr x10',
    right: 'group net.layer1, net.layer2, net.layer3: lr x1\ngroup net.layer4: lr x10',
  }),
  'group-empty': error(message`the group ${'group'} holds no trainable parameter`),
  'unknown-group-member': error(message`${'member'} names no parameters`),
  'frozen-twice': warning(message`'${'part'}' is a part of '${'whole'}', which this line freezes too`, {
    why: 'Who names a part beside the whole wanted to freeze only the part, or left it in after widening the line.',
    wrong: 'freeze net.stem, net',
    right: 'freeze net.stem',
  }),
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
  'bad-validation': error(message`validation cannot score ${'what'}`, {
    why: 'Validation takes the class with the largest channel at every pixel and compares it with the ground truth; without a background channel every pixel would be an object.',
    wrong: 'infer predict(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] { … }',
    right: 'infer predict(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K+1] { … }',
  }),
  'bad-pair': error(message`the pair '${'pair'}' does not say how its images are drawn`, {
    why: 'A partner is of a class drawn from the tags of the image; how it is drawn decides what a method learns.',
    wrong: 'pair other = source { image = source |> square(256) }',
    right: 'pair other = draw(class: uniform, image: uniform, self: allowed) { image = source |> square(256) }',
  }),
  'missing-pair': error(message`the input '${'name'}' is a record, and no pair draws it`, {
    why: 'An input that is a record holds another image of the same class; the train block says how it is drawn.',
    wrong: 'input other: { image: Image[N, h2, w2, 3], tags: Tags[N, K] }\ntrain { data voc.train { image = source |> square(256) } }',
    right:
      'train {\n  data voc.train { image = source |> square(256) }\n  pair other = draw(class: uniform) { image = source |> square(256) }\n}',
  }),
  'data-lacks': error(message`the data set '${'dataset'}' has no ${'what'}, which the input '${'input'}' reads`, {
    why: 'Training would stop at its first batch.',
    wrong: 'input sal: Saliency[N, H, W]\ndata emojivoc.train { image, sal = source |> normalize(signed) }',
    right: 'input image: Image[N, H, W, 3]\ndata emojivoc.train { image = source |> normalize(signed) }',
  }),
  'unknown-transform': error(message`there is no data transform '${'name'}'`),
} as const;
