/** Words that begin a declaration or a statement, and the clauses that go with them. */
import { type WordGroup, words } from './word.ts';

export const CONSTRUCTS: WordGroup = {
  name: 'constructs',
  title: 'Declarations and statements',
  intro: 'Words that begin something. They are names everywhere else: `x.loss`, `let stage = 3`.',
  words: words([
    ['language', 'language 1', 'The version of the language; the first line of a file.'],
    [
      'import',
      'import "std/cam"; import { gap as mean_score } from "./mine"',
      'Brings what another file declares, all of it or what is named.',
    ],
    ['dataset', 'dataset voc { format voc, root "…" }', 'A data set and where it lies; `--data voc=DIR` replaces the root.'],
    ['method', 'method NAME { … }', 'A method: inputs, layers, values, losses, and its train, infer and pipeline blocks.'],
    [
      'variant',
      'variant NAME of METHOD { … }',
      'A method that differs in what stands here: declared again is replaced, `remove` takes away, the rest is added.',
    ],
    ['grid', 'grid NAME of METHOD { agreement in [0.1, 0.5] }', 'One variant for each combination of hypers: `FILE#NAME[agreement=0.1]`.'],
    [
      'naming',
      'naming NAME of MODULE { "bn{i+1}.*" = "norms.{i}.*" "fc.*" = none }',
      'How files of weights that others made (left) call the tensors of a module (right); it stands in the file of the module.',
    ],
    ['case', 'case NAME { … }', 'One call held against reference numbers by `wsss compare`.'],
    [
      'module',
      'module f(width: int)(x: Features[N, h, w, D]) -> Features { … }',
      'A function of tensors; with two lists of parameters a layer, whose first list is fixed where `layer` declares it.',
    ],
    ['extern', 'extern relu(x: Tensor[…]) -> Tensor[…]', 'A primitive that the compiler knows; only the standard library declares them.'],
    ['paper', 'paper { title: "…", venue: "…", arxiv: "…" }', 'Where the method comes from. Shown, and no difference to `wsss diff`.'],
    ['supervision', 'supervision tags + saliency', 'What training may look at: a promise that the checker keeps.'],
    [
      'input',
      'input tags: Tags[N, K]',
      'A tensor of the training step; the view of its name fills it. A record takes a pair: `input other: { image: …, tags: … }`.',
    ],
    ['backbone', 'backbone net = resnet50(…) init imagenet', 'A layer that may start from weights trained before (`--weights net=FILE`).'],
    [
      'layer',
      'layer head = conv(K, kernel: 1)',
      'Parameters, declared once; each call of it shares them. `layer bank = [conv(D) for i in 0..3]` is a list of layers.',
    ],
    ['hyper', 'hyper alpha = 0.5', 'A setting with a documented default: `--set alpha=0.3`, a variant, or a grid changes it.'],
    ['weight', 'weight w: Tokens[K, D] init normal(0.02)', 'A learned tensor. Behind a loss the same word is its factor.'],
    ['state', 'state s: Tensor[K] = zeros', 'A tensor that is kept from step to step and not trained; `after step { s = … }` changes it.'],
    ['after', 'after step { s = 0.9 * s + 0.1 * new }', 'What happens to state when a step of the optimiser is done.'],
    ['shadow', 'shadow teacher = ema(net, 0.996)', 'A copy of a network that follows it, and is never trained.'],
    ['let', 'let { a, b as c } = f(x)', 'Names a value. A word of a kind in its place also says what it is: `cam raw = …`.'],
    [
      'random',
      'random keep ~ bernoulli(0.7, like: x)',
      'A draw with a name, so that a comparison can bring the numbers that other code drew.',
    ],
    ['require', 'require D divisible by 8', 'A fact about sizes, proved at each call or asserted when the program starts.'],
    ['return', 'return { cam: raw, act: a }', 'The result of a module or of an inference program: a value, or a record.'],
    [
      'if',
      'if D >= 64 { … } else { … }',
      'Chooses statements when the file is compiled. `c ? a : b` chooses a value then; `where(c, a, b)` by element while running.',
    ],
    ['iterate', 'iterate m = x times 3 { … m = … }', 'Carries values through a fixed number of turns; in a pipeline, rounds of stages.'],
    ['no_grad', 'no_grad { … }', 'Nothing inside sends a gradient back.'],
    ['loss', 'loss cls weight 0.1 from epoch 5 = …', 'A scalar that is minimised; the sum of all is what training follows.'],
    ['watch', 'watch iou = …', 'A scalar that is only logged.'],
    ['train', 'train { data … epochs … batch … optimizer … }', 'How the method is trained. In a pipeline: the stage that does it.'],
    ['data', 'data voc.train { image = source |> … }', 'The views of each image that training reads.'],
    [
      'pair',
      'pair other = draw(class: uniform, self: forbidden) { image = source |> … }',
      'A partner for each image, of a class that it shares. `class: uniform` draws the class first, `self` says whether an image may be its own partner, `from:` names another split.',
    ],
    ['group', 'group head, norms: lr x10, weight_decay x0', 'Parameters with a rate, decay, optimiser, schedule or warm-up of their own.'],
    [
      'freeze',
      'freeze net.stem, norms',
      'Parameters that stay as they are; `until epoch 2` and `from epoch 3` say in which epochs, otherwise in all.',
    ],
    ['exclude', 'exclude head.scale', 'As freeze: parameters that exist and are never updated.'],
    [
      'validate',
      'validate every 1 epochs on voc.val with predict keep best(miou), last',
      'Scores of an inference program while training, and which weights are kept by them.',
    ],
    [
      'infer',
      'infer seeds(photo: Image[1, h, w, 3]) -> Cam { … }',
      'A program over one photo, with the trained weights. In a pipeline: the stage that runs it.',
    ],
    ['pipeline', 'pipeline { stage … }', 'How the numbers come about, from training to the report.'],
    [
      'stage',
      'stage maps = infer(classifier, seeds, on: voc.train)',
      'One step of the pipeline; its result is kept, and used again while nothing that it depends on changes.',
    ],
    ['remove', 'remove loss agree', 'In a variant: what the method declares and the variant does without.'],
  ]),
};

export const CLAUSES: WordGroup = {
  name: 'loss-clauses',
  title: 'Clauses of losses',
  intro: 'They stand between the name of the loss and its `=`, each at most once.',
  words: words([
    ['weight', 'loss a weight 0.1 = …', 'The factor of the loss in the sum.'],
    ['ramp', 'loss a weight ramp(0, 0.1, from: 5, to: 8) = …', 'A factor that grows linearly in the epoch.'],
    ['from', 'loss a from epoch 7 = …', 'Before that epoch (the first is 0) the code of the loss is not run.'],
    ['until', 'loss a until epoch 12 = …', 'From that epoch on the code of the loss is not run.'],
    ['when', 'loss a when any(rest > 0) = …', 'A condition on the data; where it is false, value and gradient are 0.'],
    [
      'off',
      'loss a from epoch 7 off untouched = …',
      'Parameters whose losses are all off are left alone; without it their gradient is 0, and decay and momentum act, as in PyTorch.',
    ],
  ]),
};
