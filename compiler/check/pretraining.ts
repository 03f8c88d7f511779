/** `backbone net = resnet50(…) init imagenet`: weights that training starts from and does not make. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { LayerStatement } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { namingsOf } from './namings.ts';
import type { Value } from './values.ts';

/** What weights of a backbone may have been trained on: images with their classes, or images alone (MoCo v2, DetCo). */
export const PRETRAINING: readonly string[] = ['imagenet', 'imagenet_moco', 'imagenet_detco', 'coco'];

/** Notes what the weights of the layer at `path` were trained on. Only a backbone has such weights: heads are what a method trains. */
export function declarePretraining(E: Elaboration, { role, name, value, pretraining }: LayerStatement, path: string, placed: Value): void {
  if (!pretraining || pretraining.missing) return;
  if (role !== 'backbone') {
    E.report(
      'pretraining-of-layer',
      pretraining.span,
      { name: name.text },
      { hint: `say backbone ${name.text} = …, or give first values with the init: of the module` },
    );
    return;
  }
  if (!PRETRAINING.includes(pretraining.text)) {
    E.report(
      'unknown-pretraining',
      pretraining.span,
      { name: pretraining.text },
      { hint: didYouMean(pretraining.text, PRETRAINING) ?? `known: ${PRETRAINING.join(', ')}` },
    );
    return;
  }
  const module = value.kind === 'call' && value.callee.kind === 'name' ? value.callee.name.text : 'backbone';
  const namings = namingsOf(placed);
  E.session.pretrained.set(path, { backbone: path, on: pretraining.text, module, ...(namings.length > 0 ? { namings } : {}) });
}
