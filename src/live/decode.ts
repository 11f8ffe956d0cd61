import { fromPortable, type Portable } from '../distributions/portable';
import { RandomStream } from '../math/random';
import { nth } from '../nth';
import type { Node, Plain, Program } from './program';

/** What a bundle puts in the place of a program's sources: makes each function from what it captures. */
export type Factory = (captured: object) => unknown;

/**
 * Makes the function of a program again.
 * @param factories one for each of its sources
 * @param library what it imports from gmm-vae, by name
 */
export function decode(
  program: Program,
  factories: readonly Factory[],
  library: Readonly<Record<string, unknown>>,
): unknown {
  const made = new Map<number, unknown>();
  const read = (plain: Plain): unknown => {
    if (typeof plain !== 'object' || plain === null) return plain;
    if ('number' in plain) return Number(plain.number);
    if ('bigint' in plain) return BigInt(plain.bigint);
    return 'ref' in plain ? node(plain.ref) : undefined;
  };
  const node = (index: number): unknown => {
    if (!made.has(index)) make(index, nth(program.nodes, index));
    return made.get(index);
  };
  /** What may lead back to itself is known before its parts are. */
  const make = (index: number, given: Node): void => {
    const is = <T>(value: T): T => {
      made.set(index, value);
      return value;
    };
    switch (given.kind) {
      case 'array': {
        const array = is([] as unknown[]);
        for (const item of given.items) array.push(read(item));
        break;
      }
      case 'set': {
        const set = is(new Set());
        for (const item of given.items) set.add(read(item));
        break;
      }
      case 'object': {
        const object = is({} as Record<string, unknown>);
        for (const [name, value] of given.entries)
          Object.defineProperty(object, name, {
            value: read(value),
            writable: true,
            enumerable: true,
            configurable: true,
          });
        break;
      }
      case 'map': {
        const map = is(new Map());
        for (const [key, value] of given.entries) map.set(read(key), read(value));
        break;
      }
      case 'typed':
        is(new globalThis[given.type](Uint8Array.from(atob(given.base64), (byte) => byte.charCodeAt(0)).buffer));
        break;
      case 'date':
        is(new Date(read(given.time) as number));
        break;
      case 'distribution':
        is(fromPortable(read(given.portable) as Portable));
        break;
      case 'stream':
        is(RandomStream.restore(given.state));
        break;
      case 'library':
        is(library[given.name]);
        break;
      case 'function': {
        const captured = {};
        // Read when they are used: functions may call each other.
        for (const [name, value] of given.captures) Object.defineProperty(captured, name, { get: () => read(value) });
        const made = is(nth(factories, given.source)(captured));
        for (const [name, value] of given.own ?? [])
          Object.defineProperty(made, name, {
            value: read(value),
            writable: true,
            enumerable: true,
            configurable: true,
          });
      }
    }
  };
  return read(program.entry);
}
