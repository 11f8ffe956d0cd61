import { UsageError } from '../../errors';
import { constantData, type Graph, type NamedValue, type Value } from '../graph/graph';
import { printGraph } from '../graph/print';
import type { Trace } from './traced';

/** Throws if two traces of one function differ: it then depends on something that the compiled step would freeze. */
export function assertSameTrace(first: Trace, second: Trace): void {
  const problem = difference(computed(first), computed(second));
  if (problem === null) return;
  throw new UsageError(
    `tracing the function twice gave different graphs (${problem}): it draws numbers in JavaScript or depends on state outside tf.variables, ` +
      'which would be frozen at its first value; pass such values to run() as inputs',
  );
}

/** Throws if a trace differs from one in which optimizers say that they have counted more steps, or that one cannot be made. */
export function assertSameLater(first: Trace, traceLater: () => Trace): void {
  const problem = laterDifference(first, traceLater);
  if (problem === null) return;
  throw new UsageError(
    `the function depends on how many steps an optimizer has counted (iterations), which would be frozen at its present value (${problem}): ` +
      'compute outside what depends on it, and pass that to run() as an input',
  );
}

function laterDifference(first: Trace, traceLater: () => Trace): string | null {
  let later: Trace;
  try {
    later = traceLater();
  } catch (error) {
    return `later: ${error instanceof Error ? error.message : error}`; // a table of rates that ends, for example
  }
  return difference(computed(first), computed(later));
}

/** The graph of a trace with all that the step takes from it as outputs: results, variables and the gradients of fused optimizers. */
function computed({ graph, outputs, state, fused }: Trace): Graph {
  const next = state.flatMap(({ variable, next }): NamedValue[] =>
    next === null ? [] : [{ name: variable.name, value: next }],
  );
  const gradients = fused.flatMap(({ kind, maxNorm, entries }) =>
    entries.map(({ variable, gradient }) => ({ name: `${kind.name} ${maxNorm} ${variable.name}`, value: gradient })),
  );
  return { ...graph, outputs: [...outputs, ...next, ...gradients] };
}

function difference(first: Graph, second: Graph): string | null {
  const [a, b] = [first, second].map((graph) => printGraph(graph).split('\n')) as [string[], string[]];
  const line = a.findIndex((text, i) => text !== b[i]);
  if (line >= 0 || a.length !== b.length) return `line ${line + 1}: '${a[line] ?? ''}' and '${b[line] ?? ''}'`;
  // The text shows the first elements of a constant only.
  const again = uses(second);
  const other = uses(first).find(({ value }, i) => !sameConstant(value, again[i]?.value ?? value));
  return other ? `a constant of ${other.name}` : null;
}

/** Every value that is an operand or an output, with whose. */
function uses({ nodes, outputs }: Graph): NamedValue[] {
  return [...nodes.flatMap(({ op, inputs }) => inputs.map((value) => ({ name: op, value }))), ...outputs];
}

function sameConstant(a: Value, b: Value): boolean {
  const [one, other] = [constantData(a), constantData(b)];
  return one === null || other === null || one.every((x, i) => Object.is(x, other[i]));
}
