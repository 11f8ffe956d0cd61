import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, UsageError } from '../../errors';
import { type ProbeResult, probe, TIMED_SIZE } from './probe';

/** Where a compiled step runs. */
export type DeviceName = 'cpu' | 'webgpu' | 'cuda';

/** A device and why it was taken. */
export interface Device {
  readonly name: DeviceName;
  readonly reason: string;
}

/** What has to be there for each device, for the error that says it is not. */
export const NEEDS: { readonly [D in DeviceName]: string } = {
  cpu: 'onnxruntime-node for this platform',
  webgpu:
    'a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux: libvulkan.so.1 and a driver that `vulkaninfo` lists)',
  cuda: 'an NVIDIA GPU with its driver, CUDA 12 with cuDNN 9, and ONNX Runtime’s CUDA provider (libonnxruntime_providers_cuda.so beside onnxruntime-node’s libraries)',
};

export const DEVICES: readonly DeviceName[] = Object.keys(NEEDS) as DeviceName[];

let best: Promise<Device> | null = null;
/** Devices that have worked in this process: to look again would start a process for every function that is compiled. */
const working = new Set<DeviceName>();

/**
 * The device to use. `auto` times a matrix product on each that is there and takes the fastest; one asked for by name must
 * work, or this throws what is missing: no device stands in for another.
 */
export async function chooseDevice(requested: DeviceName | 'auto'): Promise<Device> {
  if (requested !== 'auto' && !Object.keys(NEEDS).includes(requested)) {
    throw new InvalidArgumentError('device', `expected cpu, webgpu, cuda or auto, got ${String(requested)}`);
  }
  if (requested === 'cpu') return { name: 'cpu', reason: 'asked for' };
  if (requested === 'auto') {
    best ??= fastestDevice();
    return best;
  }
  const result = working.has(requested) ? null : await tryDevice(requested);
  if (result && 'error' in result) {
    throw new UsageError(
      `device ${requested} does not run here (${result.error}); it needs ${NEEDS[requested]}. Devices: cpu, webgpu, cuda, auto`,
    );
  }
  working.add(requested);
  return { name: requested, reason: 'asked for' };
}

/** A small product on the device, or why there is none. @param env of the process that tries. */
export async function tryDevice(name: DeviceName, env: NodeJS.ProcessEnv = process.env): Promise<ProbeResult> {
  return hasProvider(name) ? probe(name, 16, env) : { error: 'its provider library is not installed' };
}

async function fastestDevice(): Promise<Device> {
  const names: readonly DeviceName[] = ['cuda', 'webgpu', 'cpu'];
  const timed: { name: DeviceName; ms: number }[] = [];
  const findings: string[] = [];
  for (const name of names) {
    const result = hasProvider(name) ? await probe(name, TIMED_SIZE) : { error: 'provider not installed' };
    if ('ms' in result) timed.push({ name, ms: result.ms });
    findings.push('ms' in result ? `${name} ${result.ms.toFixed(1)} ms` : `${name}: ${result.error}`);
  }
  const fastest = timed.reduce((a, b) => (b.ms < a.ms ? b : a), {
    name: 'cpu' as DeviceName,
    ms: Number.POSITIVE_INFINITY,
  });
  return {
    name: fastest.name,
    reason: `fastest for a ${TIMED_SIZE}×${TIMED_SIZE} matrix product (${findings.join('; ')})`,
  };
}

/** The CUDA provider comes as a library of its own; asking for it when it is absent makes ONNX Runtime write to stderr. */
function hasProvider(name: DeviceName): boolean {
  if (name !== 'cuda') return true;
  const bin = join(
    dirname(require.resolve('onnxruntime-node/package.json')),
    'bin',
    'napi-v6',
    process.platform,
    process.arch,
  );
  return ['libonnxruntime_providers_cuda.so', 'onnxruntime_providers_cuda.dll'].some((file) =>
    existsSync(join(bin, file)),
  );
}
