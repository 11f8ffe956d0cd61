import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/compile/graph/builder';
import { encodeModel } from '../../src/compile/onnx/encode';
import { Session } from '../../src/compile/runtime/session';
import { hostData, hostTensor } from '../../src/compile/runtime/tensors';

const N = 1 << 18;

/** y = x taken at `index`, [N], to be run in place. */
async function taking(): Promise<Session> {
  const b = new GraphBuilder();
  const x = b.input('x', { dtype: 'float32', shape: [N] });
  const index = b.input('index', { dtype: 'int32', shape: [N] });
  const graph = b.graph([{ name: 'y', value: b.gather(x, index, 0) }]);
  return Session.create(encodeModel(graph, { sequenceFirst: true }), { device: 'cpu', threads: 1, inPlace: true });
}

const x = hostTensor(
  Float32Array.from({ length: N }, (_, i) => i),
  'float32',
  [N],
);
const reversed = hostTensor(
  Int32Array.from({ length: N }, (_, i) => N - 1 - i),
  'int32',
  [N],
);

describe('a session that works in place', () => {
  it('writes each output where it is told to, and nowhere else', async () => {
    const session = await taking();
    const y = hostTensor(new Float32Array(N), 'float32', [N]);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) expect((await session.run({ x, index: reversed }, { y })).y).toBe(y);
    // onnxruntime-node 1.30 alone would have made a copy of 1 MB at every run, and 20 MB are too few to set off a collection.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(N * 4);
    expect([hostData(y)[0], hostData(y)[N - 1]]).toEqual([N - 1, 0]);
    await session.release();
  });

  it('still reports what fails in the run itself', async () => {
    const session = await taking();
    const y = hostTensor(new Float32Array(N), 'float32', [N]);
    const outside = hostTensor(new Int32Array(N).fill(N), 'int32', [N]);
    await expect(session.run({ x, index: outside }, { y })).rejects.toThrow(/indices element out of data bounds/);
    await session.release();
  });

  it('refuses an output without memory', async () => {
    const session = await taking();
    await expect(session.run({ x, index: reversed }, { y: null })).rejects.toThrow(
      'no memory was given for the output y',
    );
    await session.release();
  });
});
