import { nth } from '../../nth';
import { tf } from '../../tensors';
import { forgettingAssignments } from '../assignments';
import type { ValueType } from '../graph/builder';
import { TRACE_BACKEND, traceBackend } from './backend';
import { Restore } from './restore';
import type { Trace, TracedFunction, TraceOptions } from './traced';
import { Tracer } from './tracer';

/**
 * Runs `fn` once on symbols instead of numbers. Synchronous from start to end, because tfjs has one global engine: no other
 * code's operations can get between. Variables and optimizers are left as they were, apart from variables made on the way
 * unless it throws.
 */
export function trace(
  fn: TracedFunction,
  inputs: Readonly<Record<string, ValueType>>,
  { fuse = false, channelBlock = null, stepsAhead = 0 }: TraceOptions = {},
): Trace {
  const backend = traceBackend();
  const engine = tf.engine();
  const eager = tf.getBackend();
  const variables = Object.values(engine.registeredVariables).filter(
    ({ dtype }) => dtype !== 'string' && dtype !== 'complex64',
  );
  const saved = variables.map((variable) => variable.clone());
  const forgetAssignments = forgettingAssignments(variables);
  backend.start(channelBlock);
  // setBackend is declared async, but for a backend that is ready it has switched when it returns.
  void tf.setBackend(TRACE_BACKEND);
  const restore = new Restore();
  const discard = new Restore();
  let result: Trace | null = null;
  try {
    tf.tidy(() => {
      result = new Tracer(backend, { fuse, stepsAhead }, restore, discard).run(fn, inputs, variables);
    });
    return result as unknown as Trace;
  } catch (error) {
    discard.all();
    throw error;
  } finally {
    restore.all();
    void tf.setBackend(eager);
    variables.forEach((variable, i) => {
      if (!variable.isDisposed) variable.assign(nth(saved, i));
    });
    forgetAssignments();
    tf.dispose(saved);
    backend.stop();
  }
}
