import { Readable, Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from '../../src/commands/table';

export interface Said {
  out: string;
  err: string;
  code: number;
}

/** Runs a command as the command line does: errors are one line on standard error and exit code 2. */
export async function vaeCommand(
  args: readonly string[],
  {
    cwd,
    isTTY = false,
    signal = new AbortController().signal,
    env = {},
    onError = () => {},
  }: {
    readonly cwd: string;
    readonly isTTY?: boolean;
    readonly signal?: AbortSignal;
    readonly env?: Record<string, string>;
    /** Called with what goes to standard error. */
    readonly onError?: (text: string) => void;
  },
): Promise<Said> {
  const said: Said = { out: '', err: '', code: 0 };
  const into = (key: 'out' | 'err') => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      said[key] += chunk.toString();
      if (key === 'err') onError(chunk.toString());
      done();
    };
    return Object.assign(new Writable({ write }), { isTTY, columns: 200, cursorTo: () => {}, clearLine: () => {} });
  };
  const io = {
    stdin: Readable.from([]),
    stdout: into('out'),
    stderr: into('err'),
    env,
    cwd,
    now: Date.now,
    signal,
    exit: (code: number) => {
      said.code = code;
    },
  };
  const program = new Command('gmm-vae').exitOverride();
  program.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    if (args.includes(name)) (await load())(program.command(name), io);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!(error instanceof CommanderError) || error.exitCode !== 0) said.code = 2;
    said.err += `${error.message.replace(/^error: /, '')}\n`;
  }
  return said;
}

/** A network and data so small that an epoch takes milliseconds. */
export const SMALL = [
  '--data',
  'synthetic',
  '--train-images',
  '300',
  '--validation-images',
  '50',
  '--latent',
  '2',
  '--hidden',
  '12',
  '--threads',
  '1',
];
