import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { DeviceName } from './devices';

export type OrtTensor = ort.Tensor;

export interface SessionOptions {
  readonly device: DeviceName;
  /** Threads within one operator on `cpu`; the number of physical cores if left out. */
  readonly threads?: number | undefined;
  /** Outputs that stay in the device's memory. */
  readonly onDevice?: readonly string[];
  /** Where to write a profile: how the file's name begins. */
  readonly profile?: string;
}

/**
 * One thread per core that computes by itself. Always said explicitly: left to itself, ONNX Runtime would take the same number but pin all
 * but the calling thread to cores, and where the caller is put on one of those, both wait for each other (docs/performance.md).
 */
function physicalCores(): number {
  const smt = '/sys/devices/system/cpu/smt/active';
  const siblings = process.arch === 'x64' && existsSync(smt) && readFileSync(smt, 'utf8').trim() === '1' ? 2 : 1;
  return Math.max(1, Math.floor(availableParallelism() / siblings));
}

/**
 * How long a thread that waits for work or for the others keeps its core busy. ONNX Runtime's default is much longer, and more than
 * doubles the time of a step as soon as another process wants one of the cores (docs/performance.md).
 */
const SPIN_MICROSECONDS = '100';

/** An ONNX Runtime session for one encoded graph. */
export class Session {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async create(
    model: Uint8Array,
    { device, threads, onDevice = [], profile }: SessionOptions,
  ): Promise<Session> {
    const locations = Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const]));
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      // Only what is fatal: errors are thrown anyway, and what it logs would reach a notebook's output.
      logSeverityLevel: 4,
      extra: { session: { intra_op: { spin_duration_us: SPIN_MICROSECONDS } } },
      intraOpNumThreads: threads ?? physicalCores(),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      ...(onDevice.length === 0 ? {} : { preferredOutputLocation: locations }),
    });
    return new Session(session);
  }

  /** Runs the graph; a tensor in `fetches` is written in place, null asks for a new one. */
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    return this.session.run(feeds, fetches);
  }

  /** Writes the profile that the session was created with. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
