import { UsageError } from '../errors';
import { named } from '../nth';
import type { tf } from '../tensors';
import { inputTypes } from './feeds';
import type { TensorData } from './graph/graph';
import { encodeModel } from './onnx/encode';
import { plan } from './plan';
import { RULES } from './simplify/simplify';
import { trace } from './trace/trace';
import { stateName, type Trace } from './trace/traced';

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

/** A function with the values that its variables had, for inputs of one shape: plain data, which any thread can run (`FrozenSession`). */
export interface Frozen<Inputs extends string, Outputs extends string> {
  readonly model: Uint8Array;
  readonly inputs: Readonly<Record<Inputs, readonly number[]>>;
  readonly outputs: readonly Outputs[];
}

/** @throws UsageError where the function cannot be compiled or changes a variable */
export function freeze<Inputs extends string, Outputs extends string>(
  fn: (inputs: Record<Inputs, tf.Tensor>) => Readonly<Record<Outputs, tf.Tensor>>,
  inputs: Readonly<Record<Inputs, readonly number[]>>,
): Frozen<Inputs, Outputs> {
  const traced = trace((given) => ({ ...fn(given as Record<Inputs, tf.Tensor>) }), inputTypes(inputs));
  traced.discard();
  const { graph, constants, outputNames } = withValues(traced, 'the function');
  const outputs = [...outputNames.values()] as Outputs[];
  return { model: encodeModel(graph, { constants, outputNames }), inputs, outputs };
}

function encode(
  fn: (rows: tf.Tensor2D) => Readonly<Record<string, tf.Tensor>>,
  { input, columns, name }: { input: string; columns: number; name: string },
  rows: number,
): Uint8Array {
  const traced = trace((inputs) => ({ ...fn(named(inputs, input) as tf.Tensor2D) }), {
    [input]: { dtype: 'float32', shape: [rows, columns] },
  });
  traced.discard();
  const { graph, constants, outputNames } = withValues(traced, name);
  return encodeModel(graph, { name, constants, outputNames, anyRows: rows });
}

/** The simplified graph, the values of the variables that it reads, and what its outputs are to be called. */
function withValues(traced: Trace, name: string) {
  const { graph, state } = plan(traced, RULES, 'host');
  const changed = state.find(({ output }) => output !== null);
  if (changed) throw new UsageError(`${name}: a function that changes a variable cannot be exported`);
  const constants = new Map(state.map(({ variable }) => [stateName(variable), variable.dataSync() as TensorData]));
  // `return encoder` to `encoder`.
  const outputNames = new Map(graph.outputs.map((output) => [output.name, output.name.replace(/^return /, '')]));
  return { graph, constants, outputNames };
}
