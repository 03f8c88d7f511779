/**
 * `sipe_small` written by hand against tfjs, as one does without this package: stock operators, `tf.variableGrads`, and a kernel for the filter
 * gradient, which the wasm backend lacks. For comparison only. (One thing is wrong in it on purpose of tfjs: the gradient of `resizeBilinear`
 * ignores half-pixel centres. The loss does not depend on it, and neither do bytes.)
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

export type Weights = Readonly<Record<string, tf.Variable>>;

export interface SipeBatch {
  readonly image: tf.Tensor4D;
  readonly tags: tf.Tensor2D;
  readonly inside: tf.Tensor3D;
}

/** The usual filter gradient for a backend without one: for each tap a strided slice of the padded input and one product. */
export function registerFilterGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      if (!inputs.x || !inputs.dy) throw new Error('a filter gradient needs x and dy');
      const [x, dy] = [inputs.x, inputs.dy].map((info) => tf.engine().makeTensorFromTensorInfo(info));
      // Handles of their own on the memory of the arguments.
      tf.backend().incRef(x.dataId);
      tf.backend().incRef(dy.dataId);
      const numbers = (name: string): readonly number[] => {
        const value = attrs?.[name];
        if (typeof value === 'number') return [value, value];
        return Array.isArray(value) ? value.flatMap((v) => (typeof v === 'number' ? [v] : [])) : [];
      };
      const [kh, kw, c, o] = numbers('filterShape');
      const [sh, sw] = numbers('strides');
      const pad = typeof attrs?.pad === 'number' ? attrs.pad : 0;
      const result = tf.tidy(() => {
        const padded =
          pad === 0
            ? x
            : tf.pad(x, [
                [0, 0],
                [pad, pad],
                [pad, pad],
                [0, 0],
              ]);
        const [n, oh, ow] = dy.shape;
        const flat = tf.reshape(dy, [n * oh * ow, o]);
        const taps: tf.Tensor[] = [];
        for (let p = 0; p < kh; p++)
          for (let q = 0; q < kw; q++) {
            const seen = tf.stridedSlice(padded, [0, p, q, 0], [n, p + (oh - 1) * sh + 1, q + (ow - 1) * sw + 1, c], [1, sh, sw, 1]);
            taps.push(tf.matMul<tf.Tensor2D>(tf.reshape(seen, [n * oh * ow, c]), tf.reshape(flat, [n * oh * ow, o]), true, false));
          }
        return tf.reshape(tf.stack(taps), [kh, kw, c, o]);
      });
      x.dispose();
      dy.dispose();
      return result;
    },
  });
}

/** The same values off the tape, without a copy. */
function detach<T extends tf.Tensor>(x: T): T {
  tf.backend().incRef(x.dataId);
  return tf.engine().makeTensorFromDataId(x.dataId, x.shape, x.dtype) as T;
}

function groupNorm(x: tf.Tensor4D, weights: Weights, key: string): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const groups = 8;
  const split = tf.reshape(x, [n, h, w, groups, c / groups]);
  const { mean, variance } = tf.moments(split, [1, 2, 4], true);
  const normal = tf.reshape(tf.mul(tf.sub(split, mean), tf.rsqrt(tf.add(variance, 1e-5))), [n, h, w, c]);
  return tf.add(tf.mul(normal, weights[`${key}.weight`]), weights[`${key}.bias`]);
}

function conv(x: tf.Tensor4D, weights: Weights, key: string, stride = 1, pad = 0): tf.Tensor4D {
  return tf.conv2d(x, weights[`${key}.weight`] as tf.Tensor as tf.Tensor4D, stride, pad, 'NHWC', 1, 'floor');
}

function residual(x: tf.Tensor4D, weights: Weights, key: string, stride: number, project: boolean): tf.Tensor4D {
  const y = tf.relu(groupNorm(conv(x, weights, `${key}.conv1`, stride, 1), weights, `${key}.norm1`));
  const z = groupNorm(conv(y, weights, `${key}.conv2`, 1, 1), weights, `${key}.norm2`);
  const pooled = stride === 1 ? x : tf.avgPool(x, 2, 2, 'valid');
  const shortcut = project ? groupNorm(conv(pooled, weights, `${key}.shortcut.0`), weights, `${key}.shortcut.1`) : pooled;
  return tf.relu(tf.add(z, shortcut));
}

function l2Normalize(x: tf.Tensor, eps: number): tf.Tensor {
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24));
  return tf.div(x, tf.add(norm, eps));
}

function maxNormalize(maps: tf.Tensor, eps: number): tf.Tensor {
  return tf.div(maps, tf.add(tf.max(maps, [1, 2], true), eps));
}

function unit(x: tf.Tensor, eps: number): tf.Tensor {
  return tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), 2, true), eps * eps)));
}

/** Sum of both losses. Sizes are multiples of eight. (`tf.tidy` around its parts changes nothing: the peak is in the backward half.) */
export function sipeLoss({ image, tags, inside }: SipeBatch, weights: Weights): tf.Scalar {
  const eps = 1e-5;
  const x1 = tf.relu(groupNorm(conv(image, weights, 'net.stem', 2, 1), weights, 'net.norm'));
  const x2 = residual(x1, weights, 'net.layer2', 2, true);
  const x3 = residual(x2, weights, 'net.layer3', 2, true);
  const x4 = residual(x3, weights, 'net.layer4', 1, false);
  const [n, h, w] = x4.shape;
  const size: [number, number] = [h, w];
  const pixels = h * w;

  const allowed = tf.concat([tf.ones([n, 1]), tags], 1);
  const classes = allowed.shape[1] ?? 0;
  // Legacy sampling takes the top-left pixel of each cell, as the method does.
  const small = tf.image.resizeNearestNeighbor(tf.reshape<tf.Rank.R4>(inside, [...inside.shape, 1]), size);
  const valid = tf.mul(small, tf.reshape(allowed, [n, 1, 1, classes]));

  const raw = conv(x4, weights, 'head.head.classifier');
  const score = tf.mean(raw, [1, 2]);
  const maps = maxNormalize(tf.relu(raw), eps);
  const cam = tf.mul(tf.concat([tf.sub(1, tf.max(maps, 3, true)), maps], 3), valid);

  const parts = [x1, x2, x3, x4].map((x, i) => {
    const side = l2Normalize(conv(detach(x), weights, `head.hierarchy.sides.${i}`), eps);
    return tf.image.resizeBilinear(tf.reshape<tf.Rank.R4>(side, [n, x.shape[1], x.shape[2], -1]), size, false, true);
  });
  const feature = tf.reshape(tf.concat(parts, 3), [n, pixels, -1]);

  const seeds = tf.reshape(tf.mul(structureSeeds(detach(x4), detach(cam), eps), valid), [n, pixels, classes]);
  const prototypes = tf.div(tf.matMul(detach(seeds), feature, true, false), pixels);
  const similarity = tf.relu(tf.matMul(unit(feature, 1e-8), unit(prototypes, 1e-8), false, true));
  const isCam = tf.reshape(similarity, [n, h, w, classes]);

  const cls = tf.mean<tf.Scalar>(tf.sub(tf.softplus(score), tf.mul(tags, score)));
  const gsc = tf.mean<tf.Scalar>(tf.abs(tf.sub(cam, maxNormalize(isCam, eps))));
  return tf.add(cls, gsc);
}

/** The class of every pixel by the overlap of its own map of similarities with the class maps, one-hot. */
function structureSeeds(x4: tf.Tensor4D, cam: tf.Tensor, eps: number): tf.Tensor {
  const [n, h, w] = x4.shape;
  const [pixels, classes] = [h * w, cam.shape[3] ?? 0];
  const f = tf.reshape(l2Normalize(x4, eps), [n, pixels, -1]);
  const m = tf.reshape(cam, [n, pixels, classes]);
  const similar = tf.relu(tf.matMul(f, f, false, true));
  const inter = tf.matMul(similar, m);
  const iou = tf.div(inter, tf.sub(tf.add(tf.sum(similar, 2, true), tf.sum(m, 1, true)), inter));
  const background = tf.mul(tf.slice(iou, [0, 0, 0], [n, pixels, 1]), 0.5);
  const winner = tf.argMax(tf.concat([background, tf.slice(iou, [0, 0, 1], [n, pixels, classes - 1])], 2), 2);
  return tf.reshape(tf.oneHot(winner, classes), [n, h, w, classes]);
}
