import type { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { MODEL_OPTIONS } from '../model-table';
import { checkElements, checkSize, type NamedVariables, variable } from '../networks';
import { softplus } from '../tensor-math';
import type { Flow } from './flow';

/** Hidden units of a step's network, and numbers that the encoder gives it, unless told otherwise. */
export const USUAL_UNITS = MODEL_OPTIONS.flowUnits.default;

/** s begins here, so that a step begins close to leaving z as it is (Kingma et al., 2016, recommend 1 to 2). */
const GATE_BIAS = 2;

/** How much smaller the last weights begin than others. */
const OUTPUT_SCALE = 0.1;

/**
 * Inverse autoregressive flow (Kingma et al., 2016, algorithm 1):
 *
 *   (m, s) = network(z, h),   σ = sigmoid(s),   z' = σ·z + (1 − σ)·m,   ln|det ∂z'/∂z| = Σ_j ln σ_j
 *
 * where m_j and s_j depend on z_1 … z_{j−1} and on h, which the encoder gives. The network has one hidden layer of ELUs with masked
 * weights (Germain et al., MADE, 2015). Every other step takes the dimensions in reverse order.
 */
export function autoregressiveFlow(dimension: number, length: number, units: number, stream: RandomStream): Flow {
  checkSize('flow.units', units);
  const steps = Array.from({ length }, (_, k) => stepOf(`flow/step${k + 1}`, { dimension, units, k }, stream));
  return {
    context: units,
    variables: new Map(steps.flatMap(({ variables }) => [...variables])),
    apply: (start, context) => {
      let [z, logDet] = [start, tf.zeros(start.shape.slice(0, -1)) as tf.Tensor];
      for (const { parameters } of steps) {
        const [m, s] = parameters(z, context);
        z = tf.add(tf.mul(tf.sigmoid(s), z), tf.mul(tf.sigmoid(tf.neg(s)), m));
        logDet = tf.sub(logDet, tf.sum(softplus(tf.neg(s)), -1));
      }
      return { z, logDet: logDet as tf.Tensor2D };
    },
  };
}

interface Step {
  readonly variables: NamedVariables;
  /** m and s, `[S, n, d]` each, of z, `[S, n, d]`, and h, `[n, units]`. */
  parameters(z: tf.Tensor3D, context: tf.Tensor2D): [tf.Tensor, tf.Tensor];
}

interface StepShape {
  readonly dimension: number;
  readonly units: number;
  /** The step's number, from 0. */
  readonly k: number;
}

function stepOf(name: string, { dimension: d, units, k }: StepShape, stream: RandomStream): Step {
  const normal = (shape: [number, number], stddev: number): tf.Variable => {
    checkElements(name, shape);
    const values = new Float32Array(shape[0] * shape[1]);
    stream.fillNormal(values);
    return variable(
      values.map((value) => value * stddev),
      shape,
    );
  };
  const { into, out } = masks(d, units, k % 2 === 1);
  const kernel = normal([d, units], Math.sqrt(1 / d));
  const contextKernel = normal([units, units], Math.sqrt(1 / units));
  const bias = variable(new Float32Array(units), [units]);
  const outKernel = normal([units, 2 * d], OUTPUT_SCALE * Math.sqrt(1 / units));
  const outBias = variable(
    Float32Array.from({ length: 2 * d }, (_, j) => (j < d ? 0 : GATE_BIAS)),
    [2 * d],
  );
  return {
    variables: new Map([
      [`${name}/kernel`, kernel],
      [`${name}/context-kernel`, contextKernel],
      [`${name}/bias`, bias],
      [`${name}/output/kernel`, outKernel],
      [`${name}/output/bias`, outBias],
    ]),
    parameters: (z, context) => {
      const [samples, n] = z.shape;
      const product = (x: tf.Tensor, weights: tf.Tensor, mask: Float32Array): tf.Tensor => {
        const [rows, columns] = weights.shape as [number, number];
        const masked = tf.mul(weights, tf.tensor2d(mask, [rows, columns]));
        return tf.reshape(tf.matMul(tf.reshape(x, [-1, rows]), masked), [samples, n, columns]);
      };
      const ofContext = tf.add(tf.matMul(context, contextKernel as tf.Tensor as tf.Tensor2D), bias);
      const hidden = tf.elu(tf.add(product(z, kernel, into), ofContext));
      return tf.split(tf.add(product(hidden, outKernel, out), outBias), 2, -1) as [tf.Tensor, tf.Tensor];
    },
  };
}

/**
 * Which weights there are, `[d, units]` and `[units, 2d]`. A hidden unit of degree g = 0 … d − 1 sees the first g dimensions, and is seen by
 * the m and s of those from the (g + 1)th on. Units of degree 0 pass on h alone.
 */
function masks(d: number, units: number, reversed: boolean): { into: Float32Array; out: Float32Array } {
  const place = (j: number): number => (reversed ? d - 1 - j : j);
  const degree = (unit: number): number => unit % d;
  const into = Float32Array.from({ length: d * units }, (_, at) =>
    place(Math.floor(at / units)) < degree(at % units) ? 1 : 0,
  );
  const out = Float32Array.from({ length: units * 2 * d }, (_, at) =>
    degree(Math.floor(at / (2 * d))) <= place(at % d) ? 1 : 0,
  );
  return { into, out };
}
