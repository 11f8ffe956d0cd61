import type { Command } from 'commander';
import type { CommandIo } from './io';

/** Adds options, arguments and action to a command. */
type Register = (command: Command, io: CommandIo) => void;

interface Entry {
  /** What the list of `gmm-vae --help` says, and the first line of the command's own help. */
  readonly description: string;
  /** Loads the command's code, which the list does not need. */
  readonly load: () => Promise<Register>;
}

/** All commands, in the order of the list. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  kl: {
    description: 'the Kullback–Leibler divergence KL(q‖p) of two normals or Gaussian mixtures, in nats',
    load: async () => (await import('./kl/kl.js')).registerKl,
  },
  entropy: {
    description: 'the differential entropy of a normal or a Gaussian mixture, in nats',
    load: async () => (await import('./kl/entropy.js')).registerEntropy,
  },
  run: {
    description: 'execute notebooks through the kernel; the sources stay untouched',
    load: async () => (await import('./run/run.js')).registerRun,
  },
  report: {
    description: 'run notebooks and write each as one HTML page that opens offline, with an index',
    load: async () => (await import('./report.js')).registerReport,
  },
  explore: {
    description: 'open a page that computes KL(q‖p) for any q and p in one or two dimensions, with every estimator',
    load: async () => (await import('./explore.js')).registerExplore,
  },
  reproduce: {
    description: 'check equations (1) to (11) of the lectures; exit code 1 when one fails',
    load: async () => (await import('./reproduce.js')).registerReproduce,
  },
  train: {
    description: 'train a variational autoencoder with a standard normal, Gaussian-mixture or VampPrior',
    load: async () => (await import('./train/train.js')).registerTrain,
  },
  evaluate: {
    description: 'estimate the test log-likelihood of a trained VAE by importance weighting',
    load: async () => (await import('./evaluate.js')).registerEvaluate,
  },
  compare: {
    description: 'compare a standard normal, two Gaussian-mixture and a VampPrior, equal in all else',
    load: async () => (await import('./compare.js')).registerCompare,
  },
  sample: {
    description: 'draw images from the prior, or from one component of it',
    load: async () => (await import('./use/use.js')).registerSample,
  },
  reconstruct: {
    description: 'show test images above what the model makes of them',
    load: async () => (await import('./use/use.js')).registerReconstruct,
  },
  encode: {
    description: 'write where test images lie in the latent space',
    load: async () => (await import('./use/use.js')).registerEncode,
  },
  interpolate: {
    description: 'go in a straight line from the code of one test image to that of another',
    load: async () => (await import('./use/use.js')).registerInterpolate,
  },
  export: {
    description: 'write ONNX files of encoder and decoder, and a folder as the Hugging Face Hub has it',
    load: async () => (await import('./use/use.js')).registerExport,
  },
  sweep: {
    description: 'train and score every combination of lists of options',
    load: async () => (await import('./sweep/sweep.js')).registerSweep,
  },
  data: {
    description: 'show what is read of your own files, or get MNIST',
    load: async () => (await import('./data.js')).registerData,
  },
  kernel: {
    description: 'register the TypeScript kernel with Jupyter',
    load: async () => (await import('./kernel.js')).registerKernel,
  },
  doctor: {
    description: 'what is installed and how to fix what is not',
    load: async () => (await import('./doctor.js')).registerDoctor,
  },
  bench: {
    description: 'time one training step, compiled, in turns with the same step in PyTorch',
    load: async () => (await import('./bench.js')).registerBench,
  },
};
