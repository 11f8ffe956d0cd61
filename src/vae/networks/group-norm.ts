import { tf } from '../../tensors';
import type { ImageLayer } from './images';
import { variable } from './layers';

/** Groups of a group norm: the largest number up to 8 that divides the channels. */
export function groupsOf(channels: number): number {
  for (let groups = 8; groups > 1; groups--) if (channels % groups === 0) return groups;
  return 1;
}

/** Keeps the deviation of a flat image from zero. */
const EPSILON = 1e-5;

/**
 * Group norm (Wu and He, 2018): every group of channels of every image is brought to mean 0 and variance 1, then each channel gets a scale and an
 * offset of its own. It knows no batch, so that an image's code does not depend on the others.
 */
export function groupNorm(name: string, channels: number, groups: number = groupsOf(channels)): ImageLayer {
  const scale = variable(new Float32Array(channels).fill(1), [channels]);
  const offset = variable(new Float32Array(channels), [channels]);
  return {
    variables: new Map([
      [`${name}/scale`, scale],
      [`${name}/offset`, offset],
    ]),
    apply: (x) => normalise(x, scale, offset, groups),
  };
}

/**
 * y = (x − μ)/σ · scale + offset with μ and σ of the groups. The gradient is written down rather than left to the chain rule, because all that it
 * needs of the large tensors are two sums for each channel of an image: half as many passes.
 */
function normalise(x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor, groups: number): tf.Tensor4D {
  const [n, channels, height, width] = x.shape;
  const each = channels / groups;
  const pixels = height * width;
  const inGroups = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [n, groups, each * pixels]);
  const inChannels = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [n, channels, pixels]);
  /** A number for each group as one for each of its channels: `[n, g, 1]` to `[n, c, 1]`. */
  const forChannels = (t: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.tile(tf.reshape(t, [n, groups, 1]), [1, 1, each]), [n, channels, 1]);
  const column = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [channels, 1]);
  const normed = tf.customGrad((...args) => {
    const [given, a, b, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const grouped = inGroups(given);
    const centred = tf.sub(grouped, tf.mean(grouped, 2, true));
    const precision = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 2, true), EPSILON)); // 1/σ, [n, g, 1]
    save([centred, precision, a]);
    const slopes = tf.mul(forChannels(precision), column(a)); // [n, c, 1]
    const value = tf.reshape(tf.add(tf.mul(inChannels(centred), slopes), column(b)), x.shape);
    return { value, gradFunc: backwards };
  });
  function backwards(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
    const [centred, precision, a] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [slopes, values] = [inChannels(dy), inChannels(centred)];
    const sums = tf.sum(slopes, 2, true); // [n, c, 1]
    const products = tf.mul(tf.sum(tf.mul(slopes, values), 2, true), forChannels(precision));
    /** Means of scale · dy over each group, `[n, c, 1]`. */
    const meanOf = (t: tf.Tensor): tf.Tensor => {
      const weighted = tf.reshape(tf.mul(t, column(a)), [n, groups, each]);
      return forChannels(tf.div(tf.sum(weighted, 2, true), each * pixels));
    };
    const spread = forChannels(precision);
    const [ofDy, ofValues] = [tf.mul(spread, column(a)), tf.mul(tf.square(spread), meanOf(products))];
    const dx = tf.sub(tf.sub(tf.mul(slopes, ofDy), tf.mul(values, ofValues)), tf.mul(spread, meanOf(sums)));
    return [
      tf.reshape(dx, x.shape),
      tf.reshape(tf.sum(products, 0), [channels]),
      tf.reshape(tf.sum(sums, 0), [channels]),
    ];
  }
  return normed(x, scale, offset) as tf.Tensor4D;
}
