import { type Portable, toPortable } from '../distributions/portable';
import type { RandomStream } from '../math/random';
import { type Node, type Plain, type Program, TYPED_ARRAYS } from './program';

/** A value that has no place in a page; the message is one line. */
export class CannotCarry extends Error {
  override readonly name = 'CannotCarry';
}

/** A function's text with what it takes from outside. */
export interface Captured {
  readonly source: string;
  readonly captures: ReadonlyMap<string, unknown>;
}

export interface EncodeOptions {
  /** Reads a function of a notebook. @throws CannotCarry where it takes something that cannot be found. */
  readonly capture: (fn: (...args: never) => unknown) => Captured;
  /** The name by which gmm-vae/browser has this value; null where it is of gmm-vae and needs Node; undefined where it is not of gmm-vae. */
  readonly libraryName: (value: unknown) => string | null | undefined;
}

/**
 * Writes a function with all that it needs as data.
 * @throws CannotCarry naming what has no place in a page
 */
export function encode(fn: (...args: never) => unknown, options: EncodeOptions): Program {
  const nodes: Node[] = [];
  const sources: string[] = [];
  const known = new Map<object, number>();
  const views: View[] = [];
  const plain = (value: unknown, name: string): Plain => {
    if (value === undefined) return { undefined: true };
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { number: Object.is(value, -0) ? '-0' : `${value}` };
    if (typeof value === 'bigint') return { bigint: `${value}` };
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'symbol') throw new CannotCarry(`\`${name}\` is a symbol`);
    return { ref: reference(value as object, name) };
  };
  const reference = (value: object, name: string): number => {
    const earlier = known.get(value);
    if (earlier !== undefined) return earlier;
    const index = nodes.length;
    known.set(value, index);
    // Its place is taken before its parts are written, which may lead back to it.
    nodes.push({ kind: 'object', entries: [] });
    nodes[index] = node(value, name);
    return index;
  };
  /** What a function of a function lacks is told with the function that asks for it. */
  const captured = (value: (...args: never) => unknown, name: string): Captured => {
    try {
      return options.capture(value);
    } catch (error) {
      if (value === fn || !(error instanceof CannotCarry)) throw error;
      throw new CannotCarry(`\`${name}\`: ${error.message}`);
    }
  };
  const node = (value: object, name: string): Node => {
    const library = options.libraryName(value);
    if (library === null) throw new CannotCarry(`\`${name}\` needs Node: gmm-vae/browser has no such name`);
    if (library !== undefined) return { kind: 'library', name: library };
    if (typeof value === 'function') {
      const { source, captures } = captured(value as (...args: never) => unknown, name);
      sources.push(source);
      const at = sources.length - 1;
      const own = ownProperties(value, source).flatMap(([key, part, isNeeded]): (readonly [string, Plain])[] => {
        try {
          return [[key, plain(part, `${name}.${key}`)]];
        } catch (error) {
          // What stands in the source of a class is made there again.
          if (isNeeded || !(error instanceof CannotCarry)) throw error;
          return [];
        }
      });
      return {
        kind: 'function',
        source: at,
        captures: [...captures].map(([key, part]) => [key, plain(part, key)]),
        ...(own.length > 0 && { own }),
      };
    }
    if (ArrayBuffer.isView(value)) {
      checkIsAlone(value, name, views);
      views.push({ value, name });
    }
    return dataNode(value, name, plain);
  };
  const entry = plain(fn, 'the callback');
  return { nodes, entry, sources };
}

/** What has been given to a function or class beside its source, and whether the source cannot stand for it. */
function ownProperties(fn: object, source: string): (readonly [key: string, value: unknown, isNeeded: boolean])[] {
  return Object.entries(fn).flatMap(([key, value]) => {
    const isNeeded = !/^\(?class\b/.test(source) || !source.includes(key);
    return isNeeded || typeof value !== 'function' ? [[key, value, isNeeded] as const] : [];
  });
}

/** Arrays that are more, or less, than their items. */
function checkItems(value: readonly unknown[], name: string): void {
  const index = Object.keys(value).findIndex((key, i) => key !== String(i));
  const key = Object.keys(value)[index];
  if (key !== undefined && !/^\d+$/.test(key)) throw new CannotCarry(`\`${name}.${key}\` is a property of an array`);
  if (index >= 0 || Object.keys(value).length < value.length)
    throw new CannotCarry(`\`${name}\` has places without a value`);
}

/** A typed array that a program carries. */
interface View {
  readonly value: ArrayBufferView;
  readonly name: string;
}

/** What is written into one of two arrays in the same memory is read from the other; a page would have two copies. */
function checkIsAlone({ buffer, byteOffset, byteLength }: ArrayBufferView, name: string, views: readonly View[]): void {
  const other = views.find(
    ({ value }) =>
      value.buffer === buffer &&
      value.byteOffset < byteOffset + byteLength &&
      byteOffset < value.byteOffset + value.byteLength,
  );
  if (other) throw new CannotCarry(`\`${name}\` shares its memory with \`${other.name}\``);
}

/** Whether a value is of this class itself: one of a class made from it has more than a page would give it. */
const isOf = (value: object, type: { readonly prototype: object }): boolean =>
  Object.getPrototypeOf(value) === type.prototype;

function dataNode(value: object, name: string, plain: (value: unknown, name: string) => Plain): Node {
  if (Array.isArray(value) && isOf(value, Array)) {
    checkItems(value, name);
    return { kind: 'array', items: value.map((item, i) => plain(item, `${name}[${i}]`)) };
  }
  if (isDistribution(value)) return { kind: 'distribution', portable: plain(toPortable(value), name) };
  if (isStream(value)) return { kind: 'stream', state: value.state() };
  const type = TYPED_ARRAYS.find((typed) => isOf(value, globalThis[typed]));
  if (type) {
    const { buffer, byteOffset, byteLength } = value as Float64Array;
    return { kind: 'typed', type, base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
  }
  if (value instanceof Map && isOf(value, Map))
    return { kind: 'map', entries: [...value].map(([key, item]) => [plain(key, name), plain(item, name)]) };
  if (value instanceof Set && isOf(value, Set))
    return { kind: 'set', items: [...value].map((item) => plain(item, name)) };
  if (value instanceof Date && isOf(value, Date)) return { kind: 'date', time: plain(value.getTime(), name) };
  const made = Object.getPrototypeOf(value) as object | null;
  if (made !== null && made !== Object.prototype)
    throw new CannotCarry(
      `\`${name}\` is a ${made.constructor?.name || 'thing of a class'}: a page takes numbers, words, arrays, plain objects, distributions and functions`,
    );
  const accessor = Object.entries(Object.getOwnPropertyDescriptors(value)).find(([, { get, set }]) => get ?? set);
  if (accessor) throw new CannotCarry(`\`${name}.${accessor[0]}\` is computed when it is read`);
  return { kind: 'object', entries: Object.entries(value).map(([key, item]) => [key, plain(item, `${name}.${key}`)]) };
}

type Distribution = Parameters<typeof toPortable>[0];

// By what they have, not by their classes: a notebook may have a copy of the library of its own.
function isDistribution(value: object): value is Distribution {
  const kinds: readonly Portable['kind'][] = ['normal', 'diagonal', 'full', 'mixture'];
  const { kind, logProb } = value as Partial<Distribution>;
  return kind !== undefined && kinds.includes(kind) && typeof logProb === 'function';
}

function isStream(value: object): value is RandomStream {
  const { fillNormal, skip } = value as Partial<RandomStream>;
  return typeof fillNormal === 'function' && typeof skip === 'function';
}
