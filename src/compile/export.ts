import { UsageError } from '../errors';
import type { tf } from '../tensors';
import type { TensorData } from './graph/graph';
import { encodeModel } from './onnx/encode';
import { plan } from './plan';
import { stateName, trace } from './trace/trace';

/** Numbers of rows with which a function is traced, to see whether anything in its graph depends on them: such as no layer is likely to have. */
const ROWS = [1009, 2003] as const;

/**
 * A function of rows `[n, inputs]` with the present values of its `tf.variable`s as an ONNX model, for any n. It needs nothing of this
 * library to run: operator set 18 of ONNX, one input by the name given, outputs by the names that `fn` returns.
 *
 * @throws UsageError where the function cannot be compiled, changes a variable, or has a graph that depends on n
 */
export function exportOnnx(
  fn: (rows: tf.Tensor2D) => Readonly<Record<string, tf.Tensor>>,
  { input, columns, name }: { readonly input: string; readonly columns: number; readonly name: string },
): Uint8Array {
  const [first, second] = ROWS.map((rows) => encode(fn, { input, columns, name }, rows)) as [Uint8Array, Uint8Array];
  if (Buffer.compare(first, second) === 0) return first;
  throw new UsageError(`${name}: cannot be exported for any number of rows: its graph depends on how many there are`);
}

function encode(
  fn: (rows: tf.Tensor2D) => Readonly<Record<string, tf.Tensor>>,
  { input, columns, name }: { input: string; columns: number; name: string },
  rows: number,
): Uint8Array {
  const traced = trace(
    (inputs) => ({ ...fn(inputs[input] as tf.Tensor2D) }),
    { [input]: { dtype: 'float32', shape: [rows, columns] } },
    false,
  );
  traced.discard();
  const { graph, state } = plan(traced, true);
  const changed = state.find(({ output }) => output !== null);
  if (changed) throw new UsageError(`${name}: a function that changes a variable cannot be exported`);
  const constants = new Map(state.map(({ variable }) => [stateName(variable), variable.dataSync() as TensorData]));
  // `return encoder` to `encoder`.
  const outputNames = new Map(graph.outputs.map((output) => [output.name, output.name.replace(/^return /, '')]));
  return encodeModel(graph, { name, constants, outputNames, anyRows: rows });
}
