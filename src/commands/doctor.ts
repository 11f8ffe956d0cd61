import type { Command } from 'commander';
import type { CommandIo } from './io';

const SIGNS = { ok: 'ok', optional: '--', missing: '!!' } as const;

export function registerDoctor(program: Command, io: CommandIo): void {
  program
    .command('doctor')
    .description('what is installed and how to mend what is not')
    .option('--json', 'one JSON list of {name, state, detail, mend}')
    .action(async (options: { readonly json?: boolean }) => {
      const { examine } = await import('../doctor/doctor.js');
      const checks = await examine(io.env);
      if (options.json) io.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
      else {
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const { name, state, detail, mend } of checks) {
          io.stdout.write(`${SIGNS[state]}  ${name.padEnd(width)}  ${detail}\n`);
          if (mend) io.stdout.write(`${' '.repeat(width + 6)}→ ${mend}\n`);
        }
      }
      if (checks.some(({ state }) => state === 'missing')) io.exit(1);
    });
}
