import type { Graph, GraphNode, NamedValue, Value } from './graph/graph';

/** What a step's input or output is called where several steps are one graph. */
export const inStep = (step: number, name: string): string => `${step} ${name}`;

export interface UnrollOptions {
  /** How many steps are one graph. */
  readonly steps: number;
  /** Names of the inputs that each step has of its own. */
  readonly own: ReadonlySet<string>;
  /** Names of state inputs, with the names of the outputs that are their next values. */
  readonly chained: ReadonlyMap<string, string>;
}

/**
 * Several steps as one graph: a step's next state is what the step after it reads, and of the last one's an output. Inputs and other
 * outputs of a step get its number in front of their names (`inStep`); what steps only read they share.
 */
export function unrolled(graph: Graph, { steps, own, chained }: UnrollOptions): Graph {
  const inputs: Value[] = [];
  const nodes: GraphNode[] = [];
  const outputs: NamedValue[] = [];
  const states = new Set(chained.values());
  const shared = new Map<string, Value>();
  for (let step = 0; step < steps; step++) {
    const values = new Map<Value, Value>();
    for (const input of graph.inputs) {
      const name = nameOf(input);
      const known = shared.get(name);
      const value = known ?? (own.has(name) ? inputOf(input, inStep(step, name)) : input);
      values.set(input, value);
      if (known === undefined) inputs.push(value);
      if (!own.has(name)) shared.set(name, value);
    }
    for (const node of graph.nodes) nodes.push(copyOf(node, values));
    const now = new Map(graph.outputs.map(({ name, value }) => [name, values.get(value) ?? value]));
    for (const [input, output] of chained) shared.set(input, now.get(output) as Value);
    for (const [name, value] of now) if (!states.has(name)) outputs.push({ name: inStep(step, name), value });
  }
  for (const [input, output] of chained) outputs.push({ name: output, value: shared.get(input) as Value });
  return { inputs, nodes, outputs };
}

function nameOf({ source }: Value): string {
  if (source.kind !== 'input') throw new Error(`expected an input, got a ${source.kind}`);
  return source.name;
}

const inputOf = ({ dtype, shape }: Value, name: string): Value => ({ dtype, shape, source: { kind: 'input', name } });

/** The node on the values of one step; what it computes is added to them. Constants stay as they are. */
function copyOf(node: GraphNode, values: Map<Value, Value>): GraphNode {
  const outputs: Value[] = [];
  const copy: GraphNode = { ...node, inputs: node.inputs.map((value) => values.get(value) ?? value), outputs };
  for (const output of node.outputs) {
    const value: Value = { ...output, source: { kind: 'node', node: copy } };
    outputs.push(value);
    values.set(output, value);
  }
  return copy;
}
