import type { Attribute, Graph, GraphNode, TensorData, Value } from './graph';
import { formatShape } from './shapes';

const TYPE_NAMES = { float32: 'f32', int32: 'i32', int64: 'i64', bool: 'bool' } as const;

/**
 * The graph as text, one operator a line, values numbered in the order of the lines:
 *
 *     input x: f32[2,3]
 *     %0: f32[2,3] = Mul(x, 2)
 *     return y = %0
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>();
  for (const input of graph.inputs) names.set(input, nameOfInput(input));
  for (const node of graph.nodes)
    for (const output of node.outputs) names.set(output, `%${names.size - graph.inputs.length}`);
  const nameOf = (value: Value): string => names.get(value) ?? printLeaf(value);
  return [
    ...graph.inputs.map((input) => `input ${nameOf(input)}: ${printType(input)}`),
    ...graph.nodes.map((node) => printNode(node, nameOf)),
    ...graph.outputs.map(({ name, value }) => `${name} = ${nameOf(value)}`),
  ].join('\n');
}

function printNode(node: GraphNode, nameOf: (value: Value) => string): string {
  const left = node.outputs.map((output) => `${nameOf(output)}: ${printType(output)}`).join(', ');
  const attributes = Object.entries(node.attributes).map(([name, value]) => `${name}=${printAttribute(value)}`);
  return `${left} = ${node.op}(${[...node.inputs.map(nameOf), ...attributes].join(', ')})`;
}

function nameOfInput(value: Value): string {
  return value.source.kind === 'input' ? value.source.name : '?';
}

function printLeaf(value: Value): string {
  if (value.source.kind !== 'constant') return '?';
  if (value.shape.length === 0) return formatNumber(value.source.data[0] ?? Number.NaN);
  return `${printType(value)}${printData(value.source.data)}`;
}

function printData(data: TensorData): string {
  const head = Array.from(data.subarray(0, 4), formatNumber).join(', ');
  return `{${head}${data.length > 4 ? ', …' : ''}}`;
}

/** The type and shape as printed: `f32[128,784]`. */
export function printType(value: Pick<Value, 'dtype' | 'shape'>): string {
  return `${TYPE_NAMES[value.dtype]}${formatShape(value.shape)}`;
}

function printAttribute(value: Attribute): string {
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : formatShape(value);
}

/** The shortest decimal that gives the same float32. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text));
  }
  return String(value);
}
