export { type HiddenKind, hiddenLayers, usualInitialiser } from './networks/hidden';
export {
  affine,
  checkChoice,
  checkElements,
  checkSize,
  type Initialiser,
  type Layer,
  type NamedVariables,
  variable,
} from './networks/layers';
export { makeNetworks, NETWORK_KINDS, type NetworkOptions, type Networks } from './networks/networks';
