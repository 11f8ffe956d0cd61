import { type Command, Option } from 'commander';
import type { BenchResult, Range } from '../bench/measure';
import type { VaeSizes } from '../bench/reference-vae';
import type { Device } from '../compile/runtime/devices';
import type { CommandIo } from './io';
import { positiveInteger } from './numbers';

interface Options {
  readonly device: string;
  readonly threads?: number;
  readonly batch: number;
  readonly hidden: number;
  readonly latent: number;
  readonly components: number;
  readonly gated: boolean;
  readonly library: boolean;
  readonly rounds: number;
  readonly steps: number;
  readonly peer: boolean;
  readonly peerCompile: boolean;
  readonly python: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** `gmm-vae bench`: one training step, compiled, beside PyTorch and the roofline of the machine. */
export function registerBench(command: Command, io: CommandIo): void {
  command
    .option('--device <name>', 'cpu, webgpu, cuda or auto', 'cpu')
    .option('--threads <n>', 'threads on cpu (default: all cores)', positiveInteger('--threads'))
    .option('--batch <n>', 'images per batch', positiveInteger('--batch'), 128)
    .option('--hidden <n>', 'units of each of the hidden layers', positiveInteger('--hidden'), 512)
    .option('--latent <n>', 'latent dimensions', positiveInteger('--latent'), 16)
    .option('--components <n>', 'components of the mixture prior', positiveInteger('--components'), 10)
    .option('--gated', 'gated hidden layers instead of relu', false)
    .option('--library', "the library's own model, as train runs it, not the self-contained one", false)
    .option('--rounds <n>', 'turns that each contender takes', positiveInteger('--rounds'), 8)
    .option('--steps <n>', 'steps per turn', positiveInteger('--steps'), 40)
    .option('--python <path>', 'a Python with PyTorch', '/usr/bin/python3')
    .option('--no-peer', 'without PyTorch')
    .option('--no-peer-compile', 'PyTorch without torch.compile')
    .addOption(
      new Option('--all', 'the reference step, its variations in batch, width and components, and the step of train')
        .default(false)
        .conflicts(['batch', 'hidden', 'latent', 'components', 'gated', 'library']),
    )
    .option('--json', 'one JSON object a line', false)
    .action(async (options: Options) => {
      for (const sizes of options.all ? VARIATIONS : [sizesOf(options)]) {
        const result = await bench(sizes, options, io);
        io.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${describeResult(result)}\n`);
      }
    });
}

const REFERENCE: VaeSizes = { pixels: 784, hidden: 512, latent: 16, components: 10, batch: 128 };
const GATED: VaeSizes = { pixels: 784, hidden: 300, latent: 40, components: 10, batch: 100, gated: true };
const VARIATIONS: readonly VaeSizes[] = [
  REFERENCE,
  { ...REFERENCE, batch: 32 },
  { ...REFERENCE, batch: 512 },
  ...[1, 100, 500].map((components) => ({ ...REFERENCE, components })),
  ...[1, 10, 100, 500].map((components) => ({ ...GATED, components })),
  ...[1, 10, 100, 500].map((components) => ({ ...GATED, components, library: true })),
];

function sizesOf({ hidden, latent, components, batch, gated, library }: Options): VaeSizes {
  return { pixels: 784, hidden, latent, components, batch, gated, library };
}

async function bench(sizes: VaeSizes, options: Options, io: CommandIo): Promise<BenchResult> {
  const [{ measure }, { startPeer }] = await Promise.all([import('../bench/measure.js'), import('../bench/peer.js')]);
  const peer = options.peer
    ? await startPeer(options.python, sizes, { device: options.device, compile: options.peerCompile })
    : null;
  const tty = io.stderr.isTTY === true && !options.json;
  try {
    return await measure({
      sizes,
      device: options.device as Device['name'] | 'auto',
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      rounds: options.rounds,
      steps: options.steps,
      peer,
      signal: io.signal,
      onRound: (round) => {
        if (tty) io.stderr.write(`\r${round === options.rounds ? '\u001b[K' : `round ${round} of ${options.rounds}`}`);
      },
    });
  } finally {
    peer?.close();
  }
}

function describeResult({
  sizes,
  device,
  reason,
  msPerStep,
  compileMs,
  processorMsPerStep,
  peer,
  ratio,
  ratioAtBest,
  processorRatio,
  roofline,
}: BenchResult): string {
  const layers = `784-${sizes.hidden}-${sizes.hidden}-${sizes.latent}${sizes.gated ? ' gated' : ''}`;
  const lines = [
    `${layers}, K=${sizes.components}, batch ${sizes.batch}, Adam${sizes.library ? ', as train runs it' : ''}, on ${device} (${reason})`,
    `  compiled  ${describeTimes(msPerStep, processorMsPerStep)}; compiling took ${Math.round(compileMs)} ms`,
    `  roofline  ${roofline.msPerStep.toFixed(2)} ms at ${Math.round(roofline.gflops)} GFLOP/s: ${Math.round(100 * roofline.share)} % reached`,
  ];
  if (peer && ratio !== null && ratioAtBest !== null && processorRatio !== null) {
    lines.push(
      `  peer      ${describeTimes(peer.msPerStep, peer.processorMsPerStep)} (${peer.name}, ${peer.settings})`,
      `  ratio     ${ratio.toFixed(2)}, of the fastest steps ${ratioAtBest.toFixed(2)}, of processor time ${processorRatio.toFixed(2)}`,
    );
  }
  return lines.join('\n');
}

function describeTimes(ms: Range, processorMs: Range): string {
  return `${describeRange(ms)} a step, ${describeRange(processorMs)} of the processor`;
}

function describeRange({ median, min, max }: Range): string {
  return `${median.toFixed(2)} ms (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
