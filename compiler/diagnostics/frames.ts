/** What stands around the examples of `wsss explain`: each is a whole spec with its frame, and is checked as such. */

/**
 * - `file`: nothing; the example is a whole file.
 * - `body`: a small method with a backbone `net`, its stages `x`, a classifier and its `maps`; the example stands among them.
 * - `losses`: the same without a loss.
 * - `train`: the same; the example stands in the train block.
 * - `stages`: the same with two inference programs, `seeds` (reads tags) and `predict`, and the trained `classifier`; the example stands in the pipeline.
 * - `variant`: the same; the example is the body of a variant of it.
 * - `files`: the example is a whole file beside `a.wsss` and `b.wsss`, which both declare a module `half`.
 * - `case`: a comparison case of the method `m`, held against a reference with the keys `in.image`, `in.tags`, `param.w` and `out.cls`.
 * - `setting`: `body`, checked with `--set rate=fast`.
 * - `command`: not a spec: what a command is given, or finds on the disk.
 */
export type FrameName = 'file' | 'body' | 'losses' | 'train' | 'stages' | 'variant' | 'files' | 'case' | 'setting' | 'command';

interface Around {
  readonly before: string;
  readonly after: string;
  /** Spaces before each line of the example. */
  readonly indent: number;
}

const HEAD = `language 1
import "std/layers"
import "std/losses"
import "std/cam"
import "std/backbones/small"

method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
  layer classify = conv(K, kernel: 1)
  let x = net(image)
  cam maps = classify(x.layer4)
`;
const LOSS = `  loss cls = soft_margin(gap(maps), tags)
`;
const TRAIN = `  train {
    data voc.train { image = source |> normalize(imagenet) |> crop(64) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
`;
const PROGRAMS = `  infer seeds(photo: Image[1, h0, w0, 3], tags: Tags[1, K]) -> Cam {
    let found = classify(net(photo |> normalize(imagenet)).layer4)
    return max_normalize(relu(found) * rearrange(tags, "n k -> n 1 1 k"))
  }
  infer predict(photo: Image[1, h0, w0, 3]) -> Cam {
    return max_normalize(relu(classify(net(photo |> normalize(imagenet)).layer4)))
  }
`;
const DATA = `dataset voc { format voc }
`;

const AROUND: Readonly<Record<Exclude<FrameName, 'command'>, Around>> = {
  file: { before: '', after: '', indent: 0 },
  files: { before: '', after: '', indent: 0 },
  body: { before: `${HEAD}${LOSS}${TRAIN}  }\n`, after: `}\n${DATA}`, indent: 2 },
  setting: { before: `${HEAD}${LOSS}${TRAIN}  }\n`, after: `}\n${DATA}`, indent: 2 },
  losses: { before: `${HEAD}${TRAIN}  }\n`, after: `}\n${DATA}`, indent: 2 },
  train: { before: `${HEAD}${LOSS}${TRAIN}`, after: `  }\n}\n${DATA}`, indent: 4 },
  variant: { before: `${HEAD}${LOSS}${TRAIN}  }\n}\n${DATA}\nvariant v of m {\n`, after: '}\n', indent: 2 },
  stages: {
    before: `${HEAD}${LOSS}${TRAIN}  }\n${PROGRAMS}  pipeline {\n    stage classifier = train(this, on: voc.train)\n`,
    after: `  }\n}\n${DATA}`,
    indent: 4,
  },
  case: { before: `import "m"\n\ncase c {\n`, after: '}\n', indent: 2 },
};

/** The whole text of an example. */
export function framed(frame: Exclude<FrameName, 'command'>, example: string): string {
  const { before, after, indent } = AROUND[frame];
  const lines = example.split('\n').map((line) => (line === '' ? line : ' '.repeat(indent) + line));
  return `${before}${lines.join('\n')}\n${after}`;
}

/** Files that examples import. */
export const BESIDE: Readonly<Record<string, string>> = {
  'a.wsss': 'language 1\nmodule half(x: Tensor) -> Tensor { return x / 2 }\n',
  'b.wsss': 'language 1\nmodule half(x: Tensor) -> Tensor { return x * 0.5 }\n',
  'm.wsss': `${HEAD}${LOSS}${TRAIN}  }\n${PROGRAMS}}\n${DATA}`,
};
