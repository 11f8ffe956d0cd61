import { GraphBuilder } from './graph/builder';
import type { Graph, NamedValue, Value } from './graph/graph';
import { type PackedGroup, packUpdates } from './pack';
import { gradientName } from './runtime/fused-state';
import type { Rule } from './simplify/rule';
import { removeDeadCode, simplify } from './simplify/simplify';
import { type StateSlot, stateName, type Trace } from './trace/traced';

/** A trace made ready to encode. */
export interface Plan {
  readonly graph: Graph;
  /** The graph's output of each tensor that the function returns, in order. */
  readonly results: readonly { readonly name: string; readonly value: Value }[];
  /** The variables that the graph reads or updates, without those of fused passes on the host and the slots of packed updates. */
  readonly state: readonly (StateSlot & { readonly output: string | null })[];
  /** The optimizers whose updates are in the graph, once for all their variables. */
  readonly packed: readonly PackedGroup[];
}

/** Who applies the updates of optimizers that have a fused pass: a pass on the host, or operators of the graph over all variables at once. */
export type Updates = 'host' | 'packed';

const nextName = (slot: StateSlot): string => `next ${stateName(slot.variable)}`;
const resultName = (name: string): string => `return ${name}`;

/**
 * Names all that the session must compute: results, next states and the gradients for fused passes.
 * @param rules to simplify by; null for the graph as traced
 */
export function plan(trace: Trace, rules: readonly Rule[] | null, updates: Updates): Plan {
  const onHost = updates === 'host' ? trace.fused : [];
  const { graph: whole, state: slots, groups } = updates === 'host' ? { ...trace, groups: [] } : packUpdates(trace);
  const results = trace.outputs.map(({ name, value }) => ({ name: resultName(name), value }));
  const states = slots.flatMap((slot) => (slot.next === null ? [] : [{ name: nextName(slot), value: slot.next }]));
  const arrays = groups.flatMap((group) => group.slots.map(({ next }) => next));
  const gradients = onHost.flatMap(({ entries }) =>
    entries.map(({ variable, gradient }) => ({ name: gradientName(variable), value: gradient })),
  );
  const traced = { ...whole, outputs: [...results, ...states, ...arrays, ...gradients] };
  const graph = plainOutputs(rules ? simplify(traced, rules) : removeDeadCode(traced));
  const read = new Set<Value>(graph.inputs);
  const fused = new Set(onHost.flatMap(({ entries }) => entries.map(({ variable }) => variable)));
  const state = slots
    .filter((slot) => !fused.has(slot.variable) && (slot.next !== null || read.has(slot.input)))
    .map((slot) => ({ ...slot, output: slot.next === null ? null : nextName(slot) }));
  return { graph, results, state, packed: groups };
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
