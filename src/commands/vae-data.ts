import type { ImageSet } from '../data/dataset';
import { UsageError } from '../errors';
import { SPLIT } from '../vae/comparison/protocol';
import type { CommandIo } from './io';

export const DATA_SETS = ['mnist', 'synthetic'] as const;
export type DataName = (typeof DATA_SETS)[number];

export interface VaeData {
  readonly train: ImageSet;
  /** Held out of the training images. */
  readonly validation: ImageSet;
  readonly test: ImageSet;
}

interface Sizes {
  readonly train: number;
  readonly validation: number;
}

/** The published split of MNIST (Tomczak and Welling, 2018); a tenth of it for synthetic digits. */
export const DEFAULT_SIZES: { readonly [D in DataName]: Sizes } = {
  mnist: SPLIT,
  synthetic: { train: 5000, validation: 1000 },
};

/** The name by which a kept model's data are loaded; null where they are the user's own. */
export function dataNameOf({ name }: Pick<ImageSet, 'name'>): DataName | null {
  if (name.startsWith('MNIST')) return 'mnist';
  return name.startsWith('synthetic') ? 'synthetic' : null;
}

/** The synthetic test images: a stream of their own, so that no other size changes them. */
const SYNTHETIC_TEST = 2000;
const SYNTHETIC_SEED = 1;
/** Just below a gigabyte. */
const MOST_SYNTHETIC = 1_000_000;

/** The first `train` training images, the last `validation` of what remains held out, and the test images. */
export async function loadVaeData(name: DataName, sizes: Sizes, io: CommandIo): Promise<VaeData> {
  if (name === 'synthetic' && sizes.train + sizes.validation > MOST_SYNTHETIC) {
    const asked = `${sizes.train} + ${sizes.validation}`;
    throw new UsageError(`--train-images and --validation-images: at most ${MOST_SYNTHETIC} are drawn, got ${asked}`);
  }
  const { takeImages } = await import('../data/dataset.js');
  const split = await LOADERS[name](sizes, io);
  const { train, validation } = sizes;
  if (train + validation > split.train.count) {
    throw new UsageError(
      `--train-images and --validation-images: ${train} + ${validation} is more than the ${split.train.count} images of ${split.train.name}`,
    );
  }
  return {
    train: takeImages(split.train, train),
    validation: takeImages(split.train, validation, split.train.count - validation),
    test: split.test,
  };
}

const LOADERS: {
  readonly [D in DataName]: (sizes: Sizes, io: CommandIo) => Promise<{ train: ImageSet; test: ImageSet }>;
} = {
  mnist: async (_sizes, io) => {
    const { loadMnist } = await import('../data/mnist.js');
    return loadMnist({ env: io.env });
  },
  synthetic: async ({ train, validation }) => {
    const { syntheticDigits } = await import('../data/glyphs.js');
    return syntheticDigits({ train: train + validation, test: SYNTHETIC_TEST, seed: SYNTHETIC_SEED });
  },
};
