import type { TensorData } from '../graph/graph';
import type { OrtTensor } from './session';
import type { StateEntry, StateStore } from './state';
import { bits, hostData, hostTensor } from './tensors';

interface Slot {
  readonly entry: StateEntry;
  current: OrtTensor;
  /** The buffer for the next value: the graph may still read the current one while it writes. */
  spare: OrtTensor | null;
}

/** Variables in host memory; those that the graph updates alternate between two buffers. */
export class HostState implements StateStore {
  private readonly slots: readonly Slot[];

  constructor(entries: readonly StateEntry[]) {
    this.slots = entries.map((entry) => {
      const { dtype, shape } = entry.value;
      const copy = (): OrtTensor => hostTensor(entry.initial.slice(), dtype, shape);
      return { entry, current: copy(), spare: entry.next === null ? null : copy() };
    });
  }

  feeds(): Readonly<Record<string, OrtTensor>> {
    return Object.fromEntries(this.slots.map(({ entry, current }) => [entry.input, current]));
  }

  fetches(): Readonly<Record<string, OrtTensor | null>> {
    return Object.fromEntries(
      this.slots.flatMap(({ entry, spare }) => (entry.next === null ? [] : [[entry.next, spare]])),
    );
  }

  accept(): void {
    for (const slot of this.slots) {
      if (slot.spare !== null) [slot.current, slot.spare] = [slot.spare, slot.current];
    }
  }

  read(): Promise<ReadonlyMap<string, TensorData>> {
    return Promise.resolve(new Map(this.slots.map(({ entry, current }) => [entry.input, hostData(current).slice()])));
  }

  write(input: string, data: TensorData): Promise<void> {
    const slot = this.slots.find(({ entry }) => entry.input === input);
    if (slot) hostData(slot.current).set(slot.entry.value.dtype === 'bool' ? bits(data as Uint8Array) : data);
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
