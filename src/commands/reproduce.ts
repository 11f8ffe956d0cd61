import type { Command } from 'commander';
import type { ReproduceRow } from '../reproduce';
import type { CommandIo } from './io';

/** `gmm-vae reproduce`: equations (1) to (11), checked. */
export function registerReproduce(command: Command, io: CommandIo): void {
  command.option('--json', 'print the rows as JSON').action((options: { json?: boolean }) => run(options, io));
}

async function run({ json }: { json?: boolean }, io: CommandIo): Promise<void> {
  const { reproduce } = await import('../reproduce/index.js');
  const rows = reproduce();
  const failed = rows.filter(({ pass }) => !pass).length;
  if (json) io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else io.stdout.write(`${rows.map(line).join('\n')}\n\n${rows.length - failed} of ${rows.length} equations pass\n`);
  if (failed > 0) io.exit(1);
}

function line({ equation, claim, measured, expected, tolerance, pass }: ReproduceRow): string {
  const verdict = pass ? 'pass' : 'FAIL';
  const figures = `measured ${measured}, expected ${expected}, tolerance ${tolerance.toPrecision(2)}`;
  return `${`(${equation})`.padStart(4)}  ${verdict}  ${claim}\n            ${figures}`;
}
