#!/usr/bin/env node
import { Command, CommanderError, Help } from 'commander';
import { inFlags } from './commands/in-flags';
import type { CommandIo } from './commands/io';
import { processIo } from './commands/process-io';
import { COMMANDS } from './commands/table';

/**
 * The program with all its commands, of which only those that the words name are loaded: the others are there to be listed, and to be
 * suggested where a name is mistyped.
 */
export async function createProgram(io: CommandIo, words: readonly string[]): Promise<Command> {
  const term = Help.prototype.subcommandTerm;
  const program: Command = new Command('gmm-vae')
    .description('What the KL term of a variational autoencoder is: computed, estimated, trained, explained.')
    .option('--debug', 'print stack traces')
    .exitOverride()
    // Of a command that is not loaded, no more than its name is known.
    .configureHelp({ subcommandTerm: (command) => (command.parent === program ? command.name() : term(command)) })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) =>
        write(
          `${text
            .trim()
            .replace(/^error: /, 'gmm-vae: ')
            .replace(/\n/g, ' ')}\n`,
        ),
    });
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description);
    if (words.includes(name)) (await load())(command, io);
  }
  return program;
}

/** Runs one command line and returns its exit code: 0 done, 1 the answer is no, 2 the request cannot be met, 130 interrupted. */
export async function main(args: readonly string[], io: Omit<CommandIo, 'exit'>): Promise<number> {
  let code = 0;
  let running: Command | undefined;
  const exit = (value: number): void => {
    code = value;
  };
  try {
    const program = await createProgram({ ...io, exit }, args);
    program.hook('preAction', (_, command) => {
      running = command;
    });
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isInterruption(error, io.signal)) {
      io.stderr.write('gmm-vae: interrupted\n');
      return 130;
    }
    io.stderr.write(`${describe(inFlags(error, running), args.includes('--debug'))}\n`);
    return 2;
  }
}

function describe(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `gmm-vae: ${String(error)}`;
  if (debug && error.stack) return error.stack;
  const message = error.message.split('\n')[0];
  if (!(error instanceof RangeError && NO_MEMORY.test(error.message))) return `gmm-vae: ${message}`;
  return `gmm-vae: expected sizes that fit into memory, got more (${message}): choose smaller ones`;
}

/** What V8 says of arrays that it cannot make. */
const NO_MEMORY = /^(Invalid (typed )?array (buffer )?length|Array buffer allocation failed)/i;

/** Whether it was thrown since the signal came: its reason, or what streams and timers make of it. */
function isInterruption(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (error === reason || (error as Error | undefined)?.name === 'AbortError');
}

async function start(process: NodeJS.Process): Promise<number> {
  let io: ReturnType<typeof processIo>;
  try {
    io = processIo(process);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    process.stderr.write('gmm-vae: the folder that it was started in no longer exists: change to another one\n');
    return 2;
  }
  return main(process.argv.slice(2), io);
}

if (require.main === module) {
  start(process).then((code) => {
    if (code !== 0) process.exitCode = code;
  });
}
