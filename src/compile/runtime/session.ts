import * as ort from 'onnxruntime-node';
import type { DeviceName } from './devices';

export type OrtTensor = ort.Tensor;

export interface SessionOptions {
  readonly device: DeviceName;
  /** Threads within one operator on `cpu`; ONNX Runtime's default (the number of cores) if left out. */
  readonly threads?: number | undefined;
  /** Outputs that stay in the device's memory. */
  readonly onDevice?: readonly string[];
}

/** An ONNX Runtime session for one encoded graph. */
export class Session {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async create(model: Uint8Array, { device, threads, onDevice = [] }: SessionOptions): Promise<Session> {
    const locations = Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const]));
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      // Only what is fatal: errors are thrown anyway, and what it logs would reach a notebook's output.
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
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

  release(): Promise<void> {
    return this.session.release();
  }
}
