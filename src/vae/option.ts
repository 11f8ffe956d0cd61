import { z } from 'zod';
import { InvalidArgumentError } from '../errors';

/** What is used here of a schema of zod. A notebook's compiler reads these types, and would have to read all of zod's for more. */
export interface Schema<T> {
  readonly _output: T;
  safeParse(value: unknown): {
    readonly success: boolean;
    readonly error?: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] } | undefined;
  };
}

/** The values that an option may have, and their name in an error message. */
export interface Values<T> {
  readonly schema: Schema<T>;
  readonly expected: string;
  /** How the text of a flag is read. */
  readonly read: 'size' | 'count' | 'integer' | 'positive' | 'nonNegative' | 'sizes' | 'choice' | 'switch';
  /** What a choice is made from. */
  readonly choices?: readonly T[];
}

/** All that is known of one option of the library, of a command and of a checkpoint. */
export interface Spec<T> {
  /** The flag as it is typed: `--batch-size <n>`. */
  readonly flag: string;
  /** What `--help` says. */
  readonly help: string;
  /** True where the library has no default. */
  readonly required?: boolean;
  /** The library's default; without one, and where it is not required, the option may be left out. */
  readonly default?: T;
  /** The command's default where it is another; null: it has none. */
  readonly typed?: T | null;
  /** What `--help` says of a default that depends on other options. */
  readonly shown?: string;
  /**
   * Where a checkpoint's manifest keeps it. `model`: a field of the model itself, under the option's name; `training`: the bits depend on it,
   * so that a resumed training must have the same; `schedule`: it may differ when the training goes on; `model.…`: another place in the
   * model; null: nowhere.
   */
  readonly kept: 'model' | 'training' | 'schedule' | `model.${string}` | null;
  /** True where a checkpoint names the value only if it is not the default: checkpoints older than the option have none. */
  readonly sparse?: boolean;
}

export type OptionTable = Readonly<Record<string, Values<unknown> & Spec<unknown>>>;

/** The type of one option of a table. */
export type ValueOf<T extends OptionTable, N extends keyof T> = T[N]['schema']['_output'];

export function option<T, const S extends Spec<T>>(values: Values<T>, spec: S): S & Values<T> {
  return { ...values, ...spec };
}

export const size: Values<number> = { schema: z.int().positive(), expected: 'a positive integer', read: 'size' };
export const count: Values<number> = { schema: z.int().nonnegative(), expected: 'an integer ≥ 0', read: 'count' };
export const integer: Values<number> = { schema: z.int(), expected: 'an integer', read: 'integer' };
export const positive: Values<number> = {
  schema: z.number().positive(),
  expected: 'a positive number',
  read: 'positive',
};
export const nonNegative: Values<number> = {
  schema: z.number().nonnegative(),
  expected: 'a number ≥ 0',
  read: 'nonNegative',
};
export const yesOrNo: Values<boolean> = { schema: z.boolean(), expected: 'true or false', read: 'switch' };
export const sizes: Values<readonly number[]> = {
  schema: z.array(z.int().positive()),
  expected: 'a list of positive integers',
  read: 'sizes',
};

export function choice<const T extends string>(choices: readonly T[]): Values<T> {
  return {
    schema: z.enum(choices) as unknown as Schema<T>,
    expected: choices.join(' or '),
    read: 'choice',
    choices,
  };
}

/** Leaves out what is there but undefined: `{ beta: many ? 4 : undefined }` asks for the default. */
export function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** Returns where a manifest keeps an option, as `model.prior.kind`; null if it does not. */
export function placeOf(name: string, { kept }: Pick<Spec<unknown>, 'kept'>): string | null {
  return kept === null || kept.includes('.') ? kept : `${kept}.${name}`;
}

/** @throws InvalidArgumentError that names the option, or the element of a list, which cannot have this value */
export function checkOption({ schema, expected, required }: OptionTable[string], value: unknown, name: string): void {
  if (value === undefined && !required) return;
  const { error } = schema.safeParse(value);
  if (!error) return;
  const [index] = error.issues[0]?.path ?? [];
  throw typeof index === 'number'
    ? new InvalidArgumentError(
        `${name}[${index}]`,
        `expected ${size.expected}, got ${shown((value as unknown[])[index])}`,
      )
    : new InvalidArgumentError(name, `expected ${expected}, got ${shown(value)}`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));
