import type { Frozen } from '../export';
import { Tensor } from './ort';
import { Session } from './session';

/** Runs a frozen function on `cpu`, on one thread: the same bits whichever thread of the process that is. */
export class FrozenSession<Inputs extends string, Outputs extends string> {
  private constructor(
    private readonly session: Session,
    private readonly frozen: Frozen<Inputs, Outputs>,
  ) {}

  static async create<Inputs extends string, Outputs extends string>(
    frozen: Frozen<Inputs, Outputs>,
  ): Promise<FrozenSession<Inputs, Outputs>> {
    return new FrozenSession(await Session.create(frozen.model, { device: 'cpu', threads: 1 }), frozen);
  }

  /** Takes row-major values of every input, and returns those of every output. */
  async run(inputs: Readonly<Record<Inputs, Float32Array>>): Promise<Readonly<Record<Outputs, Float32Array>>> {
    const shapes = Object.entries(this.frozen.inputs) as [Inputs, readonly number[]][];
    const feeds = Object.fromEntries(
      shapes.map(([name, shape]) => [name, new Tensor('float32', inputs[name], [...shape])]),
    );
    const results = await this.session.run(feeds, Object.fromEntries(this.frozen.outputs.map((name) => [name, null])));
    const values = this.frozen.outputs.map((name) => [name, results[name]?.data]);
    return Object.fromEntries(values) as Record<Outputs, Float32Array>;
  }

  dispose(): Promise<void> {
    return this.session.release();
  }
}
