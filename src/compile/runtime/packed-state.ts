import { named, nth } from '../../nth';
import type { tf } from '../../tensors';
import type { TensorData } from '../graph/graph';
import { sizeOf } from '../graph/graph';
import { scalarVariable, slotVariables } from '../optimizers/kinds';
import { PACKED, type StepNumbers } from '../optimizers/packed';
import type { PackedGroup } from '../pack';
import { stateName } from '../trace/traced';
import type { OrtTensor } from './session';
import type { StateEntry, StateStore } from './state';
import { hostTensor } from './tensors';

/** Where one slot variable lies in the array of all. */
interface Place {
  readonly variable: tf.Variable;
  readonly from: number;
  readonly to: number;
}

interface Group {
  readonly packed: PackedGroup;
  /** Where each array's parts lie, by its name. */
  readonly places: ReadonlyMap<string, readonly Place[]>;
  scalars: readonly number[];
  numbers: StepNumbers;
}

/** The state of packed updates: each variable's slots are a stretch of an array, and the scalars are the host's. */
export class PackedState implements StateStore {
  private constructor(
    private readonly groups: readonly Group[],
    private readonly inner: StateStore,
  ) {}

  /** @param keep makes the store of the parameters and, given their entries, of the arrays */
  static async create(
    packed: readonly PackedGroup[],
    keep: (entries: readonly StateEntry[]) => Promise<StateStore>,
  ): Promise<PackedState> {
    const groups = packed.map((group): Group => {
      const { kind, optimizer } = group.update;
      const scalars = kind.scalarFields.map((field) => nth(scalarVariable(optimizer, field).dataSync(), 0));
      return { packed: group, places: placesOf(group), scalars, numbers: numbersOf(group, scalars) };
    });
    const entries = groups.flatMap(({ packed: { slots }, places }) =>
      slots.map(({ name, input, next }): StateEntry => {
        const initial = new Float32Array(sizeOf(input.shape));
        for (const { variable, from } of places.get(name) ?? []) initial.set(variable.dataSync(), from);
        return { input: name, value: input, next: next.name, initial };
      }),
    );
    return new PackedState(groups, await keep(entries));
  }

  feeds(): Readonly<Record<string, OrtTensor>> {
    return this.inner.feeds();
  }

  numbers(steps: number): readonly Readonly<Record<string, OrtTensor>>[] {
    const all: Record<string, OrtTensor>[] = Array.from({ length: steps }, () => ({}));
    for (const { packed, numbers: first } of this.groups) {
      let now = first;
      for (const step of all) {
        packed.numbers.forEach((name, i) => {
          step[name] = hostTensor(Float32Array.of(nth(now.numbers, i)), 'float32', []);
        });
        now = numbersOf(packed, now.next);
      }
    }
    return all;
  }

  fetches(): Readonly<Record<string, OrtTensor | null>> {
    return this.inner.fetches();
  }

  accept(results: Readonly<Record<string, OrtTensor>>, steps = 1): void {
    this.inner.accept(results, steps);
    for (const group of this.groups) for (let step = 0; step < steps; step++) this.set(group, group.numbers.next);
  }

  async read(): Promise<ReadonlyMap<string, TensorData>> {
    const all = new Map(await this.inner.read());
    for (const { packed, places, scalars } of this.groups) {
      for (const [array, own] of places) {
        const data = all.get(array) as Float32Array;
        for (const { variable, from, to } of own) all.set(stateName(variable), data.slice(from, to));
        all.delete(array);
      }
      this.scalarNames(packed).forEach((name, i) => {
        all.set(name, Float32Array.of(nth(scalars, i)));
      });
    }
    return all;
  }

  async write(name: string, data: TensorData): Promise<void> {
    for (const group of this.groups) {
      for (const [array, places] of group.places) {
        const place = places.find(({ variable }) => stateName(variable) === name);
        if (!place) continue;
        const whole = named(Object.fromEntries(await this.inner.read()), array).slice();
        whole.set(data, place.from);
        await this.inner.write(array, whole);
        return;
      }
      const at = this.scalarNames(group.packed).indexOf(name);
      if (at < 0) continue;
      this.set(
        group,
        group.scalars.map((value, i) => (i === at ? nth(data, 0) : value)),
      );
      return;
    }
    await this.inner.write(name, data);
  }

  dispose(): Promise<void> {
    return this.inner.dispose();
  }

  private set(group: Group, scalars: readonly number[]): void {
    group.scalars = scalars;
    group.numbers = numbersOf(group.packed, scalars);
  }

  private scalarNames({ update: { kind, optimizer } }: PackedGroup): readonly string[] {
    return kind.scalarFields.map((field) => stateName(scalarVariable(optimizer, field)));
  }
}

function numbersOf({ update: { kind, optimizer } }: PackedGroup, scalars: readonly number[]): StepNumbers {
  return PACKED[kind.name].numbers(optimizer, scalars);
}

/** The slot variables of each array, in the order of the gradients. */
function placesOf({ update, slots }: PackedGroup): ReadonlyMap<string, readonly Place[]> {
  const fields = update.kind.slotFields(update.optimizer);
  return new Map(
    slots.map(({ name }, k) => {
      const variables = slotVariables(update.optimizer, nth(fields, k));
      let to = 0;
      const places = update.entries.map(({ slot }): Place => {
        const { variable } = nth(variables, slot);
        const from = to;
        to += sizeOf(variable.shape);
        return { variable, from, to };
      });
      return [name, places] as const;
    }),
  );
}
