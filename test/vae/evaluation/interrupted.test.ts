import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageFile } from '../../../src/package';

/** Interrupts a scoring on two threads at random moments, each of them within ONNX Runtime's code or between two of its calls. */
const SCRIPT = `
const { evaluate, syntheticDigits, Vae } = require(${JSON.stringify(packageFile('dist', 'index.js'))});
(async () => {
  const model = new Vae({ pixels: 784, latent: 8, hidden: [200], prior: { kind: 'gaussian-mixture', components: 10 }, seed: 1 });
  const { test } = syntheticDigits({ train: 1, test: 100, seed: 1 });
  let stopped = 0;
  for (let i = 0; i < 12; i++) {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(new Error('stop')), 250 + 25 * i);
    await evaluate(model, test, { samples: 5000, seed: 1, threads: 2, signal: interrupt.signal }).catch(({ message }) => {
      if (message !== 'stop') throw new Error(message);
      stopped++;
    });
  }
  console.log(stopped);
})();`;

// In a process of its own: ONNX Runtime aborts it where a thread is ended while it computes.
it('scoring on threads can be interrupted at any moment, and the process lives on', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT]);
  expect(stdout).toBe('12\n');
});
