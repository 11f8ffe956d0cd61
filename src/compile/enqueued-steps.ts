import type { TensorData } from './graph/graph';
import type { Plan } from './plan';
import type { DeviceName } from './runtime/devices';
import { ResultQueue } from './runtime/result-queue';
import type { OrtTensor, Session } from './runtime/session';
import type { StateStore } from './runtime/state';
import { stateName } from './trace/traced';
import { inStep, type UnrollOptions } from './unroll';

export type Feeds = Readonly<Record<string, OrtTensor>>;

export interface EnqueuedParts {
  readonly plan: Plan;
  readonly stores: readonly StateStore[];
  readonly device: DeviceName;
  /** Names of the function's inputs. */
  readonly inputs: readonly string[];
  /** Steps that are one run. */
  readonly stepsPerRun: number;
  /** Runs a graph of so many steps, and has the state taken over that it gives. */
  readonly run: (
    session: Session,
    feeds: Feeds,
    fetches: Readonly<Record<string, null>>,
    steps: number,
  ) => Promise<Feeds>;
}

/** Steps on a GPU that nobody has asked the results of: as many as are one run wait until they are that many. */
export class EnqueuedSteps {
  private readonly pending: Feeds[] = [];
  private readonly queue: ResultQueue;
  private readonly chain: Omit<UnrollOptions, 'steps'>;
  /** What the graph reads, which may be less than is there. */
  private readonly reads: ReadonlySet<string>;

  constructor(private readonly parts: EnqueuedParts) {
    const { plan, inputs, device } = parts;
    this.chain = chainOf(plan, inputs);
    this.queue = new ResultQueue(plan.graph, plan.results, this.chain, device);
    this.reads = new Set(plan.graph.inputs.flatMap(({ source }) => (source.kind === 'input' ? [source.name] : [])));
  }

  async add(feeds: Feeds): Promise<void> {
    this.pending.push(feeds);
    if (this.pending.length === this.parts.stepsPerRun) await this.flush();
  }

  /** Runs what waits: all at once where it is as many steps as are one run, else one after the other. */
  async flush(): Promise<void> {
    const steps = this.pending.splice(0);
    const { stepsPerRun, plan, run } = this.parts;
    for (const together of steps.length === stepsPerRun ? [steps] : steps.map((step) => [step])) {
      const count = together.length;
      const names = together.flatMap((_, step) => plan.results.map(({ name }) => inStep(step, name)));
      const fetches = Object.fromEntries(names.map((name) => [name, null]));
      const session = await this.queue.session(count);
      this.queue.push(await run(session, this.feedsOf(together), fetches, count), count);
    }
  }

  /** The elements of all results since the last call, step by step. */
  async drain(): Promise<readonly (readonly TensorData[])[]> {
    await this.flush();
    return this.queue.drain();
  }

  dispose(): Promise<void> {
    return this.queue.dispose();
  }

  private feedsOf(steps: readonly Feeds[]): Feeds {
    const { stores } = this.parts;
    const state: Feeds = Object.assign({}, ...stores.map((store) => store.feeds()));
    const numbers = stores.map((store) => store.numbers?.(steps.length) ?? []);
    const own = steps.map((inputs, i): Feeds => Object.assign({ ...inputs }, ...numbers.map((all) => all[i])));
    const named = own.flatMap((feeds, i) => this.read(feeds).map(([name, value]) => [inStep(i, name), value] as const));
    return Object.fromEntries([...this.read(state), ...named]);
  }

  private read(feeds: Feeds): [string, OrtTensor][] {
    return Object.entries(feeds).filter(([name]) => this.reads.has(name));
  }
}

/** How the graphs of one step after the other hang together. */
function chainOf({ state, packed }: Plan, inputs: readonly string[]): Omit<UnrollOptions, 'steps'> {
  const variables = state.flatMap(({ variable, output }) =>
    output === null ? [] : [[stateName(variable), output] as const],
  );
  const arrays = packed.flatMap(({ slots }) => slots.map(({ name, next }) => [name, next.name] as const));
  return {
    own: new Set([...inputs, ...packed.flatMap(({ numbers }) => numbers)]),
    chained: new Map([...variables, ...arrays]),
  };
}
