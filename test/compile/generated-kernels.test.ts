import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { file, KERNELS, moduleOf, stampOf } from '../../assembly/kernels.mjs';

describe('the WebAssembly kernels that are committed', () => {
  it.each(Object.entries(KERNELS))(
    'are made from the source, flags and compiler that stand there: %s',
    (name, path) => {
      const text = readFileSync(file(path), 'utf8');
      expect(text.split('\n')[1], 'run `npm run kernels`').toBe(`// ${stampOf(name)}`);
      const [, base64 = ''] = /'([\w+/=]+)'/.exec(text) ?? [];
      const wasm = Buffer.from(base64, 'base64');
      expect(text).toBe(moduleOf(name, wasm));
      expect(WebAssembly.validate(wasm)).toBe(true);
    },
  );
});
