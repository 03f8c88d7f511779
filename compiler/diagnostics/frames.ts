/** What stands around the examples of `wsss explain`: each is a whole spec with its frame, and is checked as such. */

/**
 * - `file`: nothing; the example is a whole file.
 * - `body`: a small method with a backbone `net`, its stages `x`, a classifier and its `maps`; the example stands among them.
 * - `strict`: the same, checked with `--strict-shapes`.
 * - `setting`: the same, checked with `--set rate=0.2`.
 * - `losses`: the same without a loss.
 * - `sees`: the same; the example says what training may look at.
 * - `views`: the same; every image comes once more as the view `small`, half as large.
 * - `train`: the same; the example stands in the train block.
 * - `stages`: the same with two inference programs, `seeds` (reads tags) and `predict`, and the trained `classifier`; the example stands in the pipeline.
 * - `variant`: the same; the example is the body of a variant of it.
 * - `grid`: the same with the settings `rate` and `factor`; the example stands beside the method.
 * - `files`: the example is a whole file beside `a.wsss` and `b.wsss`, which both declare a module `half`.
 * - `reference`: the example is a whole file that is held against a reference file.
 * - `case`: the example stands in a comparison case of the method `m`, held against `REFERENCE`.
 */
export type FrameName = keyof typeof AROUND;

interface Around {
  readonly before: string;
  readonly after: string;
  /** Spaces before each line of the example. */
  readonly indent: number;
}

const IMPORTS = `language 1
import "std/layers"
import "std/losses"
import "std/cam"
import "std/backbones/small"

method m {
`;
const SEEN = `  supervision tags
`;
const NETWORK = `  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
  layer classify = conv(K, kernel: 1)
  let x = net(image)
  cam maps = classify(x.layer4)
`;
const HEAD = `${IMPORTS}${SEEN}${NETWORK}`;
const LOSS = `  loss cls = soft_margin(gap(maps), tags)
`;
const TRAIN = `  train {
    data voc.train { image = source |> normalize(imagenet) |> crop(64) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
`;
const TWO_VIEWS = `  train {
    data voc.train {
      image = source |> normalize(imagenet) |> crop(64)
      small = source |> normalize(imagenet) |> crop(32)
    }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
  }
`;
const PROGRAMS = `  infer seeds(photo: Image[1, h0, w0, 3], tags: Tags[1, K]) -> Cam {
    let found = classify(net(photo |> normalize(imagenet)).layer4)
    return max_normalize(relu(found) * rearrange(tags, "n k -> n 1 1 k"))
  }
  infer predict(photo: Image[1, h0, w0, 3]) -> Cam {
    return max_normalize(relu(classify(net(photo |> normalize(imagenet)).layer4)))
  }
`;
const SEGMENTER = `method segmenter {
  supervision pseudo_masks
  input image: Image[N, H, W, 3]
  input masks: Labels[N, H, W]
  layer classify = conv(K + 1, kernel: 1)
  logits scores = classify(image)
  loss seg = pixel_cross_entropy(scores, masks).mean
  train {
    data voc.train { image, masks = source |> crop(64) |> normalize(imagenet) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
  }
}
`;
const DATA = `dataset voc { format voc }
`;

const WHOLE: Around = { before: '', after: '', indent: 0 };
const BODY: Around = { before: `${HEAD}${LOSS}${TRAIN}  }\n`, after: `}\n${DATA}`, indent: 2 };

const AROUND = {
  file: WHOLE,
  files: WHOLE,
  reference: WHOLE,
  strict: BODY,
  setting: BODY,
  body: BODY,
  sees: { before: IMPORTS, after: `${NETWORK}${LOSS}${TRAIN}  }\n}\n${DATA}`, indent: 2 },
  views: { before: `${HEAD}${LOSS}${TWO_VIEWS}`, after: `}\n${DATA}`, indent: 2 },
  grid: {
    before: `${HEAD}  hyper rate = 0.1\n  hyper factor = 2.0\n${LOSS.replace('cls', 'cls weight factor')}${TRAIN.replace('0.1', 'rate')}  }\n}\n${DATA}\n`,
    after: '',
    indent: 0,
  },
  losses: { before: `${HEAD}${TRAIN}  }\n`, after: `}\n${DATA}`, indent: 2 },
  train: { before: `${HEAD}${LOSS}${TRAIN}`, after: `  }\n}\n${DATA}`, indent: 4 },
  variant: { before: `${HEAD}${LOSS}${TRAIN}  }\n}\n${DATA}\nvariant v of m {\n`, after: '}\n', indent: 2 },
  stages: {
    before: `${HEAD}${LOSS}${TRAIN}  }\n${PROGRAMS}  pipeline {\n    stage classifier = train(this, on: voc.train)\n`,
    after: `  }\n}\n${DATA}`,
    indent: 4,
  },
  segmenter: {
    before: `${HEAD}${LOSS}${TRAIN}  }\n${PROGRAMS}  pipeline {\n    stage classifier = train(this, on: voc.train)\n    stage seeds = infer(classifier, seeds, on: voc.train)\n    stage pseudo = masks(seeds, threshold: 0.3)\n`,
    after: `  }\n}\n${DATA}${SEGMENTER}`,
    indent: 4,
  },
  case: { before: `import "std/layers"\nimport "m"\n\ncase c {\n`, after: '}\n', indent: 2 },
} as const satisfies Readonly<Record<string, Around>>;

/** The whole text of an example. */
export function framed(frame: FrameName, example: string): string {
  const { before, after, indent } = AROUND[frame];
  const lines = example.split('\n').map((line) => (line === '' ? line : ' '.repeat(indent) + line));
  return `${before}${lines.join('\n')}\n${after}`;
}

/** Files that examples import. */
export const BESIDE: Readonly<Record<string, string>> = {
  'a.wsss': 'language 1\nmodule half(x: Tensor) -> Tensor { return x / 2 }\n',
  'b.wsss': 'language 1\nmodule half(x: Tensor) -> Tensor { return x * 0.5 }\n',
  'm.wsss': `language 1
import "std/layers"
import "std/losses"
import "std/cam"
method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  layer classify = conv(K, kernel: 1, bias: false)
  loss cls = soft_margin(gap(classify(image)), tags)
${TRAIN}  }
}
${DATA}`,
};

/** Shapes of the reference file that cases of examples are held against. */
export const REFERENCE: ReadonlyMap<string, readonly number[]> = new Map([
  ['in.image', [2, 3, 16, 16]],
  ['in.tags', [2, 2]],
  ['param.w', [2, 3, 1, 1]],
  ['out.cls', [1]],
  ['out.maps', [2, 3, 16, 16]],
  ['out.side', [2, 2, 16, 16]],
]);

/** Where an example stands, in words that follow `wrong` and `right`. */
export const PLACE: Readonly<Record<FrameName, string>> = {
  file: 'as a file',
  files: 'as a file beside a.wsss and b.wsss, which both declare a module half',
  reference: 'as a file that is held against a reference',
  body: 'in the body of a method',
  strict: 'in the body of a method, with --strict-shapes',
  setting: 'in the body of a method, with --set rate=0.2',
  losses: 'in the body of a method that has no other loss',
  sees: 'in a method whose inputs are images and tags',
  views: 'in a method whose view small is half as large as its view image',
  train: 'in a train block',
  stages: 'in a pipeline, after stage classifier = train(this, on: voc.train)',
  segmenter: 'in a pipeline, beside a method segmenter that learns from pseudo masks and after a stage pseudo that makes them',
  variant: 'in a variant',
  grid: 'beside a method m with the settings rate and factor',
  case: 'in a comparison case',
};
