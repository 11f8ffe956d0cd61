import { UsageError } from '../../errors';
import { GraphBuilder } from '../graph/builder';
import type { Graph, TensorData, Value } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import { Session } from './session';
import { hostData } from './tensors';

/** The elements of values that depend on constants only, such as the zeros in an optimizer's slots. */
export async function firstValues(values: readonly Value[]): Promise<readonly TensorData[]> {
  if (values.length === 0) return [];
  const b = new GraphBuilder();
  const outputs = values.map((value, i) => ({ name: `first ${i}`, value: b.unary('Identity', value) }));
  const graph: Graph = { inputs: [], nodes: [...ancestors(values), ...b.graph([]).nodes], outputs };
  const session = await Session.create(encodeModel(graph), { device: 'cpu' });
  const results = await session.run({}, Object.fromEntries(outputs.map(({ name }) => [name, null])));
  await session.release();
  return outputs.map(({ name }) => {
    const tensor = results[name];
    if (!tensor) throw new Error(`no ${name}`);
    return hostData(tensor);
  });
}

/** The nodes that compute `values`, inputs first. */
function ancestors(values: readonly Value[]): Graph['nodes'] {
  const found = new Set<Graph['nodes'][number]>();
  const visit = (value: Value): void => {
    if (value.source.kind === 'input') {
      throw new UsageError(
        `the function creates a tf.variable whose first value depends on ${value.source.name}: create it before compile()`,
      );
    }
    if (value.source.kind !== 'node' || found.has(value.source.node)) return;
    for (const input of value.source.node.inputs) visit(input);
    found.add(value.source.node);
  };
  for (const value of values) visit(value);
  return [...found];
}
