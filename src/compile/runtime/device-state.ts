import { named } from '../../nth';
import { GraphBuilder } from '../graph/builder';
import type { TensorData } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import type { DeviceName } from './devices';
import { type OrtTensor, Session } from './session';
import type { StateEntry, StateStore } from './state';
import { hostData, hostTensor } from './tensors';

/** Variables in the memory of a GPU: what one run leaves there is fed to the next. */
export class DeviceState implements StateStore {
  private constructor(
    private readonly entries: readonly StateEntry[],
    private readonly current: Map<string, OrtTensor>,
    private readonly upload: Session,
    private readonly download: Session,
  ) {}

  static async create(entries: readonly StateEntry[], device: DeviceName): Promise<DeviceState> {
    const names = entries.map(({ input }) => copyOf(input));
    const model = identityModel(entries);
    const sessions: Session[] = [];
    try {
      const upload = await Session.create(model, { device, onDevice: names });
      sessions.push(upload);
      // getData() on a device tensor ends the process (onnxruntime-node 1.30), so values come back through a graph.
      const download = await Session.create(model, { device });
      sessions.push(download);
      const state = new DeviceState(entries, new Map(), upload, download);
      await state.place(new Map(entries.map(({ input, initial }) => [input, initial])));
      return state;
    } catch (error) {
      for (const session of sessions) await session.release();
      throw error;
    }
  }

  feeds(): Readonly<Record<string, OrtTensor>> {
    return Object.fromEntries(this.current);
  }

  fetches(): Readonly<Record<string, OrtTensor | null>> {
    return Object.fromEntries(this.entries.flatMap(({ next }) => (next === null ? [] : [[next, null]])));
  }

  accept(results: Readonly<Record<string, OrtTensor>>): void {
    for (const { input, next } of this.entries) {
      const result = next === null ? undefined : results[next];
      if (result) this.replace(input, result);
    }
  }

  async read(): Promise<ReadonlyMap<string, TensorData>> {
    const fetches = Object.fromEntries(this.entries.map(({ input }) => [copyOf(input), null]));
    const results = await this.download.run(this.feeds(), fetches);
    return new Map(this.entries.map(({ input }) => [input, hostData(named(results, copyOf(input)))]));
  }

  async write(input: string, data: TensorData): Promise<void> {
    const all = new Map(await this.read());
    await this.place(all.set(input, data));
  }

  async dispose(): Promise<void> {
    for (const tensor of this.current.values()) tensor.dispose();
    this.current.clear();
    await this.upload.release();
    await this.download.release();
  }

  private async place(data: ReadonlyMap<string, TensorData>): Promise<void> {
    const feeds = Object.fromEntries(
      this.entries.map(({ input, value }) => [
        input,
        hostTensor(data.get(input) as TensorData, value.dtype, value.shape),
      ]),
    );
    const fetches = Object.fromEntries(this.entries.map(({ input }) => [copyOf(input), null]));
    const results = await this.upload.run(feeds, fetches);
    for (const { input } of this.entries) this.replace(input, named(results, copyOf(input)));
  }

  private replace(input: string, tensor: OrtTensor): void {
    this.current.get(input)?.dispose();
    this.current.set(input, tensor);
  }
}

const copyOf = (input: string): string => `copy ${input}`;

/** A graph that copies every variable to an output. */
function identityModel(entries: readonly StateEntry[]): Uint8Array {
  const b = new GraphBuilder();
  const outputs = entries.map(({ input, value }) => ({
    name: copyOf(input),
    value: b.unary('Identity', b.input(input, value)),
  }));
  return encodeModel(b.graph(outputs));
}
