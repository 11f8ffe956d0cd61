import { tf } from '../tensors';

/** Sizes of the VAE with a diagonal Gaussian-mixture prior whose training step is timed. */
export interface VaeSizes {
  readonly pixels: number;
  readonly hidden: number;
  readonly latent: number;
  readonly components: number;
  readonly batch: number;
  /** Hidden layers (Wx + b) · σ(Vx + c) instead of relu(Wx + b). */
  readonly gated?: boolean;
  /** The library's own model of these sizes, as `train` runs it, in place of the self-contained one. */
  readonly library?: boolean;
}

/** Self-contained on purpose: what is timed must not change when the library's own models do, and the PyTorch peer repeats it. */
export interface ReferenceVae {
  readonly variables: Readonly<Record<string, tf.Variable>>;
  /** The mean over the batch of cross-entropy + ln q(z|x) − ln p(z) at one reparameterised draw, nats. */
  loss(x: tf.Tensor, eps: tf.Tensor): tf.Scalar;
}

/** Numbers in [0, 1) from a linear congruential generator (Numerical Recipes’ constants): easy to repeat in another language. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

let instances = 0;

export function referenceVae({ pixels, hidden, latent, components, gated = false }: VaeSizes, seed = 1): ReferenceVae {
  const next = lcg(seed);
  const variables: Record<string, tf.Variable> = {};
  // tfjs's registry of variables is global, so each instance has names of its own.
  const instance = instances++;
  const variable = (name: string, shape: number[], scale: number): tf.Variable => {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => (2 * next() - 1) * scale);
    const made = tf.tidy(() => tf.variable(tf.tensor(values, shape), true, `reference${instance}/${name}`));
    variables[name] = made;
    return made;
  };
  const dense = (name: string, from: number, to: number): ((x: tf.Tensor) => tf.Tensor) => {
    const kernel = variable(`${name}/kernel`, [from, to], Math.sqrt(3 / from));
    const bias = variable(`${name}/bias`, [to], 0);
    return (x) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias);
  };
  const layer = (name: string, from: number, to: number): ((x: tf.Tensor) => tf.Tensor) => {
    const value = dense(name, from, to);
    if (!gated) return (x) => tf.relu(value(x));
    const gate = dense(`${name}/gate`, from, to);
    return (x) => tf.mul(value(x), tf.sigmoid(gate(x)));
  };
  const [encode1, encode2] = [layer('e1', pixels, hidden), layer('e2', hidden, hidden)];
  const encodeOut = dense('eOut', hidden, 2 * latent);
  const [decode1, decode2] = [layer('d1', latent, hidden), layer('d2', hidden, hidden)];
  const decodeOut = dense('dOut', hidden, pixels);
  const logits = variable('prior/logits', [components], 0.1);
  const means = variable('prior/means', [components, latent], 1);
  const logVariances = variable('prior/logVariances', [components, latent], 0.1);

  const loss = (x: tf.Tensor, eps: tf.Tensor): tf.Scalar => {
    const [mean, logVariance] = tf.split(encodeOut(encode2(encode1(x))), 2, 1) as [tf.Tensor, tf.Tensor];
    const z = tf.add(mean, tf.mul(eps, tf.exp(tf.mul(logVariance, 0.5))));
    const reconstruction = decodeOut(decode2(decode1(z)));
    const crossEntropy = tf.sum(tf.sub(tf.softplus(reconstruction), tf.mul(x, reconstruction)), 1);
    const logQ = tf.mul(-0.5, tf.sum(tf.add(logVariance, tf.square(eps)), 1));
    // ln p(z) and ln q(z|x) both without −(d/2) ln 2π: log-sum-exp over components of sums over dimensions.
    const difference = tf.sub(tf.expandDims(z, 1), tf.expandDims(means, 0));
    const scaled = tf.add(tf.div(tf.square(difference), tf.exp(logVariances)), logVariances);
    const logP = tf.logSumExp(tf.add(tf.logSoftmax(logits), tf.mul(-0.5, tf.sum(scaled, 2))), 1);
    return tf.mean(tf.add(crossEntropy, tf.sub(logQ, logP))) as tf.Scalar;
  };
  return { variables, loss };
}

/** A batch of binary pixels and of standard normal noise, the same for the same seed. */
export function referenceBatch(
  { pixels, latent, batch }: VaeSizes,
  seed: number,
): { x: Float32Array; eps: Float32Array } {
  const next = lcg(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    x: Float32Array.from({ length: batch * pixels }, () => (next() < 0.3 ? 1 : 0)),
    eps: Float32Array.from({ length: batch * latent }, normal),
  };
}

/** Floating-point operations of the matrix products of one training step: forward, by the weights, and by all inputs but the pixels. */
export function matrixFlops({ pixels, hidden, latent, batch, gated = false }: VaeSizes): number {
  const copies = gated ? 2 : 1;
  const hiddenLayers = copies * (pixels * hidden + 2 * hidden * hidden + latent * hidden);
  const weights = hiddenLayers + 2 * latent * hidden + hidden * pixels;
  return 2 * batch * (3 * weights - copies * pixels * hidden);
}
