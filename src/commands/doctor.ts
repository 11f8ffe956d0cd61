import type { Command } from 'commander';
import type { CommandIo } from './io';

const SIGNS = { ok: 'ok', optional: '--', missing: '!!' } as const;

export function registerDoctor(command: Command, io: CommandIo): void {
  command
    .option('--json', 'one JSON list of {name, state, detail, fix}')
    .action(async (options: { readonly json?: boolean }) => {
      const { examine } = await import('../doctor/doctor.js');
      const checks = await examine(io.env);
      if (options.json) io.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
      else {
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const { name, state, detail, fix } of checks) {
          io.stdout.write(`${SIGNS[state]}  ${name.padEnd(width)}  ${detail}\n`);
          if (fix) io.stdout.write(`${' '.repeat(width + 6)}→ ${fix}\n`);
        }
      }
      if (checks.some(({ state }) => state === 'missing')) io.exit(1);
    });
}
