export { hiddenLayers, usualInitialiser } from './networks/hidden';
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
export { completedNetwork, hiddenKindOf, makeNetworks, type NetworkOptions, type Networks } from './networks/networks';
