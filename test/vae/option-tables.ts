import type { Command } from 'commander';
import { expect } from 'vitest';
import type { OptionTable } from '../../src/vae/option';

/** Values that an option cannot have, by how it is read. */
export const WRONG: { readonly [R in OptionTable[string]['read']]: readonly unknown[] } = {
  size: [0, -1, 1.5, '3', Number.NaN],
  count: [-1, 0.5, '1', Number.NaN],
  integer: [0.5, Number.POSITIVE_INFINITY, '1'],
  positive: [0, -1e-9, Number.NaN, Number.POSITIVE_INFINITY],
  nonNegative: [-1, Number.NaN, Number.POSITIVE_INFINITY, '1'],
  sizes: [3, '3', [0], [2, 1.5], [-1], ['3']],
  choice: ['neither', 1, null],
  switch: ['yes', 0, null],
};

/** Every option of a table has a flag and a line of help, and accepts its own defaults, those of the command too. */
export function expectFlags(table: OptionTable, command: Command): void {
  const help = command.helpInformation();
  for (const [name, spec] of Object.entries(table)) {
    const option = command.options.find((one) => one.attributeName() === name);
    expect(option?.flags).toBe(spec.flag);
    expect(help).toContain(spec.flag);
    for (const value of [spec.default, option?.defaultValue])
      if (value !== undefined) expect(spec.schema.safeParse(value).success, `${name} ${value}`).toBe(true);
  }
  expect(new Set(command.options.map(({ long }) => long)).size).toBe(command.options.length);
}
