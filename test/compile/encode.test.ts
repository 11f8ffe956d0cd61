import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/compile/graph/builder';
import type { Graph } from '../../src/compile/graph/graph';
import { encodeModel } from '../../src/compile/onnx/encode';
import { Session } from '../../src/compile/runtime/session';
import { hostData, hostTensor } from '../../src/compile/runtime/tensors';

/** Runs `graph` on the input x and gives each output's elements. */
async function outputsOf(graph: Graph, x: Float32Array): Promise<number[][]> {
  const session = await Session.create(encodeModel(graph), { device: 'cpu', threads: 1 });
  const feeds = { x: hostTensor(x, 'float32', [x.length]) };
  const results = await session.run(feeds, Object.fromEntries(graph.outputs.map(({ name }) => [name, null])));
  await session.release();
  return graph.outputs.map(({ name }) => {
    const tensor = results[name];
    return tensor ? Array.from(hostData(tensor)) : [];
  });
}

describe('constants in the encoded model', () => {
  // Two different constants once got one name, so that the second took the elements of the first: silently wrong gradients.
  it('keep their own elements, whatever is named before them: nodes, outputs, other constants', async () => {
    const element = fc.integer({ min: -50, max: 50 });
    const term = fc.record({
      constant: fc.tuple(element, element),
      depth: fc.nat({ max: 3 }),
      isOutput: fc.boolean(),
      scalar: element,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 12 }), async (terms) => {
        const b = new GraphBuilder();
        const x = b.input('x', { dtype: 'float32', shape: [2] });
        const expected: number[][] = [];
        let last = x;
        let value = [1, 2];
        const outputs = terms.flatMap(({ constant, depth, isOutput, scalar }, i) => {
          last = b.binary('Add', last, b.constant(Float32Array.from(constant), 'float32', [2]));
          value = value.map((v, k) => v + (constant[k] ?? 0));
          for (let d = 0; d < depth; d++) {
            last = b.binary('Sub', b.scalar(scalar), last);
            value = value.map((v) => scalar - v);
          }
          if (!isOutput && i < terms.length - 1) return [];
          expected.push(value);
          return [{ name: `out ${i}`, value: last }];
        });
        const got = await outputsOf(b.graph(outputs), Float32Array.of(1, 2));
        expect(got.map((row) => row.map((v) => v + 0))).toEqual(expected.map((row) => row.map((v) => v + 0)));
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('keep the sign of zero', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { dtype: 'float32', shape: [1] });
    const outputs = [0, -0].map((value, i) => ({ name: `out ${i}`, value: b.pad(x, [1], [0], value) }));
    expect(await outputsOf(b.graph(outputs), Float32Array.of(1))).toEqual([
      [0, 1],
      [-0, 1],
    ]);
  });

  it('of equal elements but different type or shape stay apart', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    const cast = b.cast(b.indices([1, 2]), 'float32');
    const column = b.reduce('ReduceSum', b.constant(Float32Array.of(1, 2), 'float32', [2, 1]), [0, 1], false);
    const sum = b.binary('Add', b.binary('Add', x, b.constant(Float32Array.of(1, 2), 'float32', [2])), cast);
    expect(
      await outputsOf(b.graph([{ name: 'y', value: b.binary('Mul', sum, column) }]), Float32Array.of(3, 4)),
    ).toEqual([[15, 24]]);
  });
});
