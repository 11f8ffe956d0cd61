import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '../graph/graph';
import { encodeModel } from '../onnx/encode';
import type { DeviceName } from './devices';
import { type OrtTensor, Session } from './session';

/** How many operators of which kind each of ONNX Runtime's providers, such as `CPUExecutionProvider`, runs. */
export type Placement = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/**
 * Where ONNX Runtime runs each operator of `graph`. It tells only in a profile, so the graph is run once in a session of its own with
 * profiling on; operators are named as ONNX Runtime has fused them.
 */
export async function placementOf(
  graph: Graph,
  device: DeviceName,
  feeds: Readonly<Record<string, OrtTensor>>,
): Promise<Placement> {
  const folder = await mkdtemp(join(tmpdir(), 'gmm-vae-profile-'));
  try {
    const session = await Session.create(encodeModel(graph), { device, profile: join(folder, 'profile') });
    await session.run(feeds, Object.fromEntries(graph.outputs.map(({ name }) => [name, null])));
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('ONNX Runtime wrote no profile');
    return countOperators(JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly ProfileEvent[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function countOperators(events: readonly ProfileEvent[]): Placement {
  const counts: Record<string, Record<string, number>> = {};
  for (const { cat, name, args } of events) {
    const { op_name: operator, provider } = args ?? {};
    if (cat !== 'Node' || !name?.endsWith('_kernel_time') || operator === undefined || provider === undefined) continue;
    counts[provider] ??= {};
    const own = counts[provider];
    own[operator] = (own[operator] ?? 0) + 1;
  }
  return counts;
}
