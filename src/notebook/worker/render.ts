import { inspect } from 'node:util';
import { display, escapeHtml, type MimeBundle } from '../../display';
import { withoutHookFields } from './output';

const TABLE_ROWS = 20;

/** What a cell's last value shows: its own bundle, a table for a danfojs frame, values for a tensor, else Node's text. */
export async function render(value: unknown): Promise<MimeBundle> {
  if (isObject(value)) {
    const own = (value as { [display]?: unknown })[display];
    if (typeof own === 'function') return normalise(await own.call(value));
    if (isFrame(value)) return frameBundle(value);
    if (isTensor(value)) return { 'text/plain': tensorText(value) };
  }
  const text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 });
  return { 'text/plain': withoutHookFields(text) };
}

/** Binary representations travel in base64; everything else as it is. */
export function normalise(bundle: unknown): MimeBundle {
  if (!isObject(bundle)) throw new TypeError('Symbol.for("Jupyter.display") must return an object of MIME types');
  return Object.fromEntries(
    Object.entries(bundle).map(([type, data]) => [
      type,
      data instanceof Uint8Array ? Buffer.from(data).toString('base64') : data,
    ]),
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

interface Tensor {
  shape: number[];
  dtype: string;
  isDisposed: boolean;
  toString(verbose?: boolean): string;
}

function isTensor(value: object): value is Tensor {
  return 'dataSync' in value && 'dtype' in value && Array.isArray((value as { shape?: unknown }).shape);
}

function tensorText(tensor: Tensor): string {
  return tensor.isDisposed
    ? `Tensor ${tensor.dtype} [${tensor.shape}] (disposed)`
    : `Tensor ${tensor.dtype} [${tensor.shape}]\n${tensor.toString().replace(/^Tensor\n/, '')}`;
}

/** A danfojs DataFrame or Series, recognised by shape so that the kernel need not load danfojs. */
interface Frame {
  columns: string[];
  index: (string | number)[];
  values: unknown[];
  $isSeries: boolean;
  toString(): string;
}

function isFrame(value: object): value is Frame {
  const frame = value as Partial<Frame>;
  return (
    typeof frame.$isSeries === 'boolean' &&
    Array.isArray(frame.columns) &&
    Array.isArray(frame.index) &&
    Array.isArray(frame.values)
  );
}

function frameBundle(frame: Frame): MimeBundle {
  const shown = frame.values.slice(0, TABLE_ROWS);
  const head = ['', ...frame.columns].map((name) => `<th scope="col">${cell(name)}</th>`).join('');
  const body = shown.map((row, i) => {
    const cells = (frame.$isSeries ? [row] : (row as unknown[])).map((value) => `<td>${cell(value)}</td>`).join('');
    return `<tr><th scope="row">${cell(frame.index[i])}</th>${cells}</tr>`;
  });
  const rest = frame.values.length - shown.length;
  const caption = rest > 0 ? `<caption>${rest} more rows of ${frame.values.length}</caption>` : '';
  return {
    'text/html': `<table>${caption}<thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`,
    'text/plain': frame.toString(),
  };
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'number' ? String(Number(value.toPrecision(7))) : String(value);
  return escapeHtml(text);
}
