import { InvalidArgumentError } from '../errors';

/**
 * xW + b with the weights as whole numbers of 16 bits: W[i, j] is `weights[i·outputs + j]`·`scale[j]`.
 *
 * @example
 * ```ts
 * import { type PackedAffine, type PackedNetwork, runPacked } from 'gmm-vae';
 *
 * // 2x + 1 of a number.
 * const value: PackedAffine = {
 *   inputs: 1,
 *   outputs: 1,
 *   weights: Int16Array.of(2),
 *   scale: Float32Array.of(1),
 *   bias: Float32Array.of(1),
 * };
 * const network: PackedNetwork = { layers: [{ kind: 'relu', value }] };
 * runPacked(network, [3]); // [7]
 * ```
 */
export interface PackedAffine {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Int16Array;
  readonly scale: Float32Array;
  readonly bias: Float32Array;
}

/**
 * An affine map and what follows it; `gated` is h·σ(g), with g of the layer's `gate`.
 *
 * @example
 * ```ts
 * import { type PackedLayer, runPacked } from 'gmm-vae';
 *
 * const value = {
 *   inputs: 2,
 *   outputs: 1,
 *   weights: Int16Array.of(1, -1),
 *   scale: Float32Array.of(1),
 *   bias: Float32Array.of(0),
 * };
 * const layer: PackedLayer = { kind: 'relu', value };
 * runPacked({ layers: [layer] }, [1, 3]); // [0]
 * ```
 */
export interface PackedLayer {
  readonly kind: 'relu' | 'tanh' | 'gated' | 'sigmoid';
  readonly value: PackedAffine;
  readonly gate?: PackedAffine;
}

/**
 * A network of dense layers as plain data, a quarter of the bytes that its numbers have as text.
 *
 * @example
 * ```ts
 * import { packDecoder, type PackedNetwork, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 4, latent: 2, hidden: [3], prior: { kind: 'standard-normal' }, seed: 1 });
 * const decoder: PackedNetwork = packDecoder(model);
 * decoder.layers.map(({ kind }) => kind); // ['relu', 'sigmoid']
 * model.dispose();
 * ```
 */
export interface PackedNetwork {
  readonly layers: readonly PackedLayer[];
}

/** The largest whole number of 16 bits. */
const LARGEST = 32_767;

/** Packs weights `[inputs, outputs]`, each to the nearest of 65,535 numbers up to the largest of its output. */
export function packAffine(weights: ArrayLike<number>, bias: ArrayLike<number>): PackedAffine {
  const outputs = bias.length;
  const inputs = weights.length / outputs;
  const scale = new Float32Array(outputs);
  for (let at = 0; at < weights.length; at++)
    scale[at % outputs] = Math.max(scale[at % outputs]!, Math.abs(weights[at]!) / LARGEST);
  const packed = Int16Array.from(weights, (weight, at) => Math.round(weight / (scale[at % outputs]! || 1)));
  return { inputs, outputs, weights: packed, scale, bias: Float32Array.from(bias) };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const ACTIVATIONS: { readonly [K in PackedLayer['kind']]: (x: number, gate: number) => number } = {
  relu: (x) => Math.max(0, x),
  // tanh x = (e^2x − 1)/(e^2x + 1); beyond 20 it is ±1 in every float64.
  tanh: (x) => {
    const e = Math.expm1(2 * Math.min(20, Math.max(-20, x)));
    return e / (e + 2);
  },
  gated: (x, gate) => x * sigmoid(gate),
  sigmoid: (x) => sigmoid(x),
};

function affine({ outputs, weights, scale, bias }: PackedAffine, x: Float64Array): Float64Array {
  const sums = new Float64Array(outputs);
  for (const [i, input] of x.entries()) {
    if (input === 0) continue;
    for (let j = 0; j < outputs; j++) sums[j]! += input * weights[i * outputs + j]!;
  }
  return sums.map((sum, j) => sum * scale[j]! + bias[j]!);
}

/**
 * What a packed network makes of one input, in float64, the same in a page and in Node to the last bit.
 * @throws InvalidArgumentError unless `input` has the numbers that the first layer takes, all finite
 *
 * @example
 * ```ts
 * import { packDecoder, runPacked, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 4, latent: 2, hidden: [3], prior: { kind: 'standard-normal' }, seed: 1 });
 * runPacked(packDecoder(model), [0, 0]).every((pixel) => pixel > 0 && pixel < 1); // true
 * model.dispose();
 * ```
 */
export function runPacked({ layers }: PackedNetwork, input: ArrayLike<number>): Float64Array {
  const wanted = layers[0]?.value.inputs ?? 0;
  const given = Float64Array.from(input);
  if (given.length !== wanted || !given.every(Number.isFinite))
    throw new InvalidArgumentError('input', `expected ${wanted} finite numbers, got ${given.join(', ')}`);
  return layers.reduce((x, { kind, value, gate }) => {
    const gates = gate && affine(gate, x);
    return affine(value, x).map((sum, j) => ACTIVATIONS[kind](sum, gates?.[j] ?? 0));
  }, given);
}
