import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { GraphBuilder } from '../graph/builder';
import { constantData, type Graph, producer, sizeOf, type TensorData, type Value } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import { simplify } from '../simplify/simplify';
import { type OrtTensor, Session } from './session';
import { hostData } from './tensors';

/** The elements of values that depend on constants only, such as the zeros in an optimizer's slots. */
export async function firstValues(values: readonly Value[]): Promise<readonly TensorData[]> {
  if (values.length === 0) return [];
  const b = new GraphBuilder();
  const outputs = values.map((value, i) => ({ name: `first ${i}`, value: b.unary('Identity', value) }));
  const graph: Graph = { inputs: [], nodes: [...ancestors(values), ...b.graph([]).nodes], outputs };
  const session = await Session.create(encodeModel(graph), { device: 'cpu' });
  try {
    const results = await session.run({}, Object.fromEntries(graph.outputs.map(({ name }) => [name, null])));
    return graph.outputs.map(({ name }) => hostData(results[name] as OrtTensor));
  } finally {
    await session.release();
  }
}

/** The same at once, if all of them are filled with one number or constants when simplified, as the slots of TensorFlow.js's optimizers are; or null. */
export function firstValuesNow(values: readonly Value[]): readonly TensorData[] | null {
  const outputs = values.map((value, i) => ({ name: `first ${i}`, value }));
  const { outputs: simplified } = simplify({ inputs: [], nodes: ancestors(values), outputs });
  const known = simplified.flatMap(({ value }) => elementsOf(value) ?? []);
  return known.length === values.length ? known : null;
}

function elementsOf(value: Value): TensorData | null {
  const filled = producer(value, 'Expand')?.inputs[0];
  const [data, one] = [constantData(value), filled && constantData(filled)];
  if (one?.length !== 1) return data;
  return new (one.constructor as Float32ArrayConstructor)(sizeOf(value.shape)).fill(nth(one, 0));
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
