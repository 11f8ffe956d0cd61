#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { registerBench } from './commands/bench';
import { registerCompare } from './commands/compare';
import { registerData } from './commands/data';
import { registerDoctor } from './commands/doctor';
import { registerEvaluate } from './commands/evaluate';
import { registerExplore } from './commands/explore';
import { inFlags } from './commands/in-flags';
import type { CommandIo } from './commands/io';
import { registerKernel } from './commands/kernel';
import { registerEntropy } from './commands/kl/entropy';
import { registerKl } from './commands/kl/kl';
import { processIo } from './commands/process-io';
import { registerReport } from './commands/report';
import { registerReproduce } from './commands/reproduce';
import { registerRun } from './commands/run/run';
import { registerSweep } from './commands/sweep/sweep';
import { registerTrain } from './commands/train/train';
import { registerUse } from './commands/use/use';

/** One subcommand: adds itself to the program. Heavy modules are imported inside its action, not at the top. */
type Register = (program: Command, io: CommandIo) => void;

const COMMANDS: readonly Register[] = [
  registerKl,
  registerEntropy,
  registerRun,
  registerReport,
  registerExplore,
  registerReproduce,
  registerTrain,
  registerEvaluate,
  registerCompare,
  registerUse,
  registerSweep,
  registerData,
  registerKernel,
  registerDoctor,
  registerBench,
];

export function createProgram(io: CommandIo): Command {
  const program = new Command('gmm-vae')
    .description('What the KL term of a variational autoencoder is: computed, estimated, trained, explained.')
    .option('--debug', 'print stack traces')
    .exitOverride()
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
  for (const register of COMMANDS) register(program, io);
  return program;
}

/** Runs one command line and returns its exit code: 0 done, 1 the answer is no, 2 the request cannot be met, 130 interrupted. */
export async function main(args: readonly string[], io: Omit<CommandIo, 'exit'>): Promise<number> {
  let code = 0;
  let running: Command | undefined;
  const program = createProgram({
    ...io,
    exit: (value) => {
      code = value;
    },
  });
  program.hook('preAction', (_, command) => {
    running = command;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.stderr.write(`${describe(inFlags(error, running), args.includes('--debug'))}\n`);
    return 2;
  }
}

function describe(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `gmm-vae: ${String(error)}`;
  return debug && error.stack ? error.stack : `gmm-vae: ${error.message.split('\n')[0]}`;
}

if (require.main === module) {
  main(process.argv.slice(2), processIo(process)).then((code) => {
    if (code !== 0) process.exitCode = code;
  });
}
