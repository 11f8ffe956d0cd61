import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The compiled file for `name` (`kl/x` for src/kl/x.ts), also when this file itself runs uncompiled under the tests; null in a bundle
 * that leaves it out.
 */
export function compiledFile(name: string): string | null {
  const places = [join(__dirname, '..', `${name}.js`), join(__dirname, '..', '..', 'dist', `${name}.js`)];
  return places.find((place) => existsSync(place)) ?? null;
}
