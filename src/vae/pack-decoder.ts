import { InvalidArgumentError } from '../errors';
import { type PackedAffine, type PackedLayer, type PackedNetwork, packAffine } from '../math/dense-network';
import type { Vae } from './model';
import { hiddenKindOf } from './networks';

/**
 * A trained decoder as plain data, which `runPacked` runs without tensors, also in the page of a report: z → E[x|z], the mean image. Its
 * weights have 16 bits, so that pixels may differ from those of `decode` in the third decimal.
 * @throws InvalidArgumentError for models of other numbers than intensities in [0, 1], with convolutions, or two levels of z
 *
 * @example
 * ```ts
 * import { packDecoder, runPacked, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 4, latent: 2, hidden: [3], prior: { kind: 'standard-normal' }, seed: 1 });
 * const decoder = packDecoder(model);
 * runPacked(decoder, [0, 1]).length; // 4
 * model.dispose();
 * ```
 */
export function packDecoder(model: Vae): PackedNetwork {
  if (model.likelihood.support !== 'unit')
    throw new InvalidArgumentError(
      'model',
      `expected one of intensities in [0, 1], got one of ${model.likelihood.support === 'bytes' ? 'bytes' : 'any numbers'}`,
    );
  const { network = { kind: 'dense' }, hidden } = model.options;
  if (network.kind === 'conv' || network.kind === 'custom')
    throw new InvalidArgumentError('model', `expected one of dense layers, got ${network.kind}`);
  if (model.hierarchy) throw new InvalidArgumentError('model', 'expected one with one level of z, got two');
  const kind = hiddenKindOf(network);
  const layers = hidden.map((_, i): PackedLayer => {
    const name = `decoder/hidden${i + 1}`;
    if (kind !== 'gated') return { kind, value: packed(model, name) };
    return { kind, value: packed(model, `${name}/value`), gate: packed(model, `${name}/gate`) };
  });
  // Of the outputs the first D are the logits of the pixels' means.
  return { layers: [...layers, { kind: 'sigmoid', value: packed(model, 'decoder/output', model.pixels) }] };
}

function packed(model: Vae, name: string, outputs?: number): PackedAffine {
  const [kernel, bias] = ['kernel', 'bias'].map((part) => model.variables.get(`${name}/${part}`)?.dataSync());
  if (!kernel || !bias) throw new Error(`the model has no layer ${name}`);
  const all = bias.length;
  const kept = outputs ?? all;
  const isKept = (_: number, at: number): boolean => at % all < kept;
  return packAffine(kernel.filter(isKept), bias.slice(0, kept));
}
