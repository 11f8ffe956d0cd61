import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { SEQUENCE_OUTPUT } from '../onnx/encode';
import type { DeviceName } from './devices';
import { keepWebGpuDevice } from './keep-device';
import { InferenceSession, type Tensor } from './ort';

export type OrtTensor = Tensor;

export interface SessionOptions {
  readonly device: DeviceName;
  /** Threads within one operator on `cpu`; the number of physical cores if left out. */
  readonly threads?: number | undefined;
  /** Outputs that stay in the device's memory. */
  readonly onDevice?: readonly string[];
  /** Where to write a profile: how the file's name begins. */
  readonly profile?: string;
  /** True where the model was encoded with `sequenceFirst`: outputs are then written in place and nowhere else. */
  readonly inPlace?: boolean;
}

/** What onnxruntime-node 1.30 says when it is to hand over an output that is no tensor, after the graph has been run. */
const NOT_A_TENSOR = 'Non tensor type is temporarily not supported';

/**
 * One thread per core that computes by itself. Always said explicitly: left to itself, ONNX Runtime would take the same number but pin all
 * but the calling thread to cores, and where the caller is put on one of those, both wait for each other (docs/explanation/compiler.md).
 */
function physicalCores(): number {
  const smt = '/sys/devices/system/cpu/smt/active';
  const siblings = process.arch === 'x64' && existsSync(smt) && readFileSync(smt, 'utf8').trim() === '1' ? 2 : 1;
  return Math.max(1, Math.floor(availableParallelism() / siblings));
}

/**
 * How long a thread that waits for work or for the others keeps its core busy. ONNX Runtime's default is much longer, and more than
 * doubles the time of a step as soon as another process wants one of the cores (docs/explanation/compiler.md).
 */
const SPIN_MICROSECONDS = '100';

/** An ONNX Runtime session for one encoded graph. */
export class Session {
  private constructor(
    private readonly session: InferenceSession,
    /** Whether `run` must be told where to write each output. */
    readonly inPlace: boolean,
  ) {}

  static async create(
    model: Uint8Array,
    { device, threads, onDevice = [], profile, inPlace = false }: SessionOptions,
  ): Promise<Session> {
    if (device === 'webgpu') await keepWebGpuDevice();
    const locations = Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const]));
    const session = await InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      // Only what is fatal: errors are thrown anyway, and what it logs would reach a notebook's output.
      logSeverityLevel: 4,
      extra: { session: { intra_op: { spin_duration_us: SPIN_MICROSECONDS } } },
      intraOpNumThreads: threads ?? physicalCores(),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      ...(onDevice.length === 0 ? {} : { preferredOutputLocation: locations }),
    });
    return new Session(session, inPlace);
  }

  /** Runs the graph; a tensor in `fetches` is written in place, null asks for a new one. */
  async run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    return this.inPlace ? this.runInPlace(feeds, fetches) : this.session.run(feeds, fetches);
  }

  /**
   * onnxruntime-node 1.30 writes an output in place and then copies it into a new array all the same, which for the gradients of the
   * reference step takes 1 ms and fills the memory with garbage (docs/explanation/compiler.md). It hands over outputs in order and stops at one
   * that it cannot: so such a one comes first, and what it says then is no failure. A version that no longer copies, or that can hand
   * over sequences, does no harm.
   */
  private async runInPlace(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    const missing = Object.keys(fetches).find((name) => fetches[name] === null);
    if (missing !== undefined) throw new Error(`no memory was given for the output ${missing}`);
    try {
      await this.session.run(feeds, { ...fetches, [SEQUENCE_OUTPUT]: null });
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith(NOT_A_TENSOR))) throw error;
    }
    return fetches as Readonly<Record<string, OrtTensor>>;
  }

  /** Writes the profile that the session was created with. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
