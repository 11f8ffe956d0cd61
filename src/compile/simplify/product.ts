import { nth } from '../../nth';
import type { GraphBuilder } from '../graph/builder';
import type { GraphNode, Value } from '../graph/graph';
import { type Difference, differenceOf, inLayout, isLarge } from './difference';

/** A factor smaller than the difference, in the difference's layout, or what is divided by. */
export interface Factor {
  readonly value: Value;
  readonly divides: boolean;
}

/** `core` times and over `factors`. The core is made of differences and as large as they are. */
export interface Product {
  readonly of: Difference;
  readonly core: Value;
  readonly factors: readonly Factor[];
}

/** More than a formula has, so that a long chain of products is left alone. */
const MOST_FACTORS = 8;

/** What is known of each graph's values: a square asks the same of both sides. */
const KNOWN = new WeakMap<GraphBuilder, Map<Value, Product | null>>();

/** `x` as a product with differences of two sets of points, all between the same sets' axes, or null. */
export function productOf(b: GraphBuilder, x: Value): Product | null {
  const known = KNOWN.get(b) ?? new Map<Value, Product | null>();
  KNOWN.set(b, known);
  const found = known.get(x);
  if (found !== undefined) return found;
  const product = findProduct(b, x);
  known.set(x, product);
  return product;
}

function findProduct(b: GraphBuilder, x: Value): Product | null {
  if (x.source.kind !== 'node') return null;
  const of = differenceOf(x);
  if (of) {
    const [left, right] = x.source.node.inputs.map((side) => inLayout(b, side, of)) as [Value, Value];
    return { of, core: b.binary('Sub', left, right), factors: [] };
  }
  const { node } = x.source;
  if (node.op === 'Neg') return times(b, productOf(b, nth(node.inputs, 0)), b.scalar(-1), false);
  if (node.op === 'Mul') return productOfTwo(b, node);
  return node.op === 'Div' ? quotient(b, node) : null;
}

function productOfTwo(b: GraphBuilder, { inputs }: GraphNode): Product | null {
  const [left, right] = [nth(inputs, 0), nth(inputs, 1)];
  const [l, r] = [productOf(b, left), productOf(b, right)];
  if (l && r) {
    const same =
      l.of.order.every((axis, i) => axis === r.of.order[i]) && l.of.shape.every((n, i) => n === r.of.shape[i]);
    return same ? { of: l.of, core: b.binary('Mul', elementwise(b, l), elementwise(b, r)), factors: [] } : null;
  }
  return l ? times(b, l, right, false) : times(b, r, left, false);
}

function quotient(b: GraphBuilder, { inputs }: GraphNode): Product | null {
  return times(b, productOf(b, nth(inputs, 0)), nth(inputs, 1), true);
}

/** `product` times, or over, a value that may itself be a quotient of smaller ones: g_nk/σ_kj² has as many elements as the difference. */
function times(b: GraphBuilder, product: Product | null, value: Value, divides: boolean): Product | null {
  if (!product || product.factors.length === MOST_FACTORS) return null;
  const { of, core, factors } = product;
  if (!isLarge(value, of)) return { of, core, factors: [...factors, { value: inLayout(b, value, of), divides }] };
  const node = value.source.kind === 'node' ? value.source.node : null;
  if (node?.op === 'Neg') return times(b, times(b, product, b.scalar(-1), false), nth(node.inputs, 0), divides);
  if (node?.op !== 'Mul' && node?.op !== 'Div') return null;
  const first = times(b, product, nth(node.inputs, 0), divides);
  return times(b, first, nth(node.inputs, 1), node.op === 'Div' ? !divides : divides);
}

/** The product itself, in the layout. */
function elementwise(b: GraphBuilder, { core, factors }: Product): Value {
  const weight = weightOf(b, factors);
  return weight ? b.binary('Mul', core, weight) : core;
}

/**
 * The factors multiplied with each other, or null if there is none. Divisors by their reciprocals, which are small: a division of two arrays
 * as large as the difference takes twice the time of a product.
 */
export function weightOf(b: GraphBuilder, factors: readonly Factor[]): Value | null {
  const [first, ...rest] = factors.map(({ value, divides }) => (divides ? b.unary('Reciprocal', value) : value));
  return first ? rest.reduce((weight, value) => b.binary('Mul', weight, value), first) : null;
}
