import { display } from '../display';
import { nth } from '../nth';
import { decode, type Factory } from './decode';
import { plainText } from './plain-text';
import type { Program } from './program';

/** A move, as the page sends it. */
interface Move {
  readonly id: number;
  readonly cell: number;
  readonly values: object;
}

/** What a worker is in a page, as far as this file needs it. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Move }) => void) | null;
  postMessage(message: object): void;
}

export interface PageCell {
  readonly program: Program;
  readonly factories: readonly Factory[];
}

const SHOWN = ['application/vnd.plotly.v1+json', 'text/plain'];

/**
 * Answers the moves of a page's live cells, in a web worker: each with the bundle of what the cell's function gives, or with its error.
 * @param library what the cells import from gmm-vae, by name
 */
export function serve(
  scope: WorkerScope,
  cells: readonly PageCell[],
  library: Readonly<Record<string, unknown>>,
): void {
  const functions = new Map<number, (values: object) => unknown>();
  const answer = async ({ id, cell, values }: Move): Promise<object> => {
    try {
      const { program, factories } = nth(cells, cell);
      const run = functions.get(cell) ?? (decode(program, factories, library) as (values: object) => unknown);
      functions.set(cell, run);
      return { id, bundle: bundleOf(await run(values)) };
    } catch (error) {
      const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
      return { id, error: `${name}: ${message}` };
    }
  };
  scope.onmessage = ({ data }) => void answer(data).then((message) => scope.postMessage(message));
}

/** What a page can show of a value: a figure, or its text. */
function bundleOf(value: unknown): Record<string, unknown> {
  const own = (value as { [display]?: unknown } | null | undefined)?.[display];
  if (typeof own !== 'function') return { 'text/plain': plainText(value) };
  const bundle = own.call(value) as Record<string, unknown>;
  return Object.fromEntries(SHOWN.flatMap((mime) => (mime in bundle ? [[mime, bundle[mime]]] : [])));
}
