import type { Command } from 'commander';
import type { CommandIo } from '../io';
import { compute } from './compute';
import { type Asked, addMethodOptions, DISTRIBUTIONS_HELP, METHODS_HELP } from './options';
import { readSpec } from './read-spec';

const HELP = `
The specification is JSON, one of
${DISTRIBUTIONS_HELP}

${METHODS_HELP}
Where modes overlap little, component-wise has by far the smallest error.

Example:
  echo '{"type":"mixture","weights":[0.3,0.7],"components":[{"type":"normal","mean":[-1],"stddev":[1]},{"type":"normal","mean":[2],"stddev":[1]}]}' |
    gmm-vae entropy - --method quadrature`;

/** `gmm-vae entropy`: the differential entropy of a distribution given as JSON. */
export function registerEntropy(command: Command, io: CommandIo): void {
  addMethodOptions(command.argument('<spec>', 'a JSON file with the distribution, or - for standard input'))
    .addHelpText('after', HELP)
    .action(async (spec: string, asked: Asked) => {
      const { parseDistribution } = await import('./spec.js');
      const distribution = parseDistribution(await readSpec(spec, io));
      const { entropyQuantity } = await import('../../kl/quantity.js');
      await compute(entropyQuantity(distribution), asked, io);
    });
}
