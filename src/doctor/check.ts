export type Env = Readonly<Record<string, string | undefined>>;

/** One thing the project needs or can use. */
export interface Check {
  readonly name: string;
  /** `missing` only for what the project cannot do without. */
  readonly state: 'ok' | 'optional' | 'missing';
  readonly detail: string;
  /** What to do about it, as a command where there is one. */
  readonly fix?: string;
}

/** A check that failed to look must say so and leave the others alone. */
export async function guarded(name: string, look: () => Promise<Check> | Check): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    return { name, state: 'optional', detail: `could not look: ${(error as Error).message.split('\n')[0]}` };
  }
}
