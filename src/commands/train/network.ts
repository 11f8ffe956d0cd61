import type { Command } from 'commander';
import type { ImageSet } from '../../data/dataset';
import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import type { VaeOptions } from '../../vae/model';
import { choice, positiveIntegers, wholeNumber } from '../vae-options';

export const NETWORK_NAMES = ['gated', 'dense', 'conv'] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

/** The options that say what encoder and decoder are made of, as parsed. */
export interface NetworkFlags {
  readonly network: NetworkName;
  readonly hidden?: readonly number[];
  readonly featureMaps?: readonly number[];
  readonly residualBlocks?: number;
}

export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(
      choice('--network <kind>', 'dense layers, gated or of ReLU units, or convolutions', NETWORK_NAMES, 'gated'),
    )
    .option(
      '--hidden <sizes>',
      'units of the dense hidden layers, from the image on (default: 300,300; none with conv)',
      positiveIntegers('--hidden'),
    )
    .option(
      '--feature-maps <sizes>',
      'of conv, after each halving of the image (default: 32,64)',
      positiveIntegers('--feature-maps'),
    )
    .option('--residual-blocks <n>', 'of conv, after each halving (default: 1)', wholeNumber('--residual-blocks'));
}

type Layers = Pick<VaeOptions, 'network' | 'hidden' | 'hiddenKind'>;

const DENSE = [300, 300];

const LAYERS: { readonly [N in NetworkName]: (flags: NetworkFlags, set: ImageSet) => Layers } = {
  gated: ({ hidden = DENSE }) => ({ hidden, hiddenKind: 'gated' }),
  dense: ({ hidden = DENSE }) => ({ hidden, hiddenKind: 'relu' }),
  conv: ({ hidden = [], featureMaps, residualBlocks }, { height, width, channels = 1, columns }) => {
    if (columns) {
      throw new UsageError('--network conv: rows of a table have no neighbours; choose dense or gated');
    }
    const size = { height, width, ...(channels !== 1 && { channels }) };
    const network = {
      kind: 'conv' as const,
      ...size,
      ...(featureMaps && { maps: featureMaps }),
      ...(residualBlocks !== undefined && { blocks: residualBlocks }),
    };
    return { hidden, hiddenKind: 'relu', network };
  },
};

/** @throws UsageError where convolutions are asked for, and the images are none */
export function layersOf(flags: NetworkFlags, set: ImageSet): Layers {
  return LAYERS[flags.network](flags, set);
}

/**
 * What a kept model was started with, as options.
 *
 * @throws UsageError where a program made its networks by hand
 */
export function storedNetwork({ network, hidden, hiddenKind }: StoredModel): NetworkFlags {
  if (network?.kind === 'custom') {
    throw new UsageError('--resume: its networks were made by hand in a program, which alone can go on with it');
  }
  if (network?.kind !== 'conv') return { network: hiddenKind === 'gated' ? 'gated' : 'dense', hidden };
  const { maps, blocks } = network;
  return {
    network: 'conv',
    ...(hidden.length > 0 && { hidden }),
    ...(maps && { featureMaps: maps }),
    ...(blocks !== undefined && { residualBlocks: blocks }),
  };
}

/** @throws UsageError on options of another network than the chosen one */
export function checkNetwork({ network, featureMaps, residualBlocks }: NetworkFlags): void {
  if (network === 'conv') return;
  const given = featureMaps ? '--feature-maps' : residualBlocks === undefined ? null : '--residual-blocks';
  if (given) throw new UsageError(`${given}: only --network conv has them, not ${network}`);
}
