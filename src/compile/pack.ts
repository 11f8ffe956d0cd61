import { nth } from '../nth';
import type { tf } from '../tensors';
import { GraphBuilder } from './graph/builder';
import { type Graph, type NamedValue, sizeOf, type Value } from './graph/graph';
import { PACKED } from './optimizers/packed';
import type { FusedUpdate } from './trace/optimizers';
import type { StateSlot, Trace } from './trace/traced';

/** One optimizer whose update is in the graph, once for all of its variables. */
export interface PackedGroup {
  readonly update: FusedUpdate;
  /** One array for each of the kind's slot fields, with the variables end to end. */
  readonly slots: readonly { readonly input: Value; readonly name: string; readonly next: NamedValue }[];
  /** The names of the scalars that the host computes for each step. */
  readonly numbers: readonly string[];
}

export interface PackedTrace {
  readonly graph: Graph;
  readonly state: readonly StateSlot[];
  readonly groups: readonly PackedGroup[];
}

/**
 * The trace with its fused updates as operators of the graph. A dozen operators a variable become a dozen in all and one to three a
 * variable: on a GPU each is a kernel to launch, and most variables are too small for it to have anything to do.
 */
export function packUpdates(trace: Trace): PackedTrace {
  const b = new GraphBuilder();
  const inputOf = new Map(trace.state.map(({ variable, input }) => [variable, input]));
  const next = new Map<tf.Variable, Value>();
  const groups = trace.fused.map((update, i) => packUpdate(b, update, `%${update.kind.name} ${i}`, inputOf, next));
  const { inputs, nodes } = b.graph([]);
  return {
    graph: { ...trace.graph, inputs: [...trace.graph.inputs, ...inputs], nodes: [...trace.graph.nodes, ...nodes] },
    state: trace.state.map((slot) => ({ ...slot, next: next.get(slot.variable) ?? slot.next })),
    groups,
  };
}

function packUpdate(
  b: GraphBuilder,
  update: FusedUpdate,
  name: string,
  inputOf: ReadonlyMap<tf.Variable, Value>,
  next: Map<tf.Variable, Value>,
): PackedGroup {
  const { kind, optimizer, entries } = update;
  const packed = PACKED[kind.name];
  const sizes = entries.map(({ variable }) => sizeOf(variable.shape));
  const shape = [sizes.reduce((sum, size) => sum + size, 0)];
  const input = (label: string, of: readonly number[]): Value => b.input(label, { dtype: 'float32', shape: of });
  const slots = kind
    .slotFields(optimizer)
    .map((field) => ({ name: `${name} ${field}`, input: input(`${name} ${field}`, shape) }));
  const scalars = kind.scalarFields.map(() => 0);
  const numbers = packed.numbers(optimizer, scalars).numbers.map((_, i) => `${name} number ${i}`);
  const result = packed.update(b, optimizer, {
    gradient: packedGradient(b, update, sizes),
    slots: slots.map((slot) => slot.input),
    numbers: numbers.map((label) => input(label, [])),
  });
  const changes = entries.length === 1 ? [result.change] : b.split(result.change, sizes, 0);
  const kept = 1 - (packed.decay?.(optimizer) ?? 0);
  entries.forEach(({ variable }, i) => {
    const now = inputOf.get(variable);
    if (now === undefined) throw new Error(`no symbol for ${variable.name}`);
    const left = kept === 1 ? now : b.binary('Mul', b.scalar(kept), now);
    next.set(variable, b.binary('Sub', left, b.reshape(nth(changes, i), now.shape)));
  });
  return {
    update,
    numbers,
    slots: slots.map((slot, k) => ({ ...slot, next: { name: `next ${slot.name}`, value: nth(result.slots, k) } })),
  };
}

/** All gradients end to end, clipped and normalised as the update asks. */
function packedGradient(b: GraphBuilder, { kind, entries, maxNorm }: FusedUpdate, sizes: readonly number[]): Value {
  const raw = entries.map(({ gradient }, i) => b.reshape(gradient, [nth(sizes, i)]));
  const all = b.concat(raw, 0);
  const { normalise } = PACKED[kind.name];
  const scale = maxNorm === null ? null : clipScale(b, all, maxNorm);
  const scaled = (gradient: Value): Value => (scale ? b.binary('Mul', gradient, scale) : gradient);
  if (!normalise) return scaled(all);
  return b.concat(
    raw.map((gradient) => normalise(b, scaled(gradient))),
    0,
  );
}

/** maxNorm / max(‖g‖, maxNorm). */
function clipScale(b: GraphBuilder, gradient: Value, maxNorm: number): Value {
  const norm = b.unary('Sqrt', b.reduce('ReduceSum', b.binary('Mul', gradient, gradient), [0], true));
  return b.binary('Div', b.scalar(maxNorm), b.binary('Max', norm, b.scalar(maxNorm)));
}
