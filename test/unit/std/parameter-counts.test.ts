/** Whole networks have the published numbers of parameters and multiply-adds. */
import { expect, test } from 'vitest';
import { graphCost, stateCost } from '../../../compiler/cost/cost.ts';
import { checkSpec } from '../check/checking.ts';

const sizes = { N: 1, H: 224, W: 224, K: 1000 };

// torchvision: 25.6 M and 4.1 G; 138 M and 15.5 G. Both numbers come from the shapes alone.
test.each([
  ['resnet50_classifier', 25_557_032, 4.09e9],
  ['vgg16_classifier', 138_357_544, 15.47e9],
])('%s', (name, parameters, multiplyAdds) => {
  const { checked } = checkSpec('examples/classifiers.wsss');
  const method = checked!.methods.get(name)!;
  expect(stateCost([...method.states.values()], sizes).parameters).toBe(parameters);
  expect(graphCost(method.forward.graph, sizes).multiplyAdds.forward / multiplyAdds).toBeCloseTo(1, 2);
});

// timm without the classifier: vit_small_patch16_224 and vit_base_patch16_224.
test.each([
  ['vit_small', 21_665_664],
  ['vit_base', 85_798_656],
])('%s', (name, parameters) => {
  const text = `import { ${name} } from "std/backbones/vit"
import { soft_margin } from "std/losses"
import { linear } from "std/layers"
import "../datasets/voc"

method m {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = ${name}()
  layer head = linear(K)
  loss cls = soft_margin(head(mean(net(image).class_tokens, over: 1)), tags)
  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 1
    optimizer adam(lr: 1e-3)
  }
}
`;
  const { checked } = checkSpec('examples/vit.wsss', text);
  const states = [...checked!.methods.get('m')!.states.values()].filter(({ key }) => key.startsWith('net.'));
  expect(stateCost(states, sizes).parameters).toBe(parameters);
});
