import { execFile } from 'node:child_process';
import { GraphBuilder } from '../graph/builder';
import { encodeModel } from '../onnx/encode';
import type { DeviceName } from './devices';

/** How long a probe's matrix product took, or why the device does not work. */
export type ProbeResult = { readonly ms: number } | { readonly error: string };

/** Large enough to tell a GPU from a processor that plays one, small enough for the latter to finish. */
export const TIMED_SIZE = 512;
const RUNS = 3;
const TIMEOUT_MS = 60_000;

/**
 * Times a matrix product on `device` in a process of its own: graphics drivers write to stderr while they look for hardware, and a
 * broken one may take the process down.
 */
export function probe(device: DeviceName, size: number, env: NodeJS.ProcessEnv = process.env): Promise<ProbeResult> {
  const b = new GraphBuilder();
  const square = { dtype: 'float32', shape: [size, size] } as const;
  const product = b.matMul(b.input('a', square), b.input('b', square));
  const model = Buffer.from(
    encodeModel(b.graph([{ name: 'c', value: b.reduce('ReduceSum', product, [0, 1], false) }])),
  );
  const runtime = require.resolve('onnxruntime-node');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['-e', SCRIPT, runtime, device, String(size)],
      { env, timeout: TIMEOUT_MS },
      (error, stdout) => {
        const line = stdout.trim().split('\n').at(-1) ?? '';
        if (line.startsWith('{')) resolve(JSON.parse(line) as ProbeResult);
        else resolve({ error: `the probe ended with ${error?.signal ?? error?.code ?? 'no answer'}` });
      },
    );
    child.stdin?.on('error', () => {}); // a child that died early closes its input; its exit says so
    child.stdin?.end(model.toString('base64'));
  });
}

const SCRIPT = `
const [, runtime, device, text] = process.argv;
const size = Number(text);
const answer = (result) => process.stdout.write(JSON.stringify(result) + '\\n', () => process.exit(0));
(async () => {
  const ort = require(runtime);
  const model = Buffer.from(require('node:fs').readFileSync(0, 'utf8'), 'base64');
  const session = await ort.InferenceSession.create(model, { executionProviders: [device], logSeverityLevel: 4 });
  const tensor = () => new ort.Tensor('float32', new Float32Array(size * size).fill(1), [size, size]);
  const feeds = { a: tensor(), b: tensor() };
  const { c } = await session.run(feeds);
  if (Math.abs(c.data[0] / size ** 3 - 1) > 1e-3) throw new Error('wrong result ' + c.data[0]);
  let ms = Infinity;
  for (let i = 0; i < ${RUNS}; i++) {
    const start = performance.now();
    await session.run(feeds);
    ms = Math.min(ms, performance.now() - start);
  }
  answer({ ms });
})().catch((error) => {
  const text = String(error.message).trim().split('\\n')[0];
  answer({ error: text.includes('No supported adapters') ? 'no graphics adapter found' : text });
});
`;
