import { InvalidArgumentError } from '../errors';
import { toArray } from './plain-json';

type Trace = Readonly<Record<string, unknown>>;

/**
 * Plotly draws as many points as the shorter of two arrays has and says nothing of the others.
 *
 * @throws InvalidArgumentError where the coordinates of a trace are not of one length
 */
export function checkTraceLengths(data: readonly object[], argument = 'data'): void {
  data.forEach((trace, i) => {
    const { type, name } = trace as Trace;
    const problem =
      type === 'heatmap' || type === 'contour' ? problemOfGrid(trace as Trace) : problemOfPoints(trace as Trace);
    if (problem === undefined) return;
    const of = typeof name === 'string' ? ` of “${name}”` : '';
    throw new InvalidArgumentError(`${argument}[${i}].${problem.of}`, `${problem.message}${of}`);
  });
}

interface Problem {
  readonly of: string;
  readonly message: string;
}

const lengthOf = (value: unknown): number | undefined => toArray(value)?.length;

function problemOfPoints(trace: Trace): Problem | undefined {
  const [x, y] = [lengthOf(trace.x), lengthOf(trace.y)];
  if (x !== undefined && y !== undefined && x !== y)
    return { of: 'y', message: `expected ${x} values, one for each x, got ${y}` };
  for (const of of ['error_x', 'error_y'] as const) {
    for (const side of ['array', 'arrayminus'] as const) {
      const bars = lengthOf((trace[of] as Trace | undefined)?.[side]);
      if (bars !== undefined && bars !== (y ?? x))
        return { of: `${of}.${side}`, message: `expected ${y ?? x} values, one for each point, got ${bars}` };
    }
  }
  return undefined;
}

/** A map has as many rows as y and columns as x or, of a heatmap, one less: then they are the edges of its cells. */
function problemOfGrid({ type, x, y, z }: Trace): Problem | undefined {
  const rows = toArray(z)?.map((row) => lengthOf(row));
  if (rows === undefined) return undefined;
  const [columns] = rows;
  const odd = rows.findIndex((length) => length !== columns);
  if (odd >= 0) return { of: `z[${odd}]`, message: `expected ${columns} values as in the first row, got ${rows[odd]}` };
  const fits = (at: number | undefined, cells: number | undefined): boolean =>
    at === undefined || cells === undefined || at === cells || (type === 'heatmap' && at === cells + 1);
  if (!fits(lengthOf(y), rows.length))
    return { of: 'z', message: `expected ${lengthOf(y)} rows, one for each y, got ${rows.length}` };
  if (!fits(lengthOf(x), columns))
    return { of: 'z[0]', message: `expected ${lengthOf(x)} values, one for each x, got ${columns}` };
  return undefined;
}
