import { error, message } from '../entry.ts';

/** Comparison cases (`wsss compare`). */
export const cases = {
  'case-declares': error(message`a case declares no ${'what'}: it calls the very module that the method's spec uses`, {
    why: 'A case checks what a method really runs. A copy of a module in the case file would be checked instead of it.',
    frame: 'case',
    wrong: 'out "maps" = nchw(positive(nchw("image")))\n}\nmodule positive(x: Tensor) -> Tensor { return relu(x)',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
  'case-missing': error(message`this file has no case block`, {
    why: '`wsss compare` holds one case against one reference file.',
    frame: 'reference',
    wrong: 'module half(x: Tensor) -> Tensor { return x / 2 }',
    right: 'case c { out "maps" = nchw(relu(nchw("image"))) }',
  }),
  'case-unknown-key': error(message`the reference file has no '${'key'}'`, {
    why: 'A key that the reference does not have is compared with nothing.',
    frame: 'case',
    wrong: 'out "maps" = nchw(relu(nchw("imge")))',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
  'case-duplicate-key': error(message`'${'key'}' is bound twice`, {
    why: 'One key of the reference is one number to compare with: of two results only one can be it.',
    frame: 'case',
    wrong: 'out "maps" = nchw(relu(nchw("image")))\nout "maps" = nchw(nchw("image"))',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
  'case-unknown-word': error(message`a case knows no line '${'word'}'`, {
    why: 'Each line of a case starts with a word that says what it does, or gives a setting that its stage knows.',
    frame: 'case',
    wrong: 'output "maps" = nchw(relu(nchw("image")))',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
  'case-unknown-name': error(message`the method has no ${'what'} '${'name'}'`, {
    why: 'A training case feeds the inputs of the method by their names.',
    frame: 'case',
    wrong: [
      'let method = m()',
      'run train(method, image: nchw("image"), tag: plain("tags"), total: 4)',
      'param "w" = method.classify',
      'trace "cls" = losses(cls)',
    ].join('\n'),
    right: [
      'let method = m()',
      'run train(method, image: nchw("image"), tags: plain("tags"), total: 4)',
      'param "w" = method.classify',
      'trace "cls" = losses(cls)',
    ].join('\n'),
  }),
  'case-no-run': error(message`the case runs nothing: it needs one run line`, {
    why: 'A trace is read from steps of training, so that the case has to run some.',
    frame: 'case',
    wrong: 'trace "cls" = losses(cls)',
    right: [
      'let method = m()',
      'run train(method, image: nchw("image"), tags: plain("tags"), total: 4)',
      'param "w" = method.classify',
      'trace "cls" = losses(cls)',
    ].join('\n'),
  }),
  'case-many-runs': error(message`a case runs one thing; this is the second`, {
    why: 'One reference file holds one run.',
    frame: 'case',
    wrong: [
      'let method = m()',
      'run train(method, image: nchw("image"), tags: plain("tags"), total: 4)',
      'run train(method, image: nchw("image"), tags: plain("tags"), total: 8)',
      'param "w" = method.classify',
      'trace "cls" = losses(cls)',
    ].join('\n'),
    right: [
      'let method = m()',
      'run train(method, image: nchw("image"), tags: plain("tags"), total: 4)',
      'param "w" = method.classify',
      'trace "cls" = losses(cls)',
    ].join('\n'),
  }),
  'case-layout': error(message`'${'key'}' has the layout ${'layout'}, which does not fit ${'rank'} axes`, {
    why: 'A layout says in which order the axes lie in the file: it has one letter for each of them.',
    frame: 'case',
    wrong: 'out "maps" = nchw(relu(chw("image")))',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
  'case-parameter': error(message`the reference file's parameter '${'key'}' is bound to ${'found'}, which is no parameter`, {
    why: 'A key of the reference sets a parameter of the program: a layer, a part of one, or its weight.',
    frame: 'case',
    wrong: ['let side = conv(2, kernel: 1, bias: false)', 'param "w" = relu(nchw("image"))', 'out "side" = nchw(side(nchw("image")))'].join(
      '\n',
    ),
    right: 'let side = conv(2, kernel: 1, bias: false)\nparam "w" = side\nout "side" = nchw(side(nchw("image")))',
  }),
  'case-parameter-unbound': error(message`the parameter '${'parameter'}' gets no value from the reference file`, {
    why: 'With values of its own the program would compute something else than the reference.',
    frame: 'case',
    wrong: 'let side = conv(2, kernel: 1, bias: false)\nout "side" = nchw(side(nchw("image")))',
    right: 'let side = conv(2, kernel: 1, bias: false)\nparam "w" = side\nout "side" = nchw(side(nchw("image")))',
  }),
  'case-random': error(message`the random draw '${'name'}' cannot be held against a reference`, {
    why: 'The reference drew other numbers: what is random is left out, or fed as an input.',
    frame: 'case',
    wrong: 'let drop = dropout(0.5)\nout "maps" = nchw(drop(nchw("image")))',
    right: 'out "maps" = nchw(relu(nchw("image")))',
  }),
} as const;
