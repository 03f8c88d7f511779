import { error, message, warning } from '../entry.ts';

/** Names, imports, calls and settings. */
export const names = {
  'unknown-name': error(message`nothing is called '${'name'}' here`, {
    why: 'A name is declared in the same body above its use, as a parameter, in the file, or imported.',
    wrong: 'import { conv } from "std/layers"\nmethod m { layer c = cnov(20, kernel: 1) }',
    right: 'import { conv } from "std/layers"\nmethod m { layer c = conv(20, kernel: 1) }',
  }),
  'used-before-declared': error(message`'${'name'}' is used before it is declared`),
  'duplicate-name': error(message`'${'name'}' is declared twice`),
  /** Syntax that is read and has no meaning yet. */
  unfinished: error(message`${'what'} is read, and not compiled yet`),
  'reserved-name': error(message`'${'name'}' is the name of ${'what'}`),
  'shadowed-name': warning(message`'${'name'}' hides ${'what'} of the same name`),
  'unused-declaration': warning(message`${'what'} '${'name'}' is never used`, {
    why: 'What nothing uses is most often a name that was meant somewhere and is not written there.',
    wrong: 'hyper eps = 1e-5\nlet act = max_normalize(relu(raw), 1e-3)',
    right: 'hyper eps = 1e-5\nlet act = max_normalize(relu(raw), eps)',
  }),
  'unused-import': warning(message`${'what'} is used in this file`),
  'unknown-import': error(message`${'file'} declares nothing called '${'name'}'`),
  'import-not-found': error(message`there is no file '${'path'}' to import`),
  'missing-import': error(message`'${'name'}' is declared in ${'file'}, which this file does not import`, {
    why: 'A file sees what it declares and what it imports, not what an imported file imports.',
    wrong: 'layer head = largefov(K)',
    right: 'import "std/segmenters"',
  }),
  'import-cycle': error(message`these files import each other: ${'cycle'}`),
  'ambiguous-import': error(message`'${'name'}' is imported from both ${'first'} and ${'second'}`),
  'unknown-member': error(message`${'object'} has no member '${'name'}'`),
  'unknown-type': error(message`there is no type '${'name'}'`),
  'unknown-argument': error(message`${'callee'} has no argument '${'name'}'`),
  'missing-argument': error(message`${'callee'} needs the argument '${'name'}'`),
  'duplicate-argument': error(message`the argument '${'name'}' of ${'callee'} is given twice`),
  'too-many-arguments': error(message`${'callee'} takes ${'expected'}, and got ${'found'}`),
  'positional-after-named': error(message`arguments without a name stand before those with one`),
  'unknown-setting': error(message`${'block'} has no setting '${'name'}'`, {
    why: 'A setting that nothing reads would silently do nothing, so unknown ones are errors.',
    wrong: 'train { epoch 5, batch 16 }',
    right: 'train { epochs 5, batch 16 }',
  }),
  'duplicate-setting': error(message`the setting '${'name'}' is given twice`),
  'bad-setting': error(message`${'name'} must be ${'expected'}, not ${'found'}`),
  'missing-setting': error(message`${'block'} needs the setting '${'name'}'`),
  'not-callable': error(message`${'what'} cannot be called`, {
    why: 'Modules, layers, backbones, lambdas and operators are called; values are not.',
    wrong: 'let y = x(image)',
    right: 'let y = net(image)',
  }),
  'not-a-module': error(message`'${'name'}' is ${'what'}, not a module with parameters`),
  'unknown-pretraining': error(message`no weights are known that were trained on '${'name'}'`, {
    why: 'What the weights of a backbone were trained on is part of the protocol of every score, so it is one of a few known words.',
    wrong: 'backbone net = resnet50() init imagnet',
    right: 'backbone net = resnet50() init imagenet',
  }),
  'pretraining-of-layer': error(message`'${'name'}' is a layer: only a backbone starts from weights trained before`, {
    why: 'A backbone comes with weights of its own; layers are what the method trains, and take first values from init: of their module.',
    wrong: 'layer net = resnet50() init imagenet',
    right: 'backbone net = resnet50() init imagenet',
  }),
  'not-configured': error(message`'${'name'}' owns parameters: declare it with layer, then call it`, {
    why: 'Parameters belong to a declaration, so that sharing them is visible: two calls of one layer share, two layers do not.',
    wrong: 'let y = conv(20, kernel: 1)(x)',
    right: 'layer classify = conv(20, kernel: 1)\nlet y = classify(x)',
  }),
  'circular-name': error(message`'${'name'}' is made from itself`, {
    why: 'A hyper or a layer has its value before anything else is computed, so that it cannot depend on that value.',
    wrong: 'hyper width = width + 1',
    right: 'hyper width = 17',
  }),
  'recursive-module': error(message`the module '${'name'}' calls itself: ${'cycle'}`),
  'missing-return': error(message`${'what'} returns nothing: its last statement must be return`),
  'misplaced-return': error(message`return ends a module or an infer program; it has no meaning here`),
  'misplaced-declaration': error(message`${'what'} cannot be declared in ${'where'}`),
  'layer-not-called': error(message`'${'name'}' is a layer, and a tensor belongs here`, {
    why: 'A layer is a function with parameters; its result is a tensor.',
    wrong: 'let x = net\nlet maps = classify(x.layer4)',
    right: 'let x = net(image)\nlet maps = classify(x.layer4)',
  }),
  'training-input': error(message`'${'name'}' is an input of training: inference has no batch`),
  'unknown-variant-target': error(message`there is no ${'what'} '${'name'}' in ${'method'} to remove`),
  'variant-cycle': error(message`these variants are variants of each other: ${'cycle'}`),
} as const;
