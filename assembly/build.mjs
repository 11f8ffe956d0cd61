// Compiles the kernels to WebAssembly and writes each as a TypeScript module, so that the sources, dist/ and a bundle all find them:
// `npm run kernels`, after every change of their sources. With `--check` it writes nothing and fails where a module is not what its
// source gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';
import { FLAGS, file, KERNELS, moduleOf } from './kernels.mjs';

/** @param {string} name @returns {Promise<Uint8Array>} */
async function compiled(name) {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error, stderr } = await main([file(`assembly/${name}.ts`), '--outFile', `${name}.wasm`, ...FLAGS], {
    /** @type {(file: string, contents: unknown) => void} */
    writeFile: (path, contents) => {
      if (path.endsWith('.wasm')) wasm = /** @type {Uint8Array} */ (contents);
    },
  });
  if (!error && wasm) return wasm;
  process.stderr.write(`${stderr.toString()}${error?.message ?? 'no output'}\n`);
  process.exit(1);
}

for (const [name, target] of Object.entries(KERNELS)) {
  const text = moduleOf(name, await compiled(name));
  if (!process.argv.includes('--check')) writeFileSync(file(target), text);
  else if (readFileSync(file(target), 'utf8') !== text) {
    process.stderr.write(`${target} is not what assembly/${name}.ts gives: run \`npm run kernels\`\n`);
    process.exitCode = 1;
  }
}
