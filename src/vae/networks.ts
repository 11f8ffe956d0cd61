export type { HandmadeOptions, NetworkFunction, NetworkModule } from './networks/handmade';
export type { Layers } from './networks/handmade-layers';
export { type HiddenKind, hiddenLayers, usualInitialiser } from './networks/hidden';
export {
  affine,
  chain,
  checkChoice,
  checkElements,
  checkSize,
  type Initialiser,
  type Layer,
  type NamedVariables,
  variable,
} from './networks/layers';
export { completedNetwork, hiddenKindOf, makeNetworks, type NetworkOptions, type Networks } from './networks/networks';
