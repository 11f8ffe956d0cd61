import { setTimeout } from 'node:timers/promises';
import { compile } from '../compile/compile';
import type { Device } from '../compile/runtime/devices';
import { tf } from '../tensors';
import { makeContender, type Placed } from './contender';
import type { Peer, Times } from './peer';
import { matrixFlops, type VaeSizes } from './reference-vae';

export interface Range {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What `gmm-vae bench --json` prints for one set of sizes. */
export interface BenchResult {
  readonly sizes: VaeSizes;
  readonly device: string;
  readonly reason: string;
  readonly msPerStep: Range;
  /** Milliseconds of the processor, all threads together: what other processes on the same cores disturb less. */
  readonly processorMsPerStep: Range;
  /** Milliseconds to trace, simplify, encode and start the session. */
  readonly compileMs: number;
  readonly peer: {
    readonly name: string;
    readonly settings: string;
    readonly msPerStep: Range;
    readonly processorMsPerStep: Range;
  } | null;
  /** Our median over the peer's; below 1 is faster. */
  readonly ratio: number | null;
  /** The same of the fastest steps, which say more where other processes share the machine. */
  readonly ratioAtBest: number | null;
  /** Our median of processor time over the peer's. */
  readonly processorRatio: number | null;
  /** The time that the step's matrix products alone would take at the rate of one large product, measured in the same run. */
  readonly roofline: { readonly gflops: number; readonly msPerStep: number; readonly share: number };
  /** The same on both sides, but where the library's own model, which starts from other weights, is beside the peer's. */
  readonly firstLoss: { readonly compiled: number; readonly peer: number | null };
}

export interface BenchOptions {
  readonly sizes: VaeSizes;
  readonly device: Device['name'] | 'auto';
  readonly threads?: number;
  /** How often the contenders take turns. */
  readonly rounds: number;
  /** Steps per turn. */
  readonly steps: number;
  readonly peer: Peer | null;
  readonly signal: AbortSignal;
  readonly onRound?: (round: number) => void;
}

/** Times the compiled step, the peer's and the roofline in turns, so that all see the same state of the machine. */
export async function measure(options: BenchOptions): Promise<BenchResult> {
  const { sizes, device, threads, rounds, steps, peer, signal } = options;
  const placed = { device, ...(threads === undefined ? {} : { threads }) };
  const started = performance.now();
  const step = await makeContender(sizes, placed);
  const compileMs = performance.now() - started;
  const product = await largeProduct(placed);
  const firstLoss = { compiled: await step.run(), peer: peer?.firstLoss ?? null };
  const [own, theirs, products]: [Times[], Times[], Times[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    own.push(await turn(() => time(step.run, steps), signal));
    if (peer) theirs.push(await turn(() => peer.run(steps), signal));
    products.push(await turn(() => time(product.run, 3), signal));
    options.onRound?.(round + 1);
  }
  const { name, reason } = step.device;
  await step.dispose();
  await product.dispose();
  const ours = rangesOf(own);
  const { msPerStep } = ours;
  const gflops = product.flops / rangesOf(products).msPerStep.median / 1e6;
  const ideal = matrixFlops(sizes) / gflops / 1e6;
  const its = peer && rangesOf(theirs);
  return {
    sizes,
    device: name,
    reason,
    ...ours,
    compileMs,
    peer: peer && its && { name: peer.name, settings: peer.settings, ...its },
    ratio: its && msPerStep.median / its.msPerStep.median,
    ratioAtBest: its && msPerStep.min / its.msPerStep.min,
    processorRatio: its && ours.processorMsPerStep.median / its.processorMsPerStep.median,
    roofline: { gflops, msPerStep: ideal, share: ideal / msPerStep.median },
    firstLoss,
  };
}

/** A product of large matrices, reduced to one number so that no time goes into copying the result. */
export async function largeProduct(placed: Placed) {
  const [rows, inner] = [512, 4096];
  const [a, b] = [
    [rows, inner],
    [inner, rows],
  ].map((shape) => tf.variable(tf.fill(shape, 0.01))) as [tf.Variable, tf.Variable];
  const scale = await compile(({ s }) => tf.mul(s, tf.max(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D))), {
    inputs: { s: [] },
    ...placed,
  });
  const one = Float32Array.of(1);
  const run = async (): Promise<void> => {
    const result = await scale.run({ s: one });
    result.dispose();
  };
  await run();
  const dispose = async (): Promise<void> => {
    await scale.dispose();
    tf.dispose([a, b]);
  };
  return { run, dispose, flops: 2 * rows * inner * rows };
}

/** Longer than the threads of OpenBLAS stay busy after their last product, so that they take no core from the next contender. */
const SETTLE_MS = 100;

async function turn(run: () => Promise<Times>, signal: AbortSignal): Promise<Times> {
  await setTimeout(SETTLE_MS, undefined, { signal });
  return run();
}

/** Steps before those that are timed: a core that was idle takes some to be back at full speed. bench/torch_peer.py does the same. */
const WARM_UP = 5;

/** Times of each of `count` runs, warmed up. */
async function time(run: () => Promise<unknown>, count: number): Promise<Times> {
  const [ms, processorMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < WARM_UP; i++) await run();
  for (let i = 0; i < count; i++) {
    const [start, { user, system }] = [performance.now(), process.cpuUsage()];
    await run();
    ms.push(performance.now() - start);
    const after = process.cpuUsage();
    processorMs.push((after.user - user + after.system - system) / 1e3);
  }
  return { ms, processorMs };
}

function rangesOf(turns: readonly Times[]): { readonly msPerStep: Range; readonly processorMsPerStep: Range } {
  return {
    msPerStep: rangeOf(turns.flatMap(({ ms }) => ms)),
    processorMsPerStep: rangeOf(turns.flatMap(({ processorMs }) => processorMs)),
  };
}

function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  const [min = Number.NaN, max = Number.NaN] = [sorted[0], sorted.at(-1)];
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min, max };
}
