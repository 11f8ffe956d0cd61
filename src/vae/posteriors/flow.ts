import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { checkChoice, checkElements, checkSize, type NamedVariables } from '../networks';
import { reparameterise } from '../posterior';
import { autoregressiveFlow, USUAL_UNITS } from './autoregressive';
import type { PosteriorFamily } from './family';
import { normalLogProb } from './normal';
import { planarFlow } from './planar';

/** Steps that make more of q(z|x) than a diagonal normal. */
export type FlowOptions =
  | {
      /** Rezende and Mohamed, 2015. */
      readonly kind: 'planar';
      /** Steps. */
      readonly length: number;
    }
  | {
      /** Inverse autoregressive: Kingma et al., 2016. */
      readonly kind: 'iaf';
      /** Steps. */
      readonly length: number;
      /** Hidden units of each step, and numbers that the encoder gives to all of them. Default: 64. */
      readonly units?: number | undefined;
    };

/** An invertible map of z, given numbers from the encoder. */
export interface Flow {
  /** Numbers that the encoder gives for an image. */
  readonly context: number;
  readonly variables: NamedVariables;
  /** z_K of z_0, `[S, n, d]`, and Σ ln|det ∂z_k/∂z_{k−1}|, `[S, n]`. */
  apply(z: tf.Tensor3D, context: tf.Tensor2D): { readonly z: tf.Tensor3D; readonly logDet: tf.Tensor2D };
}

const FLOWS: {
  readonly [K in FlowOptions['kind']]: (
    options: Extract<FlowOptions, { kind: K }>,
    dimension: number,
    stream: RandomStream,
  ) => Flow;
} = {
  planar: ({ length }, dimension) => planarFlow(dimension, length),
  iaf: ({ length, units = USUAL_UNITS }, dimension, stream) => autoregressiveFlow(dimension, length, units, stream),
};

export const FLOW_KINDS = Object.keys(FLOWS) as readonly FlowOptions['kind'][];

/** Fills in what is left out. */
export function completedFlow(flow: FlowOptions): FlowOptions {
  return flow.kind === 'iaf' ? { ...flow, units: flow.units ?? USUAL_UNITS } : flow;
}

/** @throws InvalidArgumentError on an unknown kind, or sizes that are no positive integers */
export function makeFlow<K extends FlowOptions['kind']>(
  options: Extract<FlowOptions, { kind: K }>,
  dimension: number,
  stream: RandomStream,
): Flow {
  checkChoice('flow.kind', options.kind, FLOWS);
  checkSize('flow.length', options.length);
  checkElements('flow.length', [options.length, dimension]);
  return FLOWS[options.kind as K](options, dimension, stream);
}

/**
 * q(z|x) of a flow: z_0 ~ N(μ, diag σ²) carried to z = z_K, with ln q(z|x) = ln N(z_0; μ, σ²) − Σ_k ln|det ∂z_k/∂z_{k−1}|. Its KL to any prior has no
 * closed form: it is always equation (11), by the samples.
 */
export function flowFamily(latent: number, { context: size, variables, apply }: Flow): PosteriorFamily {
  return {
    kind: 'flow',
    base: latent,
    context: size,
    variables,
    features: null,
    density: (prior) => ({ closedFormKl: null, logProb: (z) => prior.logProb(z) }),
    draw: (posterior, noise, stickingTheLanding = false) => {
      const { context } = posterior;
      if (!context)
        throw new InvalidArgumentError('posterior.context', `expected ${size} numbers for the flow, got none`);
      if (stickingTheLanding) throw new InvalidArgumentError('stickingTheLanding', STICKING);
      const start = reparameterise(posterior, noise);
      const { z, logDet } = apply(start, context);
      return { z, logProb: () => tf.sub(normalLogProb(posterior, start, noise), logDet) };
    },
  };
}

export const STICKING =
  'expected false where q(z|x) is not normal: its density at a z held fixed would need the inverse map';
