/** What a tensor is, as signatures say it. */
import { type WordGroup, words } from './word.ts';

export const KINDS: WordGroup = {
  name: 'kinds',
  title: 'Kinds',
  intro:
    'What the numbers of a tensor mean. A signature says it with the shape, channels last: `x: Cam[N, h, w, K]`. A value takes another kind by a conversion (sigmoid, softmax …) or a visible `as`.',
  words: words([
    ['Tensor', 'Tensor[N, h, w, C]', 'Claims nothing: takes and gives every kind.'],
    ['Image', 'Image[N, H, W, 3]', 'Pixels of a view or of a photo, as its `normalize` leaves them.'],
    ['Features', 'Features[N, h, w, D]', 'What a learned layer gives; a declaration may call it cam, logits or prototype.'],
    ['Tokens', 'Tokens[K, D]', 'Learned vectors in a table, or features in a row: of the kind `Features`.'],
    ['Cam', 'Cam[N, h, w, K]', 'Class activation maps: one score a class and place. K classes, or K + 1 with the background in front.'],
    ['Logits', 'Logits[N, K]', 'Scores before a sigmoid or softmax, of any sign: what classification losses take.'],
    ['Probabilities', 'Probabilities[N, K]', 'Numbers from 0 to 1, after a sigmoid or softmax.'],
    [
      'Tags',
      'Tags[N, K]',
      '1 for each class that an image holds, 0 for the others; without the background. Needs `supervision tags` or masks.',
    ],
    ['Mask', 'Mask[N, h, w, 1]', '0 or 1 for each place. As an input of the method it is a label that supervision has to allow.'],
    [
      'Labels',
      'Labels[N, H, W]',
      'One class index a pixel: 0 the background, 255 nothing. As an input it needs `masks` or `pseudo_masks`.',
    ],
    ['Region', 'Region[N, H, W]', '1 where a view holds image, 0 where it is padding: `image, inside = source |> …`.'],
    ['Affinity', 'Affinity[N, p, p]', 'How much places belong together.'],
    ['Prototype', 'Prototype[N, C, D]', 'One vector a class (`Prototypes` is the same).'],
    ['Saliency', 'Saliency[N, H, W, 1]', 'Foreground from 0 to 1 from another model. As an input it needs `supervision saliency`.'],
    ['Boundary', 'Boundary[N, h, w, 1]', 'How sure an edge between classes is, for each place.'],
    ['Seeds', 'Seeds[N, h, w, K]', 'The places of a class that are sure, 0 or 1.'],
    ['Loss', 'Loss', 'A scalar that is minimised.'],
    ['Scalar', 'Scalar', 'A single number.'],
  ]),
};
