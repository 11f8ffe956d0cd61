/** The deepest objects that are written out, as Node prints them. */
const DEPTH = 2;

/**
 * A value as the kernel prints it, on one line: with the infinities, NaN, −0 and bigints that JSON lacks, and without the line breaks that Node
 * puts into long ones.
 */
export function plainText(value: unknown): string {
  return typeof value === 'string' ? value : written(value, 0, []);
}

function written(value: unknown, depth: number, around: readonly object[]): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `[${isClass(value) ? 'class' : 'Function:'} ${value.name || '(anonymous)'}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (around.includes(value)) return '[Circular *1]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const name = nameOf(value);
  if (depth > DEPTH) return `[${name || (Array.isArray(value) ? 'Array' : 'Object')}]`;
  const inner = (part: unknown): string => written(part, depth + 1, [...around, value]);
  const [opening, parts, closing] = partsOf(value, inner);
  const body = parts.length === 0 ? `${opening}${closing}` : `${opening} ${parts.join(', ')} ${closing}`;
  return name === '' ? body : `${name} ${body}`;
}

function partsOf(value: object, inner: (part: unknown) => string): readonly [string, readonly string[], string] {
  if (value instanceof Map) return ['{', [...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`), '}'];
  if (value instanceof Set) return ['{', [...value].map(inner), '}'];
  if (Array.isArray(value) || isTyped(value)) return ['[', Array.from(value as ArrayLike<unknown>, inner), ']'];
  const entries = Object.entries(value);
  return ['{', entries.map(([key, item]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${inner(item)}`), '}'];
}

/** What stands before the brackets: nothing for plain objects and arrays. */
function nameOf(value: object): string {
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name}(${value.size})`;
  if (isTyped(value)) return `${value.constructor.name}(${value.length})`;
  const made = Object.getPrototypeOf(value) as object | null;
  if (made === null) return '[Object: null prototype]';
  return made === Object.prototype || made === Array.prototype ? '' : made.constructor.name;
}

const isTyped = (value: object): value is Float64Array => ArrayBuffer.isView(value) && 'length' in value;

const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));

/** Quotes a text with the marks that need the fewest escapes, as Node chooses them. */
function quoted(text: string): string {
  const marks = /\$\{/.test(text) ? ["'", '"'] : ["'", '"', '`'];
  const mark = marks.find((one) => !text.includes(one)) ?? "'";
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `${mark}${mark === "'" ? inner.replaceAll("'", "\\'") : inner}${mark}`;
}
