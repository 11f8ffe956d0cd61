import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import type { DeviceName } from './devices';
import { type OrtTensor, Session } from './session';

/** How many operators of which kind each of ONNX Runtime's providers, such as `CPUExecutionProvider`, runs. */
export type Placement = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What one run of a step asks of a device other than the host; of `cpu`, which is the host, nothing. */
export interface StepCosts {
  /** Operators that compute something on the device: each is a kernel to launch. */
  readonly launches: number;
  /** How often the host waits for the device: for what it is to return, and in the middle for each operator that the device lacks. */
  readonly synchronisations: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** One operator that was run. */
export interface OperatorRun {
  readonly operator: string;
  readonly provider: string;
  readonly outputBytes: number;
}

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string; readonly output_size?: string };
}

/**
 * Every operator that ONNX Runtime runs for `graph`. It tells only in a profile, so the graph is run once in a session of its own with
 * profiling on; operators are named as ONNX Runtime has fused them.
 */
export async function profileOf(
  graph: Graph,
  device: DeviceName,
  feeds: Readonly<Record<string, OrtTensor>>,
): Promise<readonly OperatorRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gmm-vae-profile-'));
  try {
    const session = await Session.create(encodeModel(graph), { device, profile: join(folder, 'profile') });
    await session.run(feeds, Object.fromEntries(graph.outputs.map(({ name }) => [name, null])));
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('ONNX Runtime wrote no profile');
    return operatorRuns(JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly ProfileEvent[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function operatorRuns(events: readonly ProfileEvent[]): readonly OperatorRun[] {
  return events.flatMap(({ cat, name, args }) => {
    const { op_name: operator, provider, output_size: bytes } = args ?? {};
    if (cat !== 'Node' || !name?.endsWith('_kernel_time') || operator === undefined || provider === undefined)
      return [];
    return [{ operator, provider, outputBytes: Number(bytes ?? 0) }];
  });
}

export function placementOf(runs: readonly OperatorRun[]): Placement {
  const counts: Record<string, Record<string, number>> = {};
  for (const { operator, provider } of runs) {
    counts[provider] ??= {};
    const own = counts[provider];
    own[operator] = (own[operator] ?? 0) + 1;
  }
  return counts;
}

/** What only gives the same bytes another shape. */
const NO_KERNEL: ReadonlySet<string> = new Set([
  'MemcpyToHost',
  'MemcpyFromHost',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Identity',
]);

/** @param fed bytes of the inputs that come from the host; @param returned bytes of the outputs that go there */
export function costsOf(runs: readonly OperatorRun[], device: DeviceName, fed: number, returned: number): StepCosts {
  if (device === 'cpu') return { launches: 0, synchronisations: 0, bytesUp: 0, bytesDown: 0 };
  const onDevice = runs.filter(({ provider }) => provider !== 'CPUExecutionProvider');
  const launches = onDevice.filter(({ operator }) => !NO_KERNEL.has(operator)).length;
  const copied = (direction: string) => onDevice.filter(({ operator }) => operator === direction);
  const bytes = (direction: string): number => copied(direction).reduce((sum, { outputBytes }) => sum + outputBytes, 0);
  return {
    launches,
    synchronisations: copied('MemcpyToHost').length + (returned > 0 ? 1 : 0),
    bytesUp: fed + bytes('MemcpyFromHost'),
    bytesDown: returned + bytes('MemcpyToHost'),
  };
}
