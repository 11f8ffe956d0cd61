import { z } from 'zod';
import { MOST_STEPS_PER_RUN } from '../../compile/runtime/steps-per-run';
import { MOST_THREADS } from '../../compile/runtime/threads';
import { BINARISATIONS } from '../../data/batches';
import { choice, integer, nonNegative, option, positive, size, type Values, yesOrNo } from '../option';

const cores: Values<number> = {
  schema: z.int().min(1).max(MOST_THREADS),
  expected: `an integer from 1 to ${MOST_THREADS}`,
  read: 'size',
};

const stepsPerRun: Values<number> = {
  schema: z.int().min(1).max(MOST_STEPS_PER_RUN),
  expected: `an integer from 1 to ${MOST_STEPS_PER_RUN}`,
  read: 'size',
};

/**
 * Every option of a training, in the order of `gmm-vae train --help`. Types, defaults, checks, flags, the manifest of a checkpoint and
 * the options in a sweep's file are all made from this table.
 */
export const OPTIONS = {
  /** Passes over the training images. */
  epochs: option(size, {
    flag: '--epochs <n>',
    help: 'passes over the training images',
    required: true,
    typed: 30,
    kept: 'schedule',
  }),
  /** Images per step; what does not fill a last batch is left out of that epoch. Default: 100. */
  batchSize: option(size, { flag: '--batch-size <n>', help: 'images per step', default: 100, kept: 'training' }),
  /**
   * `adam-norm-grad` divides each parameter's gradient by its own Euclidean norm first, as the published code of the VampPrior does.
   * Default: `adam`.
   */
  optimizer: option(choice(['adam', 'adam-norm-grad']), {
    flag: '--optimizer <name>',
    help: 'Adam, or Adam on normalised gradients',
    default: 'adam',
    kept: 'training',
    sparse: true,
  }),
  /** Adam's learning rate. Default: 1e-3. */
  learningRate: option(positive, {
    flag: '--learning-rate <x>',
    help: 'learning rate of Adam',
    default: 1e-3,
    typed: 5e-4,
    kept: 'training',
  }),
  /** Epochs over which the weight of the KL term rises from 0, step by step. Default: 0, all weight from the start. */
  warmUpEpochs: option(nonNegative, {
    flag: '--warm-up <epochs>',
    help: 'epochs over which the weight of the KL term rises to 1',
    default: 0,
    typed: 10,
    kept: 'training',
  }),
  /** The weight of the KL term once it has risen: above 1, a β-VAE (Higgins et al., 2017). Default: 1. */
  beta: option(nonNegative, {
    flag: '--beta <x>',
    help: 'the weight that the KL term reaches (β-VAE)',
    default: 1,
    kept: 'training',
    sparse: true,
  }),
  /** Epochs of a cycle over whose first half the weight of the KL term rises from 0 (Fu et al., 2019); not with `warmUpEpochs`. Default: 0, none. */
  klCycleEpochs: option(nonNegative, {
    flag: '--kl-cycle <epochs>',
    help: 'epochs of a cycle, in place of a warm-up: the weight rises from 0 over its first half',
    default: 0,
    kept: 'training',
    sparse: true,
  }),
  /**
   * Nats of KL that cost nothing: the term is max(KL, λ), of the mean over the batch, so that no gradient pushes it below λ (Kingma et al.,
   * 2016, with all dimensions in one group, since the KL from a mixture is no sum over dimensions). For `elbo` only. Default: 0.
   */
  freeBits: option(nonNegative, {
    flag: '--free-bits <nats>',
    help: 'nats of the KL term that cost nothing',
    default: 0,
    kept: 'training',
    sparse: true,
  }),
  /** Samples of z per image and step. Default: 1. */
  samples: option(size, {
    flag: '--samples <n>',
    help: 'draws of z per image and step',
    default: 1,
    kept: 'training',
  }),
  /**
   * The bound that is maximised: `elbo` (Kingma and Welling, 2014), or `iwae`, E[ln 1/S Σ_s w_s] with
   * w = p(x|z)·p(z)/q(z|x) (Burda et al., 2016), in which β weights ln p(z)/q(z|x). Default: `elbo`.
   */
  bound: option(choice(['elbo', 'iwae']), {
    flag: '--bound <name>',
    help: 'what is maximised',
    default: 'elbo',
    kept: 'training',
  }),
  /**
   * Leaves out the gradient of ln q(z|x) in q's own parameters, whose mean is zero and whose variance is not (Roeder et al.,
   * 2017). The KL term is then always equation (11). Not for `iwae`, whose gradient it would bias: there that part is weighted, and its
   * mean is not zero (Tucker et al., 2019); `train` refuses it. Default: false.
   */
  stickingTheLanding: option(yesOrNo, {
    flag: '--sticking-the-landing',
    help: 'drop the zero-mean part of the gradient of ln q(z|x)',
    default: false,
    kept: 'training',
  }),
  /** Default: `dynamic` for `bernoulli`, `none` for every other likelihood. */
  binarisation: option(choice(BINARISATIONS), {
    flag: '--binarisation <how>',
    help: 'how pixels become bits',
    default: 'dynamic',
    typed: null,
    shown: 'dynamic for bernoulli, else none',
    kept: 'training',
  }),
  /** The epoch after which to replace a mixture prior by one that EM fits to encodings. Default: never. */
  fitPriorAfter: option(size, {
    flag: '--fit-prior-after <epoch>',
    help: 'replace a gmm by an EM fit to the encodings after this epoch',
    kept: 'training',
  }),
  /** End after so many epochs without a new best, the warm-up not counted. Default: never. */
  patience: option(size, {
    flag: '--patience <epochs>',
    help: 'stop after so many epochs without a better held-out loss',
    kept: 'schedule',
  }),
  /** Data order, binarisation and the noise of the samples. */
  seed: option(integer, {
    flag: '--seed <S>',
    help: 'initial weights, data order, noise',
    required: true,
    typed: 1,
    kept: 'training',
  }),
  /** Default: `cpu`, compiled. */
  device: option(choice(['cpu', 'webgpu', 'cuda', 'auto', 'eager']), {
    flag: '--device <name>',
    help: 'where to compute; eager is TensorFlow.js, uncompiled',
    default: 'cpu',
    kept: 'schedule',
  }),
  /** Threads on `cpu`; the same number gives the same bits. Default: that of the checkpoint, else the number of cores. */
  threads: option(cores, { flag: '--threads <n>', help: 'threads on cpu', shown: 'all cores', kept: null }),
  /**
   * Steps after which their losses are asked for, all at once: until then a GPU is not waited for. `onStep` then hears of that many steps
   * one after the other, and a loss that is NaN or infinite is noticed that much later; the bits are the same. Default: 1.
   */
  lossEvery: option(size, {
    flag: '--loss-every <steps>',
    help: 'steps after which to wait for their losses; more keep a GPU busy',
    default: 1,
    kept: null,
  }),
  /**
   * Steps that a GPU is given at once, for those too small for the host to hand over as fast as they are computed. Their losses come
   * together, so `lossEvery` is at least that many; the bits are the same. Without effect on `cpu`. Default: 1.
   */
  stepsPerRun: option(stepsPerRun, {
    flag: '--steps-per-run <steps>',
    help: 'steps that a GPU is given at once, for small ones',
    default: 1,
    kept: null,
  }),
  /** Steps between two saves, besides the one after each epoch. Default: none. */
  everySteps: option(size, {
    flag: '--checkpoint-every <steps>',
    help: 'save between epochs, too, every so many steps',
    kept: 'schedule',
  }),
};
