// Compiles the kernels to WebAssembly and writes each as a TypeScript module, so that the sources, dist/ and a bundle all find them.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const KERNELS = {
  optimizers: '../src/compile/optimizers/kernels.generated.ts',
  mixture: '../src/distributions/fit/kernels.generated.ts',
  random: '../src/data/kernels.generated.ts',
  scoring: '../src/vae/evaluation/kernels.generated.ts',
};
const FLAGS = ['-O3', '--enable', 'simd', '--importMemory', '--noExportMemory', '--runtime', 'stub', '--use', 'abort='];

for (const [name, target] of Object.entries(KERNELS)) {
  const source = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error, stderr } = await main([source, '--outFile', `${name}.wasm`, ...FLAGS], {
    /** @type {(file: string, contents: unknown) => void} */
    writeFile: (file, contents) => {
      if (file.endsWith('.wasm')) wasm = /** @type {Uint8Array} */ (contents);
    },
  });
  if (error || !wasm) {
    process.stderr.write(`${stderr.toString()}${error?.message ?? 'no output'}\n`);
    process.exit(1);
  }
  const text = Buffer.from(wasm).toString('base64');
  writeFileSync(
    fileURLToPath(new URL(target, import.meta.url)),
    `// Made by assembly/build.mjs from assembly/${name}.ts. Do not edit.\nexport const KERNELS_WASM: string =\n  '${text}';\n`,
  );
}
