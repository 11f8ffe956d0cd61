import { resolve } from 'node:path';
import { type Command, InvalidArgumentError as InvalidOption } from 'commander';
import type { DownloadProgress } from '../data/download';
import { UsageError } from '../errors';
import type { CommandIo } from './io';
import { registerShowData } from './show-data';
import { folderPath } from './vae-options';

interface MnistOptions {
  readonly cache?: string;
  readonly mirror?: string;
}

/** `gmm-vae data PATH`, `gmm-vae data mnist` and `gmm-vae data status`. */
export function registerData(data: Command, io: CommandIo): void {
  registerShowData(data, io);
  data
    .command('mnist')
    .description('download MNIST (11 MB), checked against its published SHA-256 sums; goes on where it was interrupted')
    .option(
      '--cache <folder>',
      'keep the files here (default: mnist in the user’s cache folder)',
      folderPath('--cache'),
    )
    .option('--mirror <url>', 'take <url>/<file>.gz instead of the built-in addresses', parseMirror)
    .action((options: MnistOptions, command: Command) => {
      refuseOuter(command, []);
      return downloadMnist(options, io);
    });
  data
    .command('status')
    .description('say where MNIST was found; exit code 1 when it is not here')
    .option('--json', 'print {"found", "files", "searched"} as JSON')
    // `data` itself takes --json too, and commander gives it to the outer command.
    .action((_options: object, command: Command) => {
      refuseOuter(command, ['json']);
      return status(command.optsWithGlobals<{ json?: boolean }>(), io);
    });
}

/** Commander gives options of `data PATH` that are typed behind `mnist` or `status` to `data`, which does not run. */
function refuseOuter(command: Command, shared: readonly string[]): void {
  const { parent } = command;
  const idle = parent?.options.find((option) => {
    const name = option.attributeName();
    return !shared.includes(name) && parent.getOptionValueSource(name) === 'cli';
  });
  if (idle === undefined) return;
  const files = `./${command.name()}`;
  throw new UsageError(
    `${idle.long}: not an option of "gmm-vae data ${command.name()}"; for a folder of that name, write ${files}`,
  );
}

async function downloadMnist(options: MnistOptions, io: CommandIo): Promise<void> {
  const { download } = await import('../data/download.js');
  const { mnistCacheFolder } = await import('../data/mnist.js');
  const folder = options.cache ? resolve(io.cwd, options.cache) : mnistCacheFolder(io.env);
  const reporter = await progressReporter(io);
  try {
    await download({
      folder,
      signal: io.signal,
      onProgress: reporter.show,
      ...(options.mirror && { mirrors: [options.mirror] }),
    });
  } catch (error) {
    reporter.stop();
    if (!io.signal.aborted) throw error;
    io.stderr.write('gmm-vae: interrupted; the next "gmm-vae data mnist" goes on from here\n');
    io.exit(130);
    return;
  }
  reporter.stop();
  const hint = options.cache ? ` (use it with GMM_VAE_DATA=${folder})` : '';
  io.stdout.write(`MNIST is in ${folder}${hint}\n`);
}

async function status(options: { json?: boolean }, io: CommandIo): Promise<void> {
  const { findMnist, mnistCacheFolder } = await import('../data/mnist.js');
  const files = await findMnist({ env: io.env });
  const searched = [...(io.env.GMM_VAE_DATA ? [io.env.GMM_VAE_DATA] : []), mnistCacheFolder(io.env)];
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ found: files !== null, files, searched }, null, 2)}\n`);
  } else if (files) {
    io.stdout.write(`MNIST is here:\n${Object.values(files).join('\n')}\n`);
  } else {
    io.stdout.write(`MNIST is not here (looked in ${searched.join(', ')}): run "gmm-vae data mnist"\n`);
  }
  if (!files) io.exit(1);
}

function parseMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new InvalidOption(`expected an http or https address, got ${JSON.stringify(text)}`);
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

interface Reporter {
  readonly show: (progress: DownloadProgress) => void;
  readonly stop: () => void;
}

function progressReporter(io: CommandIo): Promise<Reporter> | Reporter {
  return io.stderr.isTTY ? progressBar(io) : progressLines(io);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

async function progressBar(io: CommandIo): Promise<Reporter> {
  const { SingleBar } = await import('cli-progress');
  let bar: { name: string; bar: InstanceType<typeof SingleBar> } | null = null;
  const stop = () => {
    bar?.bar.stop();
    bar = null;
  };
  const open = (name: string, total: number) => {
    const made = new SingleBar({
      format: '{file} [{bar}] {percentage}% of {size} MB, {eta_formatted} left',
      stream: io.stderr as NodeJS.WritableStream,
      hideCursor: true,
    });
    made.start(total, 0, { file: name, size: megabytes(total) });
    return { name, bar: made };
  };
  return {
    stop,
    show: ({ file, state, received, total }) => {
      if (state === 'present') io.stderr.write(`${file}: already there\n`);
      else if (bar?.name !== file) {
        stop();
        bar = open(file, total ?? received);
      }
      if (total !== null) bar?.bar.setTotal(total);
      bar?.bar.update(received);
      if (state === 'done') stop();
    },
  };
}

/** Shows progress without a terminal: a line per file, and for a slow one a line every ten seconds. */
function progressLines(io: CommandIo): Reporter {
  let said = io.now();
  return {
    stop: () => {},
    show: ({ file, state, received, total }) => {
      if (state === 'receiving' && io.now() - said < 10_000) return;
      said = io.now();
      const amount = { present: 'already there', receiving: partOf(received, total), done: partOf(received, null) };
      io.stderr.write(`${file}: ${amount[state]}\n`);
    },
  };
}

function partOf(received: number, total: number | null): string {
  return total === null ? `${megabytes(received)} MB` : `${megabytes(received)} of ${megabytes(total)} MB`;
}
