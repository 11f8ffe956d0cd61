import { exportOnnx } from '../compile/export';
import type { Vae } from './model';

/**
 * The encoder as an ONNX model: from `images`, `[n, D]` in [0, 1], to `mean` and `stddev` of q(z|x), `[n, d]` each.
 *
 * @throws UsageError where its graph cannot be exported
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { exportEncoder, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * writeFileSync('encoder.onnx', exportEncoder(model));
 * model.dispose();
 * ```
 */
export function exportEncoder(model: Vae): Uint8Array {
  return exportOnnx((images) => ({ ...model.moments(images) }), {
    input: 'images',
    columns: model.pixels,
    name: 'encoder',
  });
}

/**
 * The decoder as an ONNX model: from `latents`, `[n, d]`, to `images`, the means E[x|z], `[n, D]`.
 *
 * @throws UsageError where its graph cannot be exported
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { exportDecoder, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * writeFileSync('decoder.onnx', exportDecoder(model));
 * model.dispose();
 * ```
 */
export function exportDecoder(model: Vae): Uint8Array {
  return exportOnnx((latents) => ({ images: model.likelihood.mean(model.decode(latents)) }), {
    input: 'latents',
    columns: model.latent,
    name: 'decoder',
  });
}
