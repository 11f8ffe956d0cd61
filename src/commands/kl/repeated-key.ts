/** The parts of a JSON text that say where in it one is: strings, brackets, commas and colons. */
const PART = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]/gs;

/** An object or list that is being read. */
interface Open {
  /** The keys so far; null for a list. */
  readonly keys: Set<string> | null;
  /** Where it stands in what it is part of: `.q`, `[1]`. */
  readonly place: string;
  /** The key or index of the part that is being read. */
  at: string | number;
}

/**
 * Finds a key that an object of a JSON text has twice, which `JSON.parse` reads as if the first were not there.
 *
 * @param text JSON that has been parsed without an error
 * @returns the object's place and the key, as `q.components[1].mean`; undefined where every key stands once
 */
export function repeatedKey(text: string): string | undefined {
  const open: Open[] = [];
  let last = '';
  for (const [part] of text.matchAll(PART)) {
    const inner = open.at(-1);
    if (part === '{' || part === '[') {
      const place = inner === undefined ? '' : inner.keys ? `.${inner.at}` : `[${inner.at}]`;
      open.push({ keys: part === '{' ? new Set() : null, place, at: 0 });
    } else if (part === '}' || part === ']') open.pop();
    else if (part === ',' && inner && !inner.keys) inner.at = Number(inner.at) + 1;
    else if (part === ':' && inner?.keys) {
      inner.at = JSON.parse(last) as string;
      if (inner.keys.has(inner.at)) return `${open.map(({ place }) => place).join('')}.${inner.at}`.replace(/^\./, '');
      inner.keys.add(inner.at);
    }
    last = part;
  }
  return undefined;
}
