import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DEVICES, type DeviceName, NEEDS, tryDevice } from '../compile/runtime/devices';
import type { Check, Env } from './check';
import { runProgram } from './processes';

const NVIDIA_MS = 20_000;

export async function gpuChecks(env: Env, folder: string): Promise<Check[]> {
  if (!hasRuntime(folder)) {
    return [
      {
        name: 'ONNX Runtime',
        state: 'missing',
        detail: 'onnxruntime-node is not installed',
        fix: 'npm run bootstrap',
      },
    ];
  }
  const devices = await Promise.all(DEVICES.map((device) => deviceCheck(device, env)));
  return [...devices, await nvidiaCheck(env)];
}

function hasRuntime(folder: string): boolean {
  try {
    createRequire(join(folder, 'doctor.js')).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
}

async function deviceCheck(device: DeviceName, env: Env): Promise<Check> {
  const name = `device ${device}`;
  const result = await tryDevice(device, env);
  if ('ms' in result) return { name, state: 'ok', detail: 'computes' };
  const fix = device === 'cpu' ? 'npm run bootstrap' : `needs ${NEEDS[device]}`;
  return { name, state: device === 'cpu' ? 'missing' : 'optional', detail: `not usable: ${result.error}`, fix };
}

async function nvidiaCheck(env: Env): Promise<Check> {
  const args = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const { ok, stdout } = await runProgram('nvidia-smi', args, { env, timeoutMs: NVIDIA_MS });
  const detail = ok && stdout.trim() !== '' ? stdout.trim().replace(/\n/g, '; ') : 'none that nvidia-smi knows of';
  return { name: 'NVIDIA GPU', state: ok ? 'ok' : 'optional', detail };
}
