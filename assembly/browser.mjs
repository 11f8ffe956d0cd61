// Builds `gmm-vae/browser`: the modules that src/browser.ts reaches, one ES module each, so that a page or a bundler takes what it uses.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import live from '../dist/live/pinned.js';

const { ELEMENTARY, pinned } = live;

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Files of the folder that are asked for by name, and where they come from; all else in it is free to change. */
const ENTRIES = {
  browser: 'src/browser.ts',
  worker: 'src/live/page-worker.ts',
  explore: 'src/live/explore-worker.ts',
  ...Object.fromEntries(ELEMENTARY.map((name) => [`elementary/${name}`, `assembly/elementary/${name}.mjs`])),
};
/** What stdlib carries for engines that have no typed arrays, which is most of its size. */
const NATIVE = {
  'array-float64': 'module.exports = Float64Array;',
  'array-uint32': 'module.exports = Uint32Array;',
  'array-uint16': 'module.exports = Uint16Array;',
  'array-uint8': 'module.exports = Uint8Array;',
  'assert-is-little-endian': 'module.exports = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;',
  'utils-define-nonenumerable-read-only-property':
    'module.exports = (object, name, value) => Object.defineProperty(object, name, { value });',
};
const FOLDER = here('dist/browser');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'error',
  absWorkingDir: here('.'),
  plugins: [
    {
      name: 'native arrays',
      setup({ onResolve, onLoad }) {
        const filter = new RegExp(`^@stdlib/(${Object.keys(NATIVE).join('|')})$`);
        onResolve({ filter }, ({ path }) => ({ path: path.slice('@stdlib/'.length), namespace: 'native' }));
        onLoad({ filter: /./, namespace: 'native' }, ({ path }) => ({ contents: NATIVE[path] }));
      },
    },
    {
      name: 'elementary functions',
      setup({ onLoad }) {
        onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
          contents: pinned(readFileSync(path, 'utf8'), (name) => here(`assembly/elementary/${name}.mjs`)),
          loader: 'ts',
        }));
      },
    },
  ],
};

const reached = await build({
  ...shared,
  entryPoints: [ENTRIES.browser, ENTRIES.worker, ENTRIES.explore],
  outdir: FOLDER,
  write: false,
  metafile: true,
});
const modules = Object.keys(reached.metafile.inputs).filter((path) => path.startsWith('src/'));
const made = `${FOLDER}.${process.pid}.tmp`;
await build({
  ...shared,
  // As every module is an entry, whatever two of them share is a file of its own, and a bundler can leave out what it does not use.
  entryPoints: [
    ...Object.entries(ENTRIES).map(([out, path]) => ({ in: path, out })),
    ...modules
      .filter((path) => !Object.values(ENTRIES).includes(path))
      .map((path) => ({ in: path, out: `modules/${path}` })),
  ],
  outdir: made,
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
});
rmSync(`${made}/modules`, { recursive: true });
// Imports for their effects alone: there are none, and bundlers would warn of each.
for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
  const path = `${entry.parentPath}/${entry.name}`;
  if (entry.isFile()) writeFileSync(path, readFileSync(path, 'utf8').replace(/^import "[^"]+";\n/gm, ''));
}
writeFileSync(`${made}/browser.d.mts`, "export * from '../browser.js';\n");
writeFileSync(`${made}/package.json`, '{ "type": "module", "sideEffects": false }\n');
rmSync(FOLDER, { recursive: true, force: true });
renameSync(made, FOLDER);
