import { z } from 'zod';
import type { MimeBundle } from '../../display';

/** nbformat writes long text as a list of lines; reading accepts both. */
export type MultilineText = string | readonly string[];

const text: z.ZodType<MultilineText> = z.union([z.string(), z.array(z.string())], 'expected text or a list of lines');
const lines: z.ZodType<readonly string[]> = z.array(z.string(), 'expected a list of lines');
const data: z.ZodType<MimeBundle> = z.record(z.string(), z.unknown(), 'expected an object of MIME types');
/** Does not check the fields that a reader can do without: many programs write notebooks. */
const unchecked = <T>() => z.custom<T>().optional() as unknown as z.ZodType<T>;
const metadata = unchecked<Record<string, unknown>>();

const output = byKind('output_type', [
  z.object({ output_type: z.literal('stream'), name: unchecked<'stdout' | 'stderr'>(), text }),
  z.object({ output_type: z.literal('display_data'), data, metadata }),
  z.object({ output_type: z.literal('execute_result'), execution_count: unchecked<number | null>(), data, metadata }),
  z.object({
    output_type: z.literal('error'),
    ename: z.string('expected text'),
    evalue: z.string('expected text'),
    traceback: lines,
  }),
]);

const shared = {
  id: unchecked<string>().optional(),
  metadata: z
    .looseObject({ tags: z.array(z.string(), 'expected a list of texts').optional() }, 'expected an object')
    .transform((value): Record<string, unknown> & { tags?: string[] } => value as never),
  source: text,
  attachments: unchecked<Record<string, MimeBundle>>().optional(),
};

const cell = byKind('cell_type', [
  z.object({
    cell_type: z.literal('code'),
    ...shared,
    execution_count: unchecked<number | null>(),
    outputs: z.array(output, 'expected a list'),
  }),
  z.object({ cell_type: z.literal('markdown'), ...shared }),
  z.object({ cell_type: z.literal('raw'), ...shared }),
]);

/** The fields of a notebook, format 4, that are read. All others are left as they are. */
export const notebookSchema = z.object(
  {
    nbformat: z.literal(4, { error: ({ input }) => `expected 2, 3 or 4, got ${shown(input)}` }),
    nbformat_minor: z.int('expected a whole number'),
    metadata: z.record(z.string(), z.unknown(), 'expected an object'),
    cells: z.array(cell, 'expected a list'),
  },
  'expected a JSON object',
);

export type Output = z.infer<typeof output>;
export type Cell = z.infer<typeof cell>;
export type CodeCell = Extract<Cell, { cell_type: 'code' }>;
/** A Jupyter notebook, format 4.5. */
export type Notebook = z.infer<typeof notebookSchema>;

/** Objects told apart by one field, which an error names with what it may be. */
function byKind<const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  field: string,
  kinds: T,
) {
  const names = kinds.flatMap(({ _zod }) => [...(_zod.propValues?.[field] ?? [])]).map(String);
  const known = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names);
  return z.discriminatedUnion(field, kinds, {
    error: ({ code, input }) =>
      code === 'invalid_union' ? `expected ${known}, got ${shown((input as never)[field])}` : 'expected an object',
  });
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
