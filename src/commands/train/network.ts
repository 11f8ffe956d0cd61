import type { ImageSet } from '../../data/dataset';
import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import type { VaeOptions } from '../../vae/model';
import { MODEL_OPTIONS, type ModelOptionValue, USUAL } from '../../vae/model-table';
import type { HandmadeOptions } from '../../vae/networks';
import { isModuleFile, type ModuleFile } from '../network-module';
import type { ModelFlags } from './model-flags';

type NetworkName = ModelOptionValue<'network'>;

/** The options that say what encoder and decoder are made of, as parsed. */
export interface NetworkFlags extends Pick<ModelFlags, 'hidden' | 'featureMaps' | 'residualBlocks'> {
  readonly network: NetworkName | ModuleFile;
}

/** The value of `--network`. */
export function networkArgument(text: string): NetworkFlags['network'] {
  const known = (MODEL_OPTIONS.network.choices as readonly NetworkName[]).find((name) => name === text);
  if (known !== undefined || isModuleFile(text)) return known ?? (text as ModuleFile);
  const names = MODEL_OPTIONS.network.choices?.join(', ');
  throw new UsageError(`--network: expected ${names} or a module's file (.mjs, .cjs, .js), got '${text}'`);
}

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

/**
 * @param made what a module has made, where `--network` names one
 * @throws UsageError where convolutions are asked for, and the images are none
 */
export function layersOf(flags: NetworkFlags, set: ImageSet, made: HandmadeOptions | null): Layers {
  if (made) return { hidden: [], network: made };
  return LAYERS[flags.network as NetworkName](flags, set);
}

/** @throws UsageError where a kept model has networks made by hand, and the module that makes them is not named */
export function checkMaker({ network }: StoredModel, typed: NetworkFlags['network']): void {
  if (network?.kind !== 'custom' || isModuleFile(typed)) return;
  const by = network.module ? `made by ${network.module.path}` : 'made by hand in a program';
  throw new UsageError(`--resume: its networks were ${by}: name the module that makes them with --network FILE`);
}

/** What a kept model was started with, as options; none where its networks were made by hand. */
export function storedNetwork({ network = { kind: 'dense' }, hidden }: StoredModel): Partial<NetworkFlags> {
  if (network.kind === 'custom') return {};
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
export function checkNetwork({ network, hidden, featureMaps, residualBlocks }: NetworkFlags): void {
  if (isModuleFile(network) && hidden)
    throw new UsageError(`--hidden: not with --network ${network}, which says its own`);
  if (network === 'conv') return;
  const given = featureMaps ? '--feature-maps' : residualBlocks === undefined ? null : '--residual-blocks';
  if (given) throw new UsageError(`${given}: only --network conv has them, not ${network}`);
}
