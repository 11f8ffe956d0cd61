import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const IMPORT = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g;
const LITERAL = /(['"`])((?:\\.|(?!\1)[^\\\n]){1,300})\1/g;
/** `process.env.NAME`, `process.env['NAME']`, and `{ NAME }` taken from it. */
const VARIABLE = /\benv\s*(?:\?\.|\.)\s*([\w$]+)|\benv\s*(?:\?\.)?\[\s*(['"`])([^'"`\n]+)\2\s*\]/g;
const TAKEN = /\{([^{}]*)\}\s*(?::[^=\n]*)?=\s*(?:process\s*\.\s*)?env\b/g;
const ENDINGS = ['', '.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

/** What one piece of code reaches outside itself. */
export interface Reached {
  /** Paths of local modules, of those they import, and of files that the code names in a string. */
  readonly files: ReadonlySet<string>;
  /** `name@version` of packages. */
  readonly packages: ReadonlySet<string>;
  /** Names of environment variables. */
  readonly variables: ReadonlySet<string>;
}

/** Follows the imports of code that runs in `folder`, and finds the files and environment variables it names. A name put together at run time is not seen. */
export function reachedBy(code: string, folder: string): Reached {
  const files = new Set<string>();
  const packages = new Set<string>();
  const variables = new Set<string>();
  const follow = (source: string, from: string): void => {
    const imported = new Set([...source.matchAll(IMPORT)].map(([, , name = '']) => name));
    for (const name of imported) {
      const file = /^[./]/.test(name) ? findModule(resolve(from, name)) : undefined;
      if (file === undefined) {
        if (!/^([./]|node:)/.test(name)) packages.add(packageVersion(name, from));
      } else if (!files.has(file)) {
        files.add(file);
        follow(readFileSync(file, 'utf8'), dirname(file));
      }
    }
    // A file is opened relative to the notebook's folder wherever the code that names it lies.
    for (const [, , text = ''] of source.matchAll(LITERAL)) {
      const file = resolve(folder, text);
      if (!imported.has(text) && isFile(file)) files.add(file);
    }
    for (const name of variablesIn(source)) variables.add(name);
  };
  follow(code, folder);
  return { files, packages, variables };
}

function variablesIn(code: string): string[] {
  if (!/\benv\b/.test(code)) return [];
  const read = [...code.matchAll(VARIABLE)].map(([, name, , quoted]) => name ?? quoted ?? '');
  const taken = [...code.matchAll(TAKEN)].flatMap(([, names = '']) => names.split(','));
  return [...read, ...taken.map((name) => /^\s*([\w$]*)/.exec(name)?.[1] ?? '')].filter((name) => name !== '');
}

function findModule(path: string): string | undefined {
  const written = ENDINGS.map((ending) => path + ending);
  // TypeScript names a module by the JavaScript it becomes.
  return [...written, path.replace(/\.([cm]?)js$/, '.$1ts')].find(isFile);
}

/** `name@version` as code in `folder` finds it; the name alone where it is not installed. */
export function packageVersion(specifier: string, folder: string): string {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  // The file itself: not every package's `exports` let it be required.
  const places = createRequire(join(folder, 'cell.js')).resolve.paths(name) ?? [];
  const file = places.map((place) => join(place, name, 'package.json')).find(isFile);
  if (file === undefined) return name;
  return `${name}@${(JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version}`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
