import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import { meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { LOG_TWO_PI } from '../../math/elementary';
import { compileKernels } from '../../math/wasm';
import { KERNELS_WASM } from './kernels.generated';
import type { Shape } from './score-images';

/** A mixture of K diagonal normals in d dimensions, as plain data in float32. */
export interface PlainMixture {
  readonly components: number;
  /** ln π_k − Σ_j ln σ_kj − ½ d ln 2π. */
  readonly constants: Float32Array;
  /** `[K, d]`. */
  readonly means: Float32Array;
  /** 1/σ, `[K, d]`. */
  readonly scales: Float32Array;
}

/** Null where a component's covariance is full. */
export function plainMixture({ components, logWeights, dimension }: GaussianMixture): PlainMixture | null {
  const stddevs = components.flatMap((component) => stddevOf(component) ?? []);
  if (stddevs.length < components.length) return null;
  const constants = stddevs.map(
    (sigma, k) => (logWeights[k] as number) - sigma.reduce((sum, s) => sum + Math.log(s), 0.5 * dimension * LOG_TWO_PI),
  );
  return {
    components: components.length,
    constants: Float32Array.from(constants),
    means: Float32Array.from(components.flatMap((component) => [...meanOf(component)])),
    scales: Float32Array.from(stddevs.flatMap((sigma) => [...sigma].map((s) => 1 / s))),
  };
}

/** The passes of assembly/scoring.ts; addresses in bytes. */
interface Kernels {
  reparameterise(
    noise: number,
    points: number,
    squares: number,
    d: number,
    means: number,
    stddevs: number,
    images: number,
    first: number,
  ): void;
  mixture(
    points: number,
    terms: number,
    components: number,
    d: number,
    constants: number,
    means: number,
    scales: number,
    largest: number,
    sums: number,
  ): void;
}

/** Points per block. */
const BLOCK = 16;
const PAGE = 2 ** 16;

/**
 * ln q(z_s|x) − ln p(z_s) where p is a mixture of diagonal normals: its largest array, `[K, N, d]`, never exists, and its elements are worked on
 * where they stand, in registers.
 */
export class MixturePass {
  private readonly kernels: Kernels;
  private readonly addresses: Addresses;
  private readonly view: (address: number, length: number) => Float32Array;

  constructor(
    private readonly mixture: PlainMixture,
    private readonly shape: Shape,
    private readonly latent: number,
  ) {
    const { components, constants, means, scales } = mixture;
    const rows = BLOCK * Math.ceil((shape.samples * shape.images) / BLOCK);
    const { addresses, end } = place({
      noise: rows * latent,
      points: BLOCK * latent,
      terms: BLOCK * components,
      squares: BLOCK,
      largest: BLOCK,
      sums: BLOCK,
      mean: shape.images * latent,
      stddev: shape.images * latent,
      constants: components,
      means: components * latent,
      scales: components * latent,
    });
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE) });
    const module = compileKernels(KERNELS_WASM);
    this.kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
    this.view = (address, length) => new Float32Array(memory.buffer, address, length);
    this.addresses = addresses;
    this.view(addresses.constants, components).set(constants);
    this.view(addresses.means, components * latent).set(means);
    this.view(addresses.scales, components * latent).set(scales);
  }

  /** @param noise `[S, images, d]` @param mean, logVariance `[images, d]` @returns `[S, images]` nats */
  logRatios(noise: Float32Array, mean: Float32Array, logVariance: Float32Array): Float32Array {
    const { addresses: at, kernels, latent, shape, mixture } = this;
    this.view(at.noise, noise.length).set(noise);
    this.view(at.mean, mean.length).set(mean);
    this.view(at.stddev, mean.length).set(logVariance.map((v) => Math.exp(0.5 * v)));
    const constants = Array.from({ length: shape.images }, (_, i) =>
      logVariance.subarray(i * latent, (i + 1) * latent).reduce((sum, v) => sum + v + LOG_TWO_PI, 0),
    );
    const [squares, largest, sums] = [at.squares, at.largest, at.sums].map((address) => this.view(address, BLOCK)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const out = new Float32Array(shape.samples * shape.images);
    for (let first = 0; first < out.length; first += BLOCK) {
      const rows = at.noise + first * latent * 4;
      kernels.reparameterise(rows, at.points, at.squares, latent, at.mean, at.stddev, shape.images, first);
      const { components } = mixture;
      kernels.mixture(at.points, at.terms, components, latent, at.constants, at.means, at.scales, at.largest, at.sums);
      for (let n = 0; n < BLOCK && first + n < out.length; n++) {
        const logQ = -0.5 * ((squares[n] as number) + (constants[(first + n) % shape.images] as number));
        out[first + n] = logQ - (largest[n] as number) - Math.log(sums[n] as number);
      }
    }
    return out;
  }
}

type Part =
  | 'noise'
  | 'points'
  | 'terms'
  | 'squares'
  | 'largest'
  | 'sums'
  | 'mean'
  | 'stddev'
  | 'constants'
  | 'means'
  | 'scales';
type Addresses = Readonly<Record<Part, number>>;

/** Arrays of so many float32 one behind the other, each from a multiple of 64 bytes on, where a line of the cache begins. */
function place(lengths: Readonly<Record<Part, number>>): { addresses: Addresses; end: number } {
  let end = 0;
  const entries = Object.entries(lengths).map(([name, length]) => {
    const address = end;
    end += 64 * Math.ceil((length * 4) / 64);
    return [name, address];
  });
  return { addresses: Object.fromEntries(entries) as Addresses, end };
}
