import { named, nth } from '../../nth';
import { GraphBuilder } from '../graph/builder';
import { type DType, type Graph, type NamedValue, sizeOf, type TensorData } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import { inStep, type UnrollOptions, unrolled } from '../unroll';
import type { DeviceName } from './devices';
import { type OrtTensor, Session } from './session';
import { hostData } from './tensors';

type Results = Readonly<Record<string, OrtTensor>>;

/** What steps returned that nobody has asked for yet. It stays on the device and comes in one copy for all of them. */
export class ResultQueue {
  private readonly waiting: Results[] = [];
  /** Keyed by the number of steps in one run. */
  private readonly sessions = new Map<number, Session>();
  private reader: { readonly steps: number; readonly session: Session } | null = null;

  /** @param results the outputs of `graph` that a step returns; its other outputs are state */
  constructor(
    private readonly graph: Graph,
    private readonly results: readonly NamedValue[],
    private readonly chain: Omit<UnrollOptions, 'steps'>,
    private readonly device: DeviceName,
  ) {}

  /** The session of so many steps, whose outputs all stay on the device. */
  async session(steps: number): Promise<Session> {
    const known = this.sessions.get(steps);
    if (known) return known;
    const graph = unrolled(this.graph, { ...this.chain, steps });
    const onDevice = this.device === 'webgpu' ? graph.outputs.map(({ name }) => name) : [];
    const session = await Session.create(encodeModel(graph), { device: this.device, onDevice });
    this.sessions.set(steps, session);
    return session;
  }

  /** What so many steps of a run returned. */
  push(results: Results, steps: number): void {
    for (let step = 0; step < steps; step++) {
      const own = this.results.map(({ name }) => [name, named(results, inStep(step, name))] as const);
      this.waiting.push(Object.fromEntries(own));
    }
  }

  /** The elements of every step's results, in the order of the steps, which are forgotten. */
  async drain(): Promise<readonly (readonly TensorData[])[]> {
    const steps = this.waiting.splice(0);
    if (steps.length === 0 || this.results.length === 0) return steps.map(() => []);
    const feeds = Object.assign({}, ...steps.map((step, i) => this.numbered(step, i)));
    const session = await this.readerOf(steps.length);
    const dtypes = [...new Set(this.results.map(({ value }) => value.dtype))];
    const packed = await session.run(feeds, Object.fromEntries(dtypes.map((dtype) => [dtype, null])));
    for (const step of steps) for (const tensor of Object.values(step)) tensor.dispose();
    const taken = new Map<DType, number>();
    return steps.map(() =>
      this.results.map(({ value: { dtype, shape } }) => {
        const from = taken.get(dtype) ?? 0;
        taken.set(dtype, from + sizeOf(shape));
        return hostData(named(packed, dtype)).slice(from, from + sizeOf(shape));
      }),
    );
  }

  async dispose(): Promise<void> {
    for (const step of this.waiting.splice(0)) for (const tensor of Object.values(step)) tensor.dispose();
    for (const session of this.sessions.values()) await session.release();
    await this.reader?.session.release();
  }

  private numbered(step: Results, i: number): Results {
    return Object.fromEntries(Object.entries(step).map(([name, tensor]) => [`${i} ${name}`, tensor]));
  }

  /** Lays the results of so many steps end to end, one array for each type of element. */
  private async readerOf(steps: number): Promise<Session> {
    if (this.reader?.steps === steps) return this.reader.session;
    await this.reader?.session.release();
    this.reader = null;
    const b = new GraphBuilder();
    const inputs = Array.from({ length: steps }, (_, i) =>
      this.results.map(({ name, value }) => b.input(`${i} ${name}`, value)),
    ).flat();
    const outputs = [...new Set(inputs.map(({ dtype }) => dtype))].map((dtype) => {
      const own = inputs
        .filter((input) => input.dtype === dtype)
        .map((input) => b.reshape(input, [sizeOf(input.shape)]));
      return { name: dtype, value: own.length === 1 ? b.unary('Identity', nth(own, 0)) : b.concat(own, 0) };
    });
    const session = await Session.create(encodeModel(b.graph(outputs)), { device: this.device });
    this.reader = { steps, session };
    return session;
  }
}
