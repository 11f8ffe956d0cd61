import { UsageError } from '../errors';
import type { tf } from '../tensors';
import { lastAssignment } from './assignments';
import { optimizerVariables } from './optimizers/kinds';
import type { Plan } from './plan';
import { DeviceState } from './runtime/device-state';
import type { DeviceName } from './runtime/devices';
import { FusedState } from './runtime/fused-state';
import { HostState } from './runtime/host-state';
import { PackedState } from './runtime/packed-state';
import type { StateEntry, StateStore } from './runtime/state';
import { stateName, type Trace } from './trace/traced';

/** Where the variables of a step live, and the last assignment of each when it was read. */
export interface State {
  readonly stores: readonly StateStore[];
  readonly known: ReadonlyMap<tf.Variable, object>;
}

/** Puts the variables of a trace into stores for `device`, with the values that they have now. */
export async function makeState(trace: Trace, plan: Plan, device: DeviceName): Promise<State> {
  const fused = trace.fused.flatMap(({ entries, kind, optimizer }) => [
    ...entries.map(({ variable }) => variable),
    ...optimizerVariables(kind, optimizer),
  ]);
  const variables = [...plan.state.map(({ variable }) => variable), ...fused];
  variables.forEach(assertThere);
  // Read in one go with the values, before anything is waited for.
  const known = new Map(variables.map((variable): [tf.Variable, object] => [variable, lastAssignment(variable)]));
  return { known, stores: await makeStores(trace, plan, device) };
}

/** Throws if `variable` was disposed of since the function was traced. */
export function assertThere(variable: tf.Variable): void {
  if (!variable.isDisposed) return;
  throw new UsageError(
    `the tf.variable ${variable.name} was disposed of while the function that uses it was compiled: wait for compile() first`,
  );
}

async function makeStores(trace: Trace, plan: Plan, device: DeviceName): Promise<readonly StateStore[]> {
  const entries: StateEntry[] = plan.state.map(({ variable, input, output }) => ({
    input: stateName(variable),
    value: input,
    next: output,
    initial: variable.dataSync() as StateEntry['initial'],
  }));
  const keep = async (kept: readonly StateEntry[]): Promise<StateStore> =>
    device === 'webgpu' ? DeviceState.create(kept, device) : new HostState(kept);
  if (plan.packed.length > 0) return [await PackedState.create(plan.packed, (arrays) => keep([...entries, ...arrays]))];
  const symbols = new Map(trace.state.map(({ variable, input }) => [variable, input]));
  const stores: StateStore[] = [];
  if (entries.length > 0) stores.push(await keep(entries));
  if (trace.fused.length > 0) {
    stores.push(
      new FusedState(trace.fused, (variable) => {
        const symbol = symbols.get(variable);
        if (symbol === undefined) throw new Error(`no symbol for ${variable.name}`);
        return symbol;
      }),
    );
  }
  return stores;
}
