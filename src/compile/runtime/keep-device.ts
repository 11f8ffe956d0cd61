import { GraphBuilder } from '../graph/builder';
import { encodeModel } from '../onnx/encode';
import { InferenceSession } from './ort';

let kept: Promise<InferenceSession> | null = null;

/**
 * Holds the process's WebGPU device until it ends. ONNX Runtime gives the device up with its last session, and with it every shader that
 * was compiled: whoever compiles, disposes and compiles again would begin from nothing.
 */
export async function keepWebGpuDevice(): Promise<void> {
  kept ??= create();
  try {
    await kept;
  } catch (error) {
    kept = null;
    throw error;
  }
}

function create(): Promise<InferenceSession> {
  const b = new GraphBuilder();
  const copy = b.unary('Identity', b.input('x', { dtype: 'float32', shape: [1] }));
  return InferenceSession.create(encodeModel(b.graph([{ name: 'y', value: copy }])), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 4,
  });
}
