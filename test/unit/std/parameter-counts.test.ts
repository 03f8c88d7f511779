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
