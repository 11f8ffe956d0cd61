import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stamp } from '../stamp';

/** What package managers write last: packages may have been in place, and incomplete, for a while. */
const RECORDS = ['.package-lock.json', '.yarn-integrity', '.yarn-state.yml', '.modules.yaml'];

interface Seen {
  /** Changes with every name that comes or goes, those of caches included. */
  readonly quick: string;
  /** Undefined until there is time for it: it asks about every package. */
  readonly thorough: string | undefined;
}

/** Notices that packages have been installed, updated or removed in the folders in which code in `folder` finds them. */
export class Installations {
  readonly #seen: Map<string, Seen>;

  constructor(folder: string) {
    const places: string[] = [];
    for (let at = folder; ; at = dirname(at)) {
      places.push(join(at, 'node_modules'));
      if (dirname(at) === at) break;
    }
    this.#seen = new Map(places.map((place) => [place, { quick: quickStamp(place), thorough: undefined }]));
  }

  /** Looks at every package, where that has been put off. A change before then counts as one, whatever it was. */
  catchUp(): void {
    for (const [place, { quick, thorough }] of this.#seen) {
      if (thorough !== undefined || quick !== quickStamp(place)) continue;
      this.#seen.set(place, { quick, thorough: thoroughStamp(place) });
    }
  }

  /** Returns whether anything has changed since the last time. */
  changed(): boolean {
    let changed = false;
    for (const [place, seen] of this.#seen) {
      const quick = quickStamp(place);
      if (quick === seen.quick) continue;
      const thorough = thoroughStamp(place);
      this.#seen.set(place, { quick, thorough });
      changed ||= thorough !== seen.thorough;
    }
    return changed;
  }
}

function quickStamp(place: string): string {
  const scopes = names(place).filter((name) => name.startsWith('@'));
  return ['.', ...scopes, ...RECORDS].map((name) => stamp(join(place, name))).join(' ');
}

function thoroughStamp(place: string): string {
  const packages = names(place).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? names(join(place, name)).map((inner) => join(name, inner)) : [name];
  });
  const parts = packages.map((name) => {
    const { ino = 0n, mtimeNs = 0n } = lstatSync(join(place, name), { throwIfNoEntry: false, bigint: true }) ?? {};
    return `${name}:${ino}:${mtimeNs}`;
  });
  return [...parts, ...RECORDS.map((name) => stamp(join(place, name)))].join(' ');
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
