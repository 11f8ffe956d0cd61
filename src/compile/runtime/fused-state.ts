import { nth } from '../../nth';
import type { tf } from '../../tensors';
import type { TensorData, Value } from '../graph/graph';
import { sizeOf } from '../graph/graph';
import { loadKernels, type OptimizerKernels } from '../optimizers/kernels';
import { type Region, scalarVariable, slotVariables } from '../optimizers/kinds';
import type { FusedUpdate } from '../trace/optimizers';
import { stateName } from '../trace/traced';
import type { OrtTensor } from './session';
import type { StateStore } from './state';
import { hostTensor } from './tensors';

const FLOAT = 4;
/** Floats between the starts of two arrays are a multiple of this: one cache line, and so a multiple of a SIMD lane. */
const ALIGNMENT = 16;
const PAGE = 65536;

interface Entry {
  readonly variable: tf.Variable;
  readonly parameter: OrtTensor;
  readonly gradient: OrtTensor;
}

interface Group {
  readonly update: FusedUpdate;
  readonly region: Region;
  readonly entries: readonly Entry[];
  /** Views of every variable in the memory: parameters and slots, by state name. */
  readonly views: ReadonlyMap<string, Float32Array>;
  scalars: readonly number[];
}

export const gradientName = (variable: tf.Variable): string => `grad ${stateName(variable)}`;

/**
 * Parameters, gradients and optimizer slots in one WebAssembly memory: ONNX Runtime reads the parameters and writes the
 * gradients there in place, then one pass per optimizer applies the update.
 */
export class FusedState implements StateStore {
  private readonly kernels: OptimizerKernels;
  private readonly groups: readonly Group[];
  /** The same tensors at every step, since all is updated in place. */
  private readonly parameters: Readonly<Record<string, OrtTensor>>;
  private readonly gradients: Readonly<Record<string, OrtTensor>>;

  constructor(updates: readonly FusedUpdate[], symbolOf: (variable: tf.Variable) => Value) {
    const sizes = updates.map(({ entries, kind, optimizer }) => {
      const length = entries.reduce((sum, { variable }) => sum + aligned(sizeOf(variable.shape)), 0);
      return { length, arrays: 2 + kind.slotFields(optimizer).length };
    });
    const floats = sizes.reduce((sum, { length, arrays }) => sum + length * arrays, 0);
    // The first page is left to AssemblyScript; the memory never grows, because that would detach every view.
    const pages = 1 + Math.ceil((floats * FLOAT) / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.kernels = loadKernels(memory);
    let start = PAGE;
    this.groups = updates.map((update, i) => {
      const { length, arrays } = nth(sizes, i);
      const [parameters, gradients] = [start, start + length * FLOAT];
      const slots = Array.from({ length: arrays - 2 }, (_, k) => start + (k + 2) * length * FLOAT);
      start += arrays * length * FLOAT;
      return layOut(memory, update, { parameters, gradients, slots, length }, symbolOf);
    });
    this.parameters = this.named(({ variable, parameter }) => [stateName(variable), parameter]);
    this.gradients = this.named(({ variable, gradient }) => [gradientName(variable), gradient]);
  }

  feeds(): Readonly<Record<string, OrtTensor>> {
    return this.parameters;
  }

  fetches(): Readonly<Record<string, OrtTensor | null>> {
    return this.gradients;
  }

  accept(): void {
    for (const group of this.groups) {
      const { kind, optimizer, maxNorm } = group.update;
      const { gradients, length } = group.region;
      const norm = maxNorm === null ? 0 : Math.sqrt(this.kernels.sumOfSquares(gradients, length));
      const scale = maxNorm === null ? 1 : maxNorm / Math.max(norm, maxNorm);
      group.scalars = kind.apply(this.kernels, group.region, optimizer, group.scalars, scale);
    }
  }

  read(): Promise<ReadonlyMap<string, TensorData>> {
    const all = new Map<string, TensorData>();
    for (const { update, views, scalars } of this.groups) {
      for (const [name, view] of views) all.set(name, view.slice());
      update.kind.scalarFields.forEach((field, i) => {
        all.set(stateName(scalarVariable(update.optimizer, field)), Float32Array.of(nth(scalars, i)));
      });
    }
    return Promise.resolve(all);
  }

  write(name: string, data: TensorData): Promise<void> {
    for (const group of this.groups) {
      group.views.get(name)?.set(data);
      const { kind, optimizer } = group.update;
      const at = kind.scalarFields.findIndex((field) => stateName(scalarVariable(optimizer, field)) === name);
      group.scalars = group.scalars.map((value, i) => (i === at ? (data[0] ?? value) : value));
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  private named(pick: (entry: Entry) => readonly [string, OrtTensor]): Record<string, OrtTensor> {
    return Object.fromEntries(this.groups.flatMap(({ entries }) => entries.map(pick)));
  }
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Places one optimizer's variables one behind the other in its region and fills in their current values. */
function layOut(
  memory: WebAssembly.Memory,
  update: FusedUpdate,
  region: Omit<Region, 'parts'>,
  symbolOf: (variable: tf.Variable) => Value,
): Group {
  const views = new Map<string, Float32Array>();
  const place = (variable: tf.Variable, array: number, offset: number): Float32Array => {
    const view = new Float32Array(memory.buffer, array + offset * FLOAT, sizeOf(variable.shape));
    view.set(variable.dataSync());
    views.set(stateName(variable), view);
    return view;
  };
  const { kind, optimizer } = update;
  const fields = kind.slotFields(optimizer).map((field) => slotVariables(optimizer, field));
  let offset = 0;
  const parts: Region['parts'][number][] = [];
  const entries = update.entries.map(({ variable, slot }): Entry => {
    const { dtype, shape } = symbolOf(variable);
    const parameter = hostTensor(place(variable, region.parameters, offset), dtype, shape);
    const gradient = new Float32Array(memory.buffer, region.gradients + offset * FLOAT, sizeOf(shape));
    fields.forEach((variables, k) => {
      const own = variables[slot]?.variable;
      if (own) place(own, nth(region.slots, k), offset);
    });
    parts.push({ offset: offset * FLOAT, length: aligned(sizeOf(shape)) });
    offset += aligned(sizeOf(shape));
    return { variable, parameter, gradient: hostTensor(gradient, dtype, shape) };
  });
  const scalars = kind.scalarFields.map((field) => nth(scalarVariable(optimizer, field).dataSync(), 0));
  return { update, region: { ...region, parts }, entries, views, scalars };
}
