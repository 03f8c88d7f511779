/** Specs of any length: modules, layers, values and losses in the mix of the methods of the package. */

/** A module of six lines, a block of the method that calls it of seven: thirteen lines for each. */
function blockModule(i: number): string {
  return `/// Block ${i}: two convolutions beside each other.
module block_${i}(width: int)(x: Features[N, H, W, C]) -> Features[N, H, W, width] {
  layer narrow = conv(width, kernel: 1)
  layer wide = conv(width, kernel: 3, pad: 1)
  let sum = relu(narrow(x) + wide(x))
  return sum * 0.5 + sum ^ 2 * 0.25
}
`;
}

function blockCall(i: number): string {
  return `  layer part_${i} = block_${i}(8)
  layer head_${i} = conv(K, kernel: 1)
  let deep_${i} = part_${i}(features)
  cam raw_${i} = head_${i}(deep_${i})
  let scores_${i} = gap(raw_${i})
  loss cls_${i} = soft_margin(scores_${i}, tags)`;
}

/** A method of about so many lines. */
export function generatedSpec(lines: number): string {
  const blocks = Math.max(1, Math.floor((lines - 30) / 14));
  const all = Array.from({ length: blocks }, (_, i) => i);
  return `language 1

import "std/layers"
import "std/losses"
import "std/cam"
import "std/backbones/small"

${all.map(blockModule).join('\n')}
method generated {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
  let features = net(image).layer4
${all.map(blockCall).join('\n')}

  infer seeds(photo: Image[1, h0, w0, 3]) -> Cam {
    return head_0(part_0(net(photo |> normalize(imagenet)).layer4)) as cam
  }

  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
  }
}

dataset voc { format voc }
`;
}
