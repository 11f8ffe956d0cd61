// Compiles optimizers.ts to WebAssembly and writes it as a TypeScript module, so that the sources, dist/ and a bundle all find it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const source = fileURLToPath(new URL('optimizers.ts', import.meta.url));
const target = fileURLToPath(new URL('../src/compile/optimizers/kernels.generated.ts', import.meta.url));

/** @type {Uint8Array | undefined} */
let wasm;
const flags = ['-O3', '--enable', 'simd', '--importMemory', '--noExportMemory', '--runtime', 'stub', '--use', 'abort='];
const { error, stderr } = await main([source, '--outFile', 'optimizers.wasm', ...flags], {
  /** @type {(name: string, contents: unknown) => void} */
  writeFile: (name, contents) => {
    if (name.endsWith('.wasm')) wasm = /** @type {Uint8Array} */ (contents);
  },
});
if (error || !wasm) {
  process.stderr.write(`${stderr.toString()}${error?.message ?? 'no output'}\n`);
  process.exit(1);
}
const text = Buffer.from(wasm).toString('base64');
writeFileSync(
  target,
  `// Made by assembly/build.mjs from assembly/optimizers.ts. Do not edit.\nexport const KERNELS_WASM: string =\n  '${text}';\n`,
);
