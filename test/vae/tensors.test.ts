import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { eagerBackend, tf } from '../../src/tensors';

describe('TensorFlow.js', () => {
  it('computes on the backend that we chose', () => {
    expect(tf.getBackend()).toBe(eagerBackend.name);
  });

  it('prints no banner in a fresh process, on neither stream, also next to danfojs in either order', async () => {
    for (const order of [
      ['tensors', 'danfojs'],
      ['danfojs', 'tensors'],
    ]) {
      const imports = { tensors: `import { tf } from './src/tensors';`, danfojs: `import 'danfojs-node';` };
      const contents = `${order.map((name) => imports[name as keyof typeof imports]).join('\n')}\ntf.add(1, 2).print();`;
      const built = buildSync({
        stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        packages: 'external',
        platform: 'node',
        format: 'cjs',
        write: false,
      });
      // Vitest wants to hear from this process every minute, however slow the machine.
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', built.outputFiles[0]?.text ?? '']);
      expect([stdout, stderr]).toEqual(['Tensor\n    3\n', '']);
    }
  });

  it('still checks shapes', () => {
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow(/inner shapes/);
  });
});
