import { integer, option, size } from '../option';

/** The options of scoring: `ImportanceOptions`, the flags of `gmm-vae evaluate` and those of `gmm-vae compare` are made from them. */
export const SCORING_OPTIONS = {
  /** S: samples of z per image. */
  samples: option(size, { flag: '--samples <S>', help: 'samples per image', required: true, typed: 5000, kept: null }),
  /** Images to score, from the first on. Default: all. */
  limit: option(size, { flag: '--limit <N>', help: 'the first N test images only', kept: null }),
  /** Binary pixels and the noise of the samples. */
  seed: option(integer, { flag: '--seed <S>', help: 'binarisation and noise', required: true, typed: 1, kept: null }),
};
