import { UsageError } from '../../errors';
import { constantData, type Graph } from '../graph/graph';
import { printGraph } from '../graph/print';

/** Throws if two traces of one function differ: it then depends on something that the compiled step would freeze. */
export function assertSameTrace(first: Graph, second: Graph): void {
  const problem = difference(first, second);
  if (problem === null) return;
  throw new UsageError(
    `tracing the function twice gave different graphs (${problem}): it draws numbers in JavaScript or depends on state outside tf.variables, ` +
      'which would be frozen at its first value; pass such values to run() as inputs',
  );
}

function difference(first: Graph, second: Graph): string | null {
  const [a, b] = [first, second].map((graph) => printGraph(graph).split('\n')) as [string[], string[]];
  const line = a.findIndex((text, i) => text !== b[i]);
  if (line >= 0 || a.length !== b.length) return `line ${line + 1}: '${a[line] ?? ''}' and '${b[line] ?? ''}'`;
  for (const [i, node] of first.nodes.entries()) {
    for (const [k, input] of node.inputs.entries()) {
      const again = second.nodes[i]?.inputs[k];
      const [one, other] = [constantData(input), again ? constantData(again) : null];
      if (one && other && one.some((x, at) => !Object.is(x, other[at]))) return `a constant of ${node.op}`;
    }
  }
  return null;
}
