import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { affine, chain, checkSize, type HiddenKind, hiddenLayers, type Initialiser, type Layer } from '../networks';
import { type Posterior, reparameterise } from '../posterior';
import { boundedLogVariance, diagonalNormalLogProb } from '../tensor-math';
import type { PosteriorFamily } from './family';
import { STICKING } from './flow';
import { normalLogProb } from './normal';

/** The two-level model of Tomczak and Welling (2018), *VAE with a VampPrior*: p(x|z₁, z₂)·p(z₁|z₂)·p(z₂). */
export interface HierarchyOptions {
  /** d₂: how many of the latent dimensions, the last ones, are z₂, over which the prior is. */
  readonly top: number;
  /** Units of the layers in q(z₁|x, z₂), p(z₁|z₂) and, of dense networks, the first of p(x|z₁, z₂). Default: the last of `hidden`, else 300. */
  readonly units?: number | undefined;
}

const USUAL_UNITS = 300;

/** Fills in what is left out. */
export function completedHierarchy(
  { top, units }: HierarchyOptions,
  hidden: readonly number[],
): Required<HierarchyOptions> & { readonly units: number } {
  return { top, units: units ?? hidden.at(-1) ?? USUAL_UNITS };
}

/** What the conditional distributions are made for. */
export interface HierarchyShape {
  /** d₁ and d₂. */
  readonly lower: number;
  readonly top: number;
  readonly units: number;
  /** D where an own layer reads the image, as in the published code; null where the encoder gives the context. */
  readonly pixels: number | null;
  readonly hiddenKind: HiddenKind;
  readonly initialiser: Initialiser | undefined;
}

/** Both conditional distributions of z₁. */
export interface Hierarchy extends PosteriorFamily {
  /** z of p(z₁|z₂), `[n, d]`, for z₂, `[n, d₂]`, and noise, `[n, d₁]`. */
  complete(z2: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D;
}

/** @throws InvalidArgumentError unless both levels have dimensions */
export function checkHierarchy({ top, units }: HierarchyOptions, latent: number): void {
  if (!Number.isInteger(top) || top < 1 || top >= latent) {
    const expected = latent > 1 ? `an integer from 1 to ${latent - 1}, so that both levels have dimensions` : 'none';
    throw new InvalidArgumentError('hierarchy.top', `expected ${expected}, got ${top} of ${latent}`);
  }
  if (units !== undefined) checkSize('hierarchy.units', units);
}

/**
 * q(z₂|x)·q(z₁|x, z₂) and p(z₁|z₂), all diagonal normals, with the layers of `models/HVAE_2level.py` in github.com/jmtomczak/vae_vampprior. The KL term
 *
 *   ln q(z₂|x) + ln q(z₁|x, z₂) − ln p(z₁|z₂) − ln p(z₂)
 *
 * is averaged over samples, as there: what z₁ adds has a closed form only given z₂.
 */
export function makeHierarchy(shape: HierarchyShape, stream: RandomStream): Hierarchy {
  const { lower, top, units, pixels } = shape;
  const layers = (name: string, sizes: readonly number[]): Layer =>
    hiddenLayers(`hierarchy/${name}`, { kind: shape.hiddenKind, initialiser: shape.initialiser }, sizes, stream);
  const normalOf = (name: string): Layer =>
    affine(`hierarchy/${name}/output`, { inputs: units, outputs: 2 * lower }, 'glorot', stream);
  const features = pixels === null ? null : layers('q/x', [pixels, units]);
  const ofTop = layers('q/z2', [top, units]);
  const joint = chain([layers('q/joint', [2 * units, units]), normalOf('q')]);
  const conditional = chain([layers('p', [top, units, units]), normalOf('p')]);
  const parts = [...(features ? [features] : []), ofTop, joint, conditional];
  return {
    kind: 'hierarchy',
    base: top,
    context: units,
    variables: new Map(parts.flatMap(({ variables }) => [...variables])),
    features,
    draw: (posterior, noise, stickingTheLanding = false) => {
      if (stickingTheLanding) throw new InvalidArgumentError('stickingTheLanding', STICKING);
      const [noise1, noise2] = tf.split(noise, [lower, top], 2) as [tf.Tensor3D, tf.Tensor3D];
      const z2 = reparameterise(posterior, noise2);
      const given = lowerPosterior(posterior, z2, { ofTop, joint });
      const z1 = tf.add(given.mean, tf.mul(tf.exp(tf.mul(given.logVariance, 0.5)), noise1)) as tf.Tensor3D;
      return {
        z: tf.concat([z1, z2], 2),
        logProb: () => tf.add(normalLogProb(posterior, z2, noise2), normalLogProb(given, z1, noise1)),
      };
    },
    density: (prior) => ({
      closedFormKl: null,
      logProb: (z) => {
        const [z1, z2] = tf.split(z, [lower, top], -1) as [tf.Tensor, tf.Tensor];
        const { mean, logVariance } = normal(conditional.apply(tf.reshape(z2, [-1, top])), z1.shape);
        return tf.add(diagonalNormalLogProb(z1, mean, logVariance), prior.logProb(z2));
      },
    }),
    complete: (z2, noise) => {
      const { mean, logVariance } = normal(conditional.apply(z2), noise.shape);
      return tf.concat([tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) as tf.Tensor2D, z2], 1);
    },
  };
}

/** Mean and bounded log variance, of the given shape each, from rows with both. */
function normal(rows: tf.Tensor2D, shape: number[]): { readonly mean: tf.Tensor; readonly logVariance: tf.Tensor } {
  const [mean, raw] = tf.split(rows, 2, 1) as [tf.Tensor, tf.Tensor];
  return { mean: tf.reshape(mean, shape), logVariance: boundedLogVariance(tf.reshape(raw, shape)) };
}

/** q(z₁|x, z₂) at every sample of z₂, `[S, n, d₁]` twice. */
function lowerPosterior(
  { context }: Posterior,
  z2: tf.Tensor3D,
  { ofTop, joint }: { readonly ofTop: Layer; readonly joint: Layer },
) {
  if (!context)
    throw new InvalidArgumentError('posterior.context', 'expected what q(z₁|x, z₂) sees of the image, got none');
  const [samples, n, top] = z2.shape;
  const units = context.shape[1];
  const ofImage = tf.reshape(tf.tile(tf.expandDims(context, 0), [samples, 1, 1]), [-1, units]) as tf.Tensor2D;
  const rows = joint.apply(tf.concat([ofImage, ofTop.apply(tf.reshape(z2, [-1, top]))], 1));
  return normal(rows, [samples, n, rows.shape[1] / 2]);
}
