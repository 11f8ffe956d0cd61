import type { ImageSet } from '../../data/dataset';
import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import type { VaeOptions } from '../../vae/model';
import { type ModelOptionValue, USUAL } from '../../vae/model-table';
import type { ModelFlags } from './model-flags';

type NetworkName = ModelOptionValue<'network'>;

/** The options that say what encoder and decoder are made of, as parsed. */
export type NetworkFlags = Pick<ModelFlags, 'network' | 'hidden' | 'featureMaps' | 'residualBlocks'>;

type Layers = Pick<VaeOptions, 'network' | 'hidden'>;

const LAYERS: { readonly [N in NetworkName]: (flags: NetworkFlags, set: ImageSet) => Layers } = {
  gated: ({ hidden = USUAL.hidden }) => ({ hidden, network: { kind: 'gated' } }),
  dense: ({ hidden = USUAL.hidden }) => ({ hidden, network: { kind: 'dense' } }),
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
    return { hidden, network };
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
export function storedNetwork({ network = { kind: 'dense' }, hidden }: StoredModel): NetworkFlags {
  if (network.kind === 'custom') {
    throw new UsageError('--resume: its networks were made by hand in a program, which alone can go on with it');
  }
  if (network.kind !== 'conv') return { network: network.kind, hidden };
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
