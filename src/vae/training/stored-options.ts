import { OPTIONS } from './option-table';
import { OPTION_NAMES, type OptionName, type OptionValue } from './options';

/** The two parts of a checkpoint's manifest that hold options: what the bits depend on, and what may change when the training goes on. */
export type Part = 'training' | 'schedule';

type Table = typeof OPTIONS;
type Sparse = { readonly sparse: true };
type AlwaysThere = { readonly required: true } | { readonly default: unknown };
type In<P extends Part> = { [N in OptionName]: Table[N] extends { readonly kept: P } ? N : never }[OptionName];

/** The options in one part, as JSON: null where an option without default was not given, absent where a sparse one is the default. */
export type StoredOptions<P extends Part> = {
  [N in In<P> as Table[N] extends Sparse ? never : N]: Table[N] extends AlwaysThere
    ? OptionValue<N>
    : OptionValue<N> | null;
} & { [N in In<P> as Table[N] extends Sparse ? N : never]?: OptionValue<N> | undefined };

export const namesIn = (part: Part): readonly OptionName[] =>
  OPTION_NAMES.filter((name) => 'kept' in OPTIONS[name] && OPTIONS[name].kept === part);

export const isSparse = (name: OptionName): boolean => 'sparse' in OPTIONS[name];

export const defaultOf = (name: OptionName): unknown => ('default' in OPTIONS[name] ? OPTIONS[name].default : null);

/** One part of a manifest. */
export function storedOptions<P extends Part>(part: P, given: Readonly<Partial<Record<OptionName, unknown>>>) {
  const entries = namesIn(part)
    .map((name): [OptionName, unknown] => [name, given[name] ?? defaultOf(name)])
    .filter(([name, value]) => !(isSparse(name) && value === defaultOf(name)));
  return Object.fromEntries(entries) as StoredOptions<P>;
}

/** The options of one part with the defaults that it leaves out. */
export function spelledOut<P extends Part>(part: P, stored: StoredOptions<P>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    namesIn(part).map((name) => [name, (stored as Readonly<Record<string, unknown>>)[name] ?? defaultOf(name)]),
  );
}
