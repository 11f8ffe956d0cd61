// What the compiled kernels are made from, and how; without the compiler, so that a test can read it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const FLAGS = [
  ...['-O3', '--enable', 'simd', '--importMemory', '--noExportMemory'],
  ...['--runtime', 'stub', '--use', 'abort='],
];

/** Where each kernel's source `assembly/NAME.ts` goes as a TypeScript module. */
export const KERNELS = {
  optimizers: 'src/compile/optimizers/kernels.generated.ts',
  mixture: 'src/distributions/fit/kernels.generated.ts',
  random: 'src/data/kernels.generated.ts',
  scoring: 'src/vae/evaluation/kernels.generated.ts',
  products: 'src/math/products/kernels.generated.ts',
};

/** @param {string} path relative to the project */
export const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Changes with all that the compiled kernel depends on: source, flags, and the compiler's version. @param {string} name */
export function stampOf(name) {
  const { dependencies } = JSON.parse(readFileSync(file('assembly/package.json'), 'utf8'));
  const source = readFileSync(file(`assembly/${name}.ts`), 'utf8').replaceAll('\r\n', '\n');
  return createHash('sha256')
    .update(JSON.stringify([source, FLAGS, dependencies]))
    .digest('hex');
}

/** The module that carries a compiled kernel. @param {string} name @param {Uint8Array} wasm */
export function moduleOf(name, wasm) {
  const text = Buffer.from(wasm).toString('base64');
  return `// Made by \`npm run kernels\` from assembly/${name}.ts. Do not edit.
// ${stampOf(name)}
export const KERNELS_WASM: string =
  '${text}';
`;
}
