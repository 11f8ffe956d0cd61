/** Set to `1` for the process that runs the cells: nothing they show may depend on the clock. */
export const REPRODUCIBLE = 'GMM_VAE_REPRODUCIBLE';

type Env = Readonly<Record<string, string | undefined>>;

export function isReproducible(env: Env = process.env): boolean {
  return env[REPRODUCIBLE] === '1';
}

/**
 * What a call returned and how long it took.
 *
 * @example
 * ```ts
 * import { Normal, quadratureKl, type Timed, timed } from 'gmm-vae';
 *
 * const { value, milliseconds }: Timed<number> = timed(() => quadratureKl(new Normal(0, 1), new Normal(1, 1)));
 * value; // 0.5
 * milliseconds === null || milliseconds >= 0; // true
 * ```
 */
export interface Timed<T> {
  readonly value: T;
  /** Wall time; null in a reproducible run, which must not show what differs from run to run. */
  readonly milliseconds: number | null;
}

/**
 * Runs `work` and says how long it took. The one place where a notebook gets times from: under `--reproducible` there are
 * none, and the notebook shows something that can be counted instead, such as evaluations.
 *
 * @example
 * ```ts
 * import { timed } from 'gmm-vae';
 *
 * let clock = 0;
 * timed(() => 'done', { env: {}, now: () => (clock += 5) }); // { value: 'done', milliseconds: 5 }
 * timed(() => 'done', { env: { GMM_VAE_REPRODUCIBLE: '1' } }); // { value: 'done', milliseconds: null }
 * ```
 */
export function timed<T>(
  work: () => T,
  { env = process.env, now = () => performance.now() }: { readonly env?: Env; readonly now?: () => number } = {},
): Timed<T> {
  if (isReproducible(env)) return { value: work(), milliseconds: null };
  const start = now();
  const value = work();
  return { value, milliseconds: now() - start };
}

/**
 * `timed` for work that is awaited, such as a step of `compile`.
 *
 * @example
 * ```ts
 * import { timedAsync } from 'gmm-vae';
 *
 * let clock = 0;
 * await timedAsync(async () => 'done', { env: {}, now: () => (clock += 5) }); // { value: 'done', milliseconds: 5 }
 * ```
 */
export async function timedAsync<T>(
  work: () => Promise<T>,
  { env = process.env, now = () => performance.now() }: { readonly env?: Env; readonly now?: () => number } = {},
): Promise<Timed<T>> {
  if (isReproducible(env)) return { value: await work(), milliseconds: null };
  const start = now();
  const value = await work();
  return { value, milliseconds: now() - start };
}
