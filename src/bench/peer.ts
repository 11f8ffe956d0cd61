import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UsageError } from '../errors';
import { findPackage } from '../package';
import type { VaeSizes } from './reference-vae';

/** Milliseconds of each of some steps. */
export interface Times {
  /** Measured by the clock. */
  readonly ms: readonly number[];
  /** Measured on the processor, all threads together. */
  readonly processorMs: readonly number[];
}

/** The same step in another framework, in a process of its own that works only while it is asked to. */
export interface Peer {
  readonly name: string;
  /** What it found fastest: threads and variants. */
  readonly settings: string;
  /** The loss of its first step, to compare with ours. */
  readonly firstLoss: number;
  run(steps: number): Promise<Times>;
  close(): void;
}

export interface PeerOptions {
  readonly device: string;
  /** Whether `torch.compile` is among the settings that it chooses from. */
  readonly compile: boolean;
}

/** Starts bench/torch_peer.py. Throws a one-line UsageError if Python or PyTorch is missing. */
export async function startPeer(python: string, sizes: VaeSizes, options: PeerOptions): Promise<Peer> {
  const child = spawn(python, [scriptPath()], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => {}); // it ended early; `failed` says why
  const failed = new Promise<never>((_, reject) => {
    const why = (): string => stderr.trim().split('\n').at(-1) ?? '';
    child.on('error', (error) => reject(new UsageError(`the peer ${python} cannot be started: ${error.message}`)));
    // Not 'exit', which may come before the last of what it wrote.
    child.on('close', (code) =>
      reject(new UsageError(`the peer ${python} ended with ${code}: ${why()}; --no-peer leaves it out`)),
    );
  });
  failed.catch(() => {}); // also when nobody waits any more
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(line: string): Promise<T> => {
    child.stdin.write(`${line}\n`);
    const answer = await Promise.race([lines.next(), failed]);
    if (answer.done) return failed;
    return JSON.parse(String(answer.value)) as T;
  };
  const hello = await ask<{ name: string; settings: string; firstLoss: number }>(
    JSON.stringify({ ...sizes, ...options }),
  );
  return { ...hello, run: (steps) => ask<Times>(String(steps)), close: () => void child.kill() };
}

/** The script beside the sources, from wherever this code was built to. */
function scriptPath(): string {
  const root = findPackage();
  const path = root === null ? null : join(root, 'bench', 'torch_peer.py');
  if (path !== null && existsSync(path)) return path;
  throw new UsageError('bench/torch_peer.py is not part of this installation: run from a checkout, or with --no-peer');
}
