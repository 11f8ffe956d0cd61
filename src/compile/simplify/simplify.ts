import { nth } from '../../nth';
import { GraphBuilder, type ValueType } from '../graph/builder';
import { type Attributes, constantData, exactly, type Graph, type GraphNode, type Value } from '../graph/graph';
import type { OpName } from '../graph/ops';
import { stepByActivation } from './activation';
import {
  computeBeforeBroadcast,
  mergeBroadcasts,
  reduceBeforeBroadcast,
  removeNeutralOperand,
  reshapeBeforeBroadcast,
} from './broadcast';
import { contractDifferences } from './contraction';
import { foldConstants, foldReshapedConstants } from './fold';
import {
  foldTransposesIntoGemm,
  mergeReshapes,
  mergeTransposes,
  removeIdentity,
  removeReorders,
  reshapeForUnitAxes,
} from './movement';
import type { Rule } from './rule';
import { extremeWithoutHost } from './webgpu';

/**
 * All rules. None changes what an element is computed from; sums may come in another order, in a Gemm for a MatMul and in a
 * reduction before a broadcast, and what ONNX Runtime fuses depends on its neighbours. `contractDifferences` alone changes how an element is
 * computed: by the order of factors, within float32's rounding.
 */
export const RULES: readonly Rule[] = [
  removeIdentity,
  mergeReshapes,
  mergeTransposes,
  reshapeForUnitAxes,
  mergeBroadcasts,
  reshapeBeforeBroadcast,
  computeBeforeBroadcast,
  reduceBeforeBroadcast,
  foldReshapedConstants,
  foldConstants,
  removeNeutralOperand,
  removeReorders,
  foldTransposesIntoGemm,
  stepByActivation,
  contractDifferences,
];

/** All rules, and those that a GPU needs besides. */
export const WEBGPU_RULES: readonly Rule[] = [extremeWithoutHost, ...RULES];

/** The graph with every node replaced as the rules say, equal nodes joined, and without what no output needs. */
export function simplify(graph: Graph, rules: readonly Rule[] = RULES): Graph {
  const b = new SimplifyingBuilder(rules);
  const replaced = new Map<Value, Value>();
  const now = (value: Value): Value => replaced.get(value) ?? value;
  for (const node of removeDeadCode(graph).nodes) {
    const outputs = b.emit(node.op, node.inputs.map(now), node.attributes, node.outputs);
    node.outputs.forEach((output, i) => {
      replaced.set(output, nth(outputs, i));
    });
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: now(value) }));
  return removeDeadCode({ inputs: graph.inputs, nodes: b.graph([]).nodes, outputs });
}

/** Applies the rules to each node before it is added, and adds a node that is there already only once. */
class SimplifyingBuilder extends GraphBuilder {
  private readonly present = new Map<string, readonly Value[]>();
  private readonly keys = new Map<Value, string>();

  constructor(private readonly rules: readonly Rule[]) {
    super();
  }

  override emit(
    op: OpName,
    inputs: readonly Value[],
    attributes: Attributes,
    types: readonly ValueType[],
  ): readonly Value[] {
    const [type] = types;
    if (type && types.length === 1) {
      for (const rule of this.rules) {
        const simpler = rule(this, { op, inputs, attributes, type });
        if (simpler) return [simpler];
      }
    }
    const key = this.keyOfNode(op, inputs, attributes);
    const found = this.present.get(key);
    if (found) return found;
    const outputs = super.emit(op, inputs, attributes, types);
    this.present.set(key, outputs);
    return outputs;
  }

  override existing(op: OpName, inputs: readonly Value[], attributes: Attributes = {}): Value | null {
    return this.present.get(this.keyOfNode(op, inputs, attributes))?.[0] ?? null;
  }

  private keyOfNode(op: OpName, inputs: readonly Value[], attributes: Attributes): string {
    const named = Object.entries(attributes).map(
      ([name, value]) => `${name}=${typeof value === 'number' ? exactly(value) : value}`,
    );
    return `${op}(${inputs.map((input) => this.keyOf(input))}; ${named.join(' ')})`;
  }

  /** Equal for equal values: small constants by their elements, all else by itself. */
  private keyOf(value: Value): string {
    const known = this.keys.get(value);
    if (known !== undefined) return known;
    const data = constantData(value);
    const small = data !== null && data.length <= 64;
    const elements = data && small ? Array.from(data, exactly) : [];
    const key = small ? `${value.dtype}[${value.shape}]{${elements}}` : `#${this.keys.size}`;
    this.keys.set(value, key);
    return key;
  }
}

/** Returns the graph without the nodes and inputs that no output depends on. */
export function removeDeadCode(graph: Graph): Graph {
  const used = new Set<Value>(graph.outputs.map(({ value }) => value));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => used.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) used.add(input);
  }
  return { inputs: graph.inputs.filter((input) => used.has(input)), nodes: nodes.reverse(), outputs: graph.outputs };
}
