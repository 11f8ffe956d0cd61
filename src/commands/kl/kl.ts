import { type Command, Option } from 'commander';
import type { DivergenceName } from '../../kl/divergences';
import type { CommandIo } from '../io';
import { compute } from './compute';
import { type Asked, addMethodOptions, DISTRIBUTIONS_HELP, METHODS_HELP } from './options';
import { readSpec } from './read-spec';

const HELP = `
The specification is JSON: {"q": …, "p": …}, each of them one of
${DISTRIBUTIONS_HELP}

${METHODS_HELP}
--divergence jeffreys is KL(q‖p) + KL(p‖q), and jensen-shannon ½KL(q‖m) + ½KL(p‖m) with m = ½q + ½p. Their two divergences are
estimated one by one, each with --samples draws, and --json adds them as "parts".

Example:
  echo '{"q":{"type":"normal","mean":[1],"stddev":[0.5]},"p":{"type":"normal","mean":[0],"stddev":[1]}}' | gmm-vae kl -`;

/** `gmm-vae kl`: the divergence KL(q‖p) of two distributions given as JSON. */
export function registerKl(command: Command, io: CommandIo): void {
  addMethodOptions(
    command
      .argument('<spec>', 'a JSON file with q and p, or - for standard input')
      .addOption(
        new Option('--divergence <name>', 'which divergence')
          .choices(['kl', 'jeffreys', 'jensen-shannon'] satisfies DivergenceName[])
          .default('kl'),
      ),
  )
    .addHelpText('after', HELP)
    .action(async (spec: string, asked: Asked & { readonly divergence: DivergenceName }) => {
      const { parseKlSpec } = await import('./spec.js');
      const { q, p } = parseKlSpec(await readSpec(spec, io));
      const { requireSameShape } = await import('../../kl/shapes.js');
      requireSameShape(q, p);
      const { divergenceQuantity } = await import('../../kl/quantity.js');
      await compute(divergenceQuantity(asked.divergence, q, p), asked, io);
    });
}
