import { z } from 'zod';
import type { Values } from '../option';
import { OPTIONS } from './option-table';
import type { OptionName } from './options';
import { defaultOf, isSparse, namesIn, type Part, type StoredOptions } from './stored-options';

/** What an option's value must be, as a part of a larger schema. */
export function zodOf<T>({ schema }: Pick<Values<T>, 'schema'>): z.ZodType<T> {
  if (schema instanceof z.ZodType) return schema as z.ZodType<T>;
  throw new TypeError('expected an option whose schema is one of zod');
}

/** What a manifest may say in one part. */
export function storedSchema<P extends Part>(part: P): z.ZodType<StoredOptions<P>> {
  const shape = namesIn(part).map((name): [OptionName, z.ZodType] => {
    const schema = zodOf<unknown>(OPTIONS[name]);
    const mayBeAbsent = defaultOf(name) === null && !('required' in OPTIONS[name]);
    return [name, isSparse(name) ? schema.optional() : mayBeAbsent ? schema.nullable() : schema];
  });
  return z.object(Object.fromEntries(shape)) as unknown as z.ZodType<StoredOptions<P>>;
}
