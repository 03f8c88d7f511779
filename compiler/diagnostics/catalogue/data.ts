import { error, message, warning } from '../entry.ts';

/** Files a spec reads that are not specs: data sets, reference files, the output folder. Placed where the spec names them. */
export const data = {
  'data-root-missing': error(message`there is no folder '${'path'}' for the data set ${'dataset'}`),
  'image-missing': error(message`the image '${'path'}', named in ${'list'}, does not exist`),
  'image-unreadable': error(message`the image '${'path'}' cannot be read: ${'reason'}`),
  'mask-size': error(message`the mask '${'path'}' is ${'found'}, its image is ${'expected'} (width × height)`),
  'label-unknown': error(message`'${'path'}' holds the label ${'label'}, which is no class of ${'dataset'}`),
  'list-empty': error(message`the list '${'path'}' names no image`),
  'output-unwritable': error(message`nothing can be written to '${'path'}': ${'reason'}`),
  'dataset-format': error(message`the data set '${'dataset'}' has the unknown format '${'format'}'`),
  'class-count': error(message`${'dataset'} has ${'found'} classes, and ${'where'} says ${'expected'}`),
  'few-images': warning(message`${'split'} holds ${'count'} images, less than one batch of ${'batch'}`),
} as const;
