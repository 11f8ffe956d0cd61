import { RandomStream } from '../../src/math/random';
import { exportDecoder, exportEncoder } from '../../src/vae/export-model';
import { decode, encode } from '../../src/vae/inference';
import { LIKELIHOOD_KINDS, type LikelihoodKind } from '../../src/vae/likelihood-kinds';
import { Vae, type VaeOptions } from '../../src/vae/model';

/** A tensor as JSON has it. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** An exported model, what it is to be given, and what the library makes of that. */
export interface Exported {
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly expected: Readonly<Record<string, Numbers>>;
}

const SIZE = { height: 5, width: 4, channels: 3 } as const;
const PIXELS = SIZE.height * SIZE.width * SIZE.channels;
const LATENT = 3;
const ROWS = 7;

const NETWORKS: Readonly<Record<string, Partial<VaeOptions>>> = {
  dense: { network: { kind: 'dense' } },
  gated: { network: { kind: 'gated' } },
  conv: { network: { kind: 'conv', ...SIZE, maps: [16, 6], blocks: 1 } },
};

/** What a likelihood takes besides the model's sizes. */
const OF_LIKELIHOOD: { readonly [K in LikelihoodKind]?: Partial<VaeOptions> } = {
  'logistic-mixture': { mixtures: 4, channels: SIZE.channels },
  normal: standardised(),
  'student-t': standardised(),
};

function standardised(): Partial<VaeOptions> {
  const each = (f: (i: number) => number): number[] => Array.from({ length: PIXELS }, (_, i) => f(i));
  return { standardisation: { mean: each((i) => i - 3), stddev: each((i) => 0.5 + (i % 4)) } };
}

/** Encoder and decoder of every kind of network with every likelihood. */
export function exportedModels(): Exported[] {
  return Object.entries(NETWORKS).flatMap(([network, ofNetwork]) =>
    LIKELIHOOD_KINDS.flatMap((likelihood) => {
      const model = new Vae({
        ...{ pixels: PIXELS, latent: LATENT, hidden: [9], likelihood, seed: 4 },
        ...{ prior: { kind: 'gaussian-mixture', components: 2 }, ...OF_LIKELIHOOD[likelihood], ...ofNetwork },
      });
      const pair = exported(`${network} with ${likelihood}`, model);
      model.dispose();
      return pair;
    }),
  );
}

function exported(name: string, model: Vae): Exported[] {
  const stream = RandomStream.of(1, `test/elsewhere/${name}`);
  const images = Float32Array.from({ length: ROWS * PIXELS }, () => Math.round(255 * stream.uniform()) / 255);
  const { means, stddevs } = encode(model, images);
  const rows = (values: Float32Array): Numbers => ({ shape: [ROWS, values.length / ROWS], values: [...values] });
  return [
    {
      name: `encoder, ${name}`,
      model: exportEncoder(model),
      inputs: { images: rows(images) },
      expected: { mean: rows(means), stddev: rows(stddevs) },
    },
    {
      name: `decoder, ${name}`,
      model: exportDecoder(model),
      inputs: { latents: rows(means) },
      expected: { images: rows(decode(model, means)) },
    },
  ];
}

/** The largest |a − b| / max(1, |b|) of all outputs; infinite where names, shapes or numbers are missing. */
export function distance(got: Exported['expected'], { expected }: Exported): number {
  const names = Object.keys(expected).sort();
  if (String(Object.keys(got).sort()) !== String(names)) return Number.POSITIVE_INFINITY;
  const distances = names.map((name) => {
    const [a, b] = [got[name], expected[name]];
    if (!a || !b || String(a.shape) !== String(b.shape) || a.values.length !== b.values.length)
      return Number.POSITIVE_INFINITY;
    return Math.max(...b.values.map((y, i) => Math.abs((a.values[i] ?? Number.NaN) - y) / Math.max(1, Math.abs(y))));
  });
  return distances.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...distances);
}
