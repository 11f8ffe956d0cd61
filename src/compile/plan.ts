import { GraphBuilder } from './graph/builder';
import type { Graph, NamedValue, Value } from './graph/graph';
import { gradientName } from './runtime/fused-state';
import { removeDeadCode, simplify } from './simplify/simplify';
import { type StateSlot, stateName, type Trace } from './trace/trace';

/** A trace made ready to encode. */
export interface Plan {
  readonly graph: Graph;
  /** The graph's output of each tensor that the function returns, in order. */
  readonly results: readonly { readonly name: string; readonly value: Value }[];
  /** The variables that the graph reads or updates, without those of fused optimizers. */
  readonly state: readonly (StateSlot & { readonly output: string | null })[];
}

const nextName = (slot: StateSlot): string => `next ${stateName(slot.variable)}`;
const resultName = (name: string): string => `return ${name}`;

/** Names all that the session must compute: results, next states and the gradients for fused passes. */
export function plan(trace: Trace, simplified: boolean): Plan {
  const results = trace.outputs.map(({ name, value }) => ({ name: resultName(name), value }));
  const states = trace.state.flatMap((slot) =>
    slot.next === null ? [] : [{ name: nextName(slot), value: slot.next }],
  );
  const gradients = trace.fused.flatMap(({ entries }) =>
    entries.map(({ variable, gradient }) => ({ name: gradientName(variable), value: gradient })),
  );
  const traced = { ...trace.graph, outputs: [...results, ...states, ...gradients] };
  const graph = plainOutputs(simplified ? simplify(traced) : removeDeadCode(traced));
  const read = new Set<Value>(graph.inputs);
  const fused = new Set(trace.fused.flatMap(({ entries }) => entries.map(({ variable }) => variable)));
  const state = trace.state
    .filter((slot) => !fused.has(slot.variable) && (slot.next !== null || read.has(slot.input)))
    .map((slot) => ({ ...slot, output: slot.next === null ? null : nextName(slot) }));
  return { graph, results, state };
}

/** An output that is an input, a constant or another output too becomes a copy, because ONNX wants each from a node of its own. */
export function plainOutputs(graph: Graph): Graph {
  const b = new GraphBuilder();
  const seen = new Set<Value>();
  const outputs: NamedValue[] = graph.outputs.map(({ name, value }) => {
    const direct = value.source.kind === 'node' && !seen.has(value);
    seen.add(value);
    return { name, value: direct ? value : b.unary('Identity', value) };
  });
  return { inputs: graph.inputs, nodes: [...graph.nodes, ...b.graph([]).nodes], outputs };
}
