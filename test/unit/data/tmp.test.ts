import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clsLabelsBytes, parseClsLabels } from '../../../runtime/data/cls_labels.ts';
test.each(['data/ccp/VOC/ImageSets/Main/cls_labels.npy','data/voc-lists/irn/cls_labels.npy','data/voc-lists/auxsegnet/cls_labels.npy','data/voc-lists/afa/cls_labels_onehot.npy'])('%s', (f) => {
  const b = readFileSync('/work/shared/' + f);
  const t0 = performance.now();
  const l = parseClsLabels(b, f);
  const w = clsLabelsBytes(l);
  console.log(f, l.size, [...l][0], performance.now() - t0, b.length, w.length, Buffer.from(w).equals(b), Buffer.from(w).findIndex((v, i) => v !== b[i]));
});
