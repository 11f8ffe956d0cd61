import { UsageError } from '../../errors';
import { tf } from '../../tensors';
import type { Vae } from '../model';

/** So many numbers of each network. */
const NUMBERS = 4;

/** Both inputs lie here: a grey image, and a code off the origin, where an odd function would hide. */
const INPUT = 0.5;

/** Relative: far above the rounding of another machine, far below what another activation does. */
const TOLERANCE = 1e-3;

/**
 * The first outputs of networks made by hand, of which a checkpoint has no code: names and shapes of variables would not tell a ReLU from a
 * tanh. Undefined for other networks.
 */
export function probeOf(model: Vae): number[] | undefined {
  if (model.options.network?.kind !== 'custom') return undefined;
  return tf.tidy(() => {
    const { encoder, decoder } = model.networks;
    const outputs = [
      encoder.apply(tf.fill([1, model.pixels], INPUT)),
      decoder.apply(tf.fill([1, model.latent], INPUT)),
    ];
    return outputs.flatMap((rows) => [...rows.dataSync<'float32'>().subarray(0, NUMBERS)]);
  });
}

/** @throws UsageError where the model's networks are not those that the checkpoint's were */
export function checkProbe(folder: string, model: Vae, kept: readonly number[] | undefined): void {
  if (!kept) return;
  const given = probeOf(model) ?? [];
  const at = kept.findIndex(
    (value, i) => !(Math.abs((given[i] ?? Number.NaN) - value) <= TOLERANCE * Math.max(1, Math.abs(value))),
  );
  if (at < 0) return;
  const part = at < NUMBERS ? 'encoder gives for a grey image' : 'decoder gives for a code of 0.5';
  throw new UsageError(
    `${folder}: kept with other networks of the same variables: the ${part} ${given[at]}, gave ${kept[at]} then`,
  );
}
