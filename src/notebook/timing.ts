/** Set to `1` for the process that runs the cells: nothing they show may depend on the clock. */
export const REPRODUCIBLE = 'GMM_VAE_REPRODUCIBLE';

type Env = Readonly<Record<string, string | undefined>>;

export function isReproducible(env: Env = process.env): boolean {
  return env[REPRODUCIBLE] === '1';
}

/** What a call returned and how long it took. */
export interface Timed<T> {
  readonly value: T;
  /** Wall time; null in a reproducible run, which must not show what differs from run to run. */
  readonly milliseconds: number | null;
}

/**
 * Runs `work` and says how long it took. The one place where a notebook gets times from: under `--reproducible` there are
 * none, and the notebook shows something that can be counted instead, such as evaluations.
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

/** `timed` for work that is awaited, such as a step of `compile`. */
export async function timedAsync<T>(
  work: () => Promise<T>,
  { env = process.env, now = () => performance.now() }: { readonly env?: Env; readonly now?: () => number } = {},
): Promise<Timed<T>> {
  if (isReproducible(env)) return { value: await work(), milliseconds: null };
  const start = now();
  const value = await work();
  return { value, milliseconds: now() - start };
}
