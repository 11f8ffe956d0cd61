import { tf } from '../tensors';
import { lastAssignment } from './assignments';
import type { TensorData } from './graph/graph';
import type { StateStore } from './runtime/state';
import { stateName } from './trace/traced';

/** The tf.variables of a compiled step, whose values live in its stores: what was assigned from outside goes in, what steps made comes out. */
export class StepVariables {
  private readonly bound: ReadonlyMap<string, tf.Variable>;
  /** Each variable's last assignment when the step last read or wrote it. */
  private readonly known: Map<tf.Variable, object>;

  constructor(
    known: ReadonlyMap<tf.Variable, object>,
    private readonly stores: readonly StateStore[],
  ) {
    this.bound = new Map([...known.keys()].map((variable) => [stateName(variable), variable]));
    this.known = new Map(known);
  }

  /** The variables that were assigned since the step last read or wrote them. */
  assignedOutside(): (readonly [string, tf.Variable])[] {
    return [...this.bound].filter(
      ([, variable]) => !variable.isDisposed && this.known.get(variable) !== lastAssignment(variable),
    );
  }

  async takeOverAssignments(): Promise<void> {
    for (const [name, variable] of this.assignedOutside()) {
      // Before its value is waited for: one that is assigned in the meantime is for the next time.
      this.known.set(variable, lastAssignment(variable));
      const data = (await variable.data()) as TensorData;
      for (const store of this.stores) await store.write(name, data);
    }
  }

  /** Writes these states of the stores into their variables. */
  async writeBack(changed: ReadonlySet<string>): Promise<void> {
    for (const store of this.stores) {
      for (const [name, data] of await store.read()) if (changed.has(name)) this.assign(name, data);
    }
  }

  private assign(name: string, data: TensorData): void {
    const variable = this.bound.get(name);
    if (!variable || variable.isDisposed) return;
    const value = tf.tensor(data, variable.shape, variable.dtype);
    variable.assign(value);
    value.dispose();
    this.known.set(variable, lastAssignment(variable));
  }
}
