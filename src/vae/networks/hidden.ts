import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import { MODEL_OPTIONS } from '../model-table';
import { checkOption } from '../option';
import { affine, chain, checkChoice, type Initialiser, type Layer, type LayerShape } from './layers';

/** What a dense hidden layer f(xW + b) applies to each of its sums. */
export type Activation = 'relu' | 'tanh';

/** The kind of dense hidden layers: f(xW + b), or `gated`, h·σ(g) with h and g affine in x (Dauphin et al., 2017). */
export type HiddenKind = Activation | 'gated';

interface HiddenLayer {
  /** What its weights start with unless another is chosen. */
  readonly initialiser: Initialiser;
  make(name: string, shape: LayerShape, initialiser: Initialiser, stream: RandomStream): Layer;
}

const HIDDEN_LAYERS: { readonly [K in HiddenKind]: HiddenLayer } = {
  relu: {
    initialiser: 'he',
    make: (...layer) => activated(affine(...layer), tf.relu),
  },
  tanh: {
    initialiser: 'glorot',
    make: (...layer) => activated(affine(...layer), tf.tanh),
  },
  gated: {
    initialiser: 'he',
    make: (name, ...layer) => {
      const value = affine(`${name}/value`, ...layer);
      const gate = affine(`${name}/gate`, ...layer);
      return {
        variables: new Map([...value.variables, ...gate.variables]),
        apply: (x) => tf.mul(value.apply(x), tf.sigmoid(gate.apply(x))),
      };
    },
  },
};

/** What the weights of hidden layers start with unless another is chosen. */
export function usualInitialiser(kind: HiddenKind): Initialiser {
  return HIDDEN_LAYERS[kind].initialiser;
}

/** @throws InvalidArgumentError on an activation that is none of these */
export function checkActivation(activation: HiddenKind, known: readonly HiddenKind[]): void {
  checkChoice('network.activation', activation, Object.fromEntries(known.map((kind) => [kind, true])));
}

export interface HiddenOptions {
  readonly kind: HiddenKind;
  /** Default: what suits the kind. */
  readonly initialiser?: Initialiser | undefined;
}

/** Hidden layers one after the other; `sizes` starts with the number of inputs. */
export function hiddenLayers(
  name: string,
  { kind, initialiser = HIDDEN_LAYERS[kind]?.initialiser }: HiddenOptions,
  sizes: readonly number[],
  stream: RandomStream,
): Layer {
  checkOption(MODEL_OPTIONS.initialiser, initialiser, 'initialiser');
  return chain(
    sizes.slice(1).map((outputs, i) => {
      const inputs = nth(sizes, i);
      return HIDDEN_LAYERS[kind].make(`${name}/hidden${i + 1}`, { inputs, outputs }, initialiser, stream);
    }),
  );
}

function activated(layer: Layer, activation: (x: tf.Tensor2D) => tf.Tensor2D): Layer {
  return { variables: layer.variables, apply: (x) => activation(layer.apply(x)) };
}
