import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import type { tf } from '../../tensors';
import type { NamedVariables } from './layers';

/** A layer as `tf.layers` has it: made once, applied to a tensor. Its variables are made where it is first applied. */
export interface AppliedLayer {
  /** @throws InvalidArgumentError on a tensor that the layer cannot take */
  apply(x: tf.Tensor): tf.Tensor;
}

/** A layer's variables, and what it does with them. */
export interface MadeLayer {
  readonly variables: NamedVariables;
  apply(x: tf.Tensor): tf.Tensor;
}

/** How a layer is made for the shape that it is first given. */
export type MakeLayer = (name: string, shape: readonly number[], stream: RandomStream) => MadeLayer;

/** How many rows the function is first called with: more than one, so that it cannot take the batch for a dimension of its own. */
export const FIRST_ROWS = 2;

/**
 * Gives the layers of one network their names and keeps what they are made of. A network's function is called anew for each step; the first
 * call makes the variables, the others find them by name.
 */
export class NetworkBuilder {
  private readonly made = new Map<string, MadeLayer & { readonly inputs: string }>();
  private named = new Set<string>();
  private counts = new Map<string, number>();
  private closed = false;
  /** Numbers in the largest tensor between two layers, per row. */
  widest = 0;

  constructor(
    /** `encoder` or `decoder`: what the names of its variables begin with. */
    private readonly part: string,
    private readonly stream: RandomStream,
  ) {}

  get variables(): NamedVariables {
    return new Map([...this.made.values()].flatMap(({ variables }) => [...variables]));
  }

  /** One call of the network's function, whose layers are counted from the first on. */
  call<T>(run: () => T): T {
    this.named = new Set();
    this.counts = new Map();
    const result = run();
    this.closed = true;
    return result;
  }

  /** A layer of that kind, by the name that is given or the next number of its kind. */
  layer(kind: string, name: string | undefined, make: MakeLayer): AppliedLayer {
    const own = name ?? this.next(kind);
    this.take(own);
    return { apply: (x) => this.apply(own, x, make) };
  }

  /** A trained tensor. */
  weight(name: string, make: (name: string, stream: RandomStream) => tf.Variable): tf.Variable {
    this.take(name);
    const full = `${this.part}/${name}`;
    const known = this.made.get(name)?.variables.get(full);
    if (known) return known;
    this.checkOpen(name);
    const trained = make(full, this.stream);
    this.made.set(name, { variables: new Map([[full, trained]]), apply: (x) => x, inputs: 'nothing' });
    return trained;
  }

  private take(name: string): void {
    if (this.named.has(name)) throw this.error(`expected a name of its own for each layer, got ${name} twice`);
    this.named.add(name);
  }

  private next(kind: string): string {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    return `${kind}${count}`;
  }

  private apply(name: string, x: tf.Tensor, make: MakeLayer): tf.Tensor {
    const inputs = shownShape(x.shape);
    const known = this.made.get(name) ?? this.make(name, x.shape, inputs, make);
    if (known.inputs !== inputs) {
      throw this.error(`${name} expected ${known.inputs}, as when it was made, got ${inputs}`);
    }
    const y = known.apply(x);
    for (const { size, shape } of [x, y]) this.widest = Math.max(this.widest, size / (shape[0] ?? 1));
    return y;
  }

  private make(name: string, shape: readonly number[], inputs: string, make: MakeLayer) {
    this.checkOpen(name);
    const layer = { ...make(`${this.part}/${name}`, shape, this.stream), inputs };
    this.made.set(name, layer);
    return layer;
  }

  private checkOpen(name: string): void {
    if (this.closed) {
      throw this.error(`expected the same layers in every call, got ${name}, which the first did not have`);
    }
  }

  private error(problem: string): InvalidArgumentError {
    return new InvalidArgumentError(`network.${this.part}`, problem);
  }
}

/** `[n, 28, 28, 1]`: of the rows there may be any number. */
export function shownShape(shape: readonly number[]): string {
  return `[${['n', ...shape.slice(1)].join(', ')}]`;
}
