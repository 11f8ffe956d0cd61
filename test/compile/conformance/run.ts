import type { DeviceName } from '../../../src/compile/runtime/devices';
import { keepWebGpuDevice } from '../../../src/compile/runtime/keep-device';
import { COMPILED_BACKEND, CompiledBackend, registerCompiledBackend } from './backend';
import { EXCLUSIONS, UNSUPPORTED_FILES } from './exclusions';
import { collectSpecs, type Spec } from './jasmine';
import { loadTfjsTests } from './suite';

export interface Conformance {
  /** Specs of supported kernels that ran: passed, failed and excluded together. */
  readonly run: number;
  readonly passed: number;
  /** Those of `passed` for which ONNX Runtime computed something; the others check arguments, shapes and errors. */
  readonly computed: number;
  /** Specs that need a kernel or an element type which cannot be compiled: what, and how many. */
  readonly unsupported: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
  /** Excluded specs that failed, and excluded specs that passed, for which the exclusion is out of date. */
  readonly excluded: number;
  readonly stale: readonly string[];
}

/** Runs tfjs-core's tests of operators and optimizers with every operation compiled and run on `device`. */
export async function runConformance(device: DeviceName): Promise<Conformance> {
  if (device === 'webgpu') await keepWebGpuDevice();
  registerCompiledBackend(device);
  const tests = await loadTfjsTests();
  tests.setTestEnvs([{ name: 'compiled', backendName: COMPILED_BACKEND, isDataSync: true }]);
  const tally = { passed: 0, computed: 0, excluded: 0 };
  const unsupported = new Map<string, number>();
  const failures: string[] = [];
  const stale: string[] = [];
  for (const spec of collectSpecs(tests.files)) {
    const before = CompiledBackend.runs;
    const problem = await outcome(spec);
    const missing = problem === null ? null : missingPart(spec, problem);
    const label = `${spec.file} › ${spec.name}`;
    if (missing !== null) unsupported.set(missing, (unsupported.get(missing) ?? 0) + 1);
    else if (isExcluded(device, label)) {
      tally.excluded++;
      if (problem === null) stale.push(label);
    } else if (problem !== null) failures.push(`${label}: ${problem}`);
    else {
      tally.passed++;
      if (CompiledBackend.runs > before) tally.computed++;
    }
  }
  return { ...tally, run: tally.passed + tally.excluded + failures.length, unsupported, failures, stale };
}

/** What went wrong, or null. */
async function outcome(spec: Spec): Promise<string | null> {
  try {
    await spec.run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The kernel or element type without which the spec cannot run. */
function missingPart({ file }: Spec, problem: string): string | null {
  if (UNSUPPORTED_FILES.test(file)) return file.replace(/^ops\/|_test\.js$/g, '');
  const [, kernel] =
    /the kernel (\w+)\(.* cannot be compiled/s.exec(problem) ?? /Kernel '(\w+)' not registered/.exec(problem) ?? [];
  if (kernel) return kernel;
  const [, dtype] = /a (string|complex64) tensor cannot be compiled/.exec(problem) ?? [];
  if (dtype) return `${dtype} tensors`;
  return /cannot be compiled for webgpu/.test(problem) ? 'transposed convolution in groups or in 3D on webgpu' : null;
}

function isExcluded(device: DeviceName, label: string): boolean {
  return EXCLUSIONS[device].some(({ specs }) => specs.some((pattern) => pattern.test(label)));
}
