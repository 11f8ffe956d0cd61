import type { Vae } from './model';

/** Takes the coordinates that the prior is over, `[n, d₂]`, from latent points `[n, d]`: all, or those of the upper level. */
export function priorPart({ latent, prior }: Pick<Vae, 'latent' | 'prior'>, points: Float32Array): Float32Array {
  const { dimension } = prior;
  return dimension === latent ? points : points.filter((_, at) => at % latent >= latent - dimension);
}
