import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Check, Env } from './check';
import { runProgram } from './processes';

const PROBE_MS = 20_000;

/** An ONNX model of one node, y = −x for one float: small enough to be written here, real enough to prove a device. */
const MODEL = 'CAg6MgoLCgF4EgF5IgNOZWcSAWdaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQDQ==';

/** Runs in a process of its own, because a faulty driver takes its process with it. */
const PROBE = `
const [, ort, device] = process.argv;
const { InferenceSession, Tensor } = require(ort);
InferenceSession.create(Buffer.from('${MODEL}', 'base64'), { executionProviders: [device], logSeverityLevel: 4 })
  .then((session) => session.run({ x: new Tensor('float32', [2], [1]) }))
  .then(({ y }) => y.getData())
  .then(([y]) => process.exit(y === -2 ? 0 : (console.error('computed ' + y + ' instead of -2'), 1)))
  .catch((error) => { console.error(String(error.message).split('\\n')[0]); process.exit(1); });
`;

export async function gpuChecks(env: Env, folder: string): Promise<Check[]> {
  const ort = resolveRuntime(folder);
  if (ort === null) {
    return [
      {
        name: 'ONNX Runtime',
        state: 'missing',
        detail: 'onnxruntime-node is not installed',
        mend: 'npm run bootstrap',
      },
    ];
  }
  const devices = await Promise.all(
    (['cpu', 'webgpu', 'cuda'] as const).map((device) => deviceCheck(device, ort, env)),
  );
  return [...devices, await nvidiaCheck(env)];
}

function resolveRuntime(folder: string): string | null {
  try {
    return createRequire(join(folder, 'doctor.js')).resolve('onnxruntime-node');
  } catch {
    return null;
  }
}

const MEND: Readonly<Record<'cpu' | 'webgpu' | 'cuda', string>> = {
  cpu: 'npm run bootstrap',
  webgpu: 'needs a GPU with a Vulkan, Metal or D3D12 driver',
  cuda: "needs an NVIDIA GPU and onnxruntime-node's CUDA provider",
};

async function deviceCheck(device: 'cpu' | 'webgpu' | 'cuda', ort: string, env: Env): Promise<Check> {
  const name = `device ${device}`;
  const { ok, problem } = await runProgram(process.execPath, ['-e', PROBE, ort, device], { env, timeoutMs: PROBE_MS });
  if (ok) return { name, state: 'ok', detail: 'computes' };
  const state = device === 'cpu' ? 'missing' : 'optional';
  return { name, state, detail: `not usable: ${problem}`, mend: MEND[device] };
}

async function nvidiaCheck(env: Env): Promise<Check> {
  const args = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const { ok, stdout } = await runProgram('nvidia-smi', args, { env, timeoutMs: PROBE_MS });
  const detail = ok && stdout.trim() !== '' ? stdout.trim().replace(/\n/g, '; ') : 'none that nvidia-smi knows of';
  return { name: 'NVIDIA GPU', state: ok ? 'ok' : 'optional', detail };
}
