import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './test/longest-first.mjs';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

/** Rooms whose tests leave a thread as they found it: its next file finds loaded what they all import, TensorFlow.js above all. */
const SHARED = [
  ...[
    'math',
    'distributions',
    'kl',
    'figures',
    'live',
    'report',
    'vae',
    'compile',
    'data',
    'commands',
    'sweep',
    'docs',
    'reproduce',
    'notebook',
  ],
  ...['cli', 'control-results', 'files', 'notebooks', 'prune', 'questions', 'text-files'],
];
/** Those of their tests that need a process of their own. */
const ALONE = [
  // Memory is measured.
  ...['kl/estimate-kl', 'kl/monte-carlo', 'compile/session', 'data/bad-input', 'data/row-file'],
  // Modules are replaced, or spied upon.
  ...['compile/auto', 'compile/while-compiling', 'notebook/connection'],
  // What is chosen or registered once a process: backends, devices, telemetry.
  ...['compile/conformance/', 'compile/eager-backend', 'compile/devices', 'compile/telemetry', 'compile/bench'],
  'vae/webgpu',
  // Reports of Vega charts give Set a toJSON, which vega-lite brings.
  'live/program',
  // They start processes, and wait.
  ...['vae/checkpoint/kill', 'vae/checkpoint/two-writers', 'vae/checkpoint/full-disk', 'vae/checkpoint/folder-lock'],
  ...['vae/evaluation/score-blocks', 'vae/tensors', 'report/command', 'sweep/sweep', 'sweep/kubernetes'],
  ...['process-io', 'train-signals', 'doctor', 'run-failures', 'run-inputs', 'run', 'report'].map(
    (name) => `commands/${name}.`,
  ),
  ...['comm-fuzz', 'interact', 'kernel-', 'kernel.', 'progress', 'run', 'session-process', 'snapshot', 'stale'].map(
    (name) => `notebook/${name}`,
  ),
  // It goes to another folder.
  'docs/examples',
];

/**
 * Rooms whose code does nothing but compute, in this thread: another Node gives them the same bits where tools/arithmetic.mjs prints the
 * same on both, which .ci/run then says by this variable. TensorFlow.js's backend `cpu` is JavaScript, WebAssembly is laid down to the
 * bit, and ONNX Runtime is the same library there. A model that a test keeps in a folder is written and read by what vae/checkpoint tests.
 */
const COMPUTES = ['math/', 'distributions/', 'kl/', 'vae/', 'compile/'];
/** Of these: what starts threads or processes, reads or writes files, measures memory, or takes powers, in which versions differ. */
const ALSO_MORE = [
  'math/stream-overlap',
  ...['distributions/fit/', 'distributions/log-probs'],
  ...['estimate-in-parallel', 'estimate-kl', 'monte-carlo', 'coverage', 'best', 'replicates'].map(
    (name) => `kl/${name}`,
  ),
  ...['vae/checkpoint/', 'vae/comparison/', 'vae/evaluation/', 'vae/control', 'vae/tensors', 'vae/webgpu'],
  ...['bench', 'devices', 'eager-backend', 'generated-kernels', 'session', 'telemetry'].map(
    (name) => `compile/${name}`,
  ),
];
const sameArithmetic = process.env.GMM_VAE_SAME_ARITHMETIC === '1';
const isKnown = (name: string): boolean =>
  sameArithmetic &&
  COMPUTES.some((place) => name.startsWith(place)) &&
  !ALSO_MORE.some((place) => name.startsWith(place));

// test/browser and test/jupyter need Debian packages: see .ci/run. Listed here, so that no file is in neither of the two projects.
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.test.ts') && !/^(browser|jupyter)\//.test(name) && !isKnown(name));
const isShared = (name: string): boolean =>
  SHARED.some((room) => name.startsWith(`${room}/`) || name === `${room}.test.ts`) &&
  !ALONE.some((place) => name.startsWith(place));
const project = (name: string, isMember: (file: string) => boolean, pool: 'threads' | 'forks') => ({
  extends: true as const,
  test: { name, include: files.filter(isMember).map((file) => `test/${file}`), pool },
});

/** What the threads do is to compute, mostly: more of them would load TensorFlow.js and all sources once more each. */
const THREADS = availableParallelism();
/** Much of their time goes into processes that tests start and wait for, and into limits that run out. */
const PROCESSES = availableParallelism() + 1;

/** From 4 to 40 s each, of processor time or of waiting. */
const LONGEST = [
  // Of those that have processes of their own, and wait for more.
  ...['sweep/sweep', 'notebook/run', 'commands/run-failures', 'docs/examples', 'vae/checkpoint/kill'],
  ...['notebook/session-process', 'commands/report', 'notebook/snapshot', 'notebook/interact', 'commands/run-inputs'],
  ...['compile/conformance/conformance', 'commands/run', 'data/row-file', 'notebook/kernel-fuzz', 'kl/estimate-kl'],
  ...['vae/evaluation/score-blocks', 'package-entry', 'browser-entry', 'commands/process-io', 'data/bad-input'],
  // Of those that share threads.
  ...['notebook/full-comparison', 'commands/compare', 'notebook/session', 'vae/hierarchy', 'vae/flows'],
  ...['vae/checkpoint/training', 'kl/gradients', 'kl/estimate-in-parallel', 'commands/own-data', 'compile/optimizers'],
  ...['kl/quadrature-random', 'vae/comparison/compare-priors', 'compile/random-shapes', 'commands/train'],
];

/** What runs on a fresh machine with Node alone. */
export default defineConfig({
  test: {
    sequence: { sequencer: longestFirst(LONGEST) },
    // The longest takes 20 s by itself; other suites, which run beside, have the cores too.
    testTimeout: 120_000,
    // A hook that makes the snapshot of cells takes 26 s of the processor, and shares it.
    hookTimeout: 120_000,
    // Vitest's own second is short for what waits for a process.
    expect: { poll: { timeout: 60_000 } },
    // For processes, which are the pool of the other project, it stays as it is: a new one for each file.
    // As many threads from beginning to end: with fewer at least than at most, tinypool 1.1 ends the run where it takes one away.
    poolOptions: {
      threads: { isolate: false, minThreads: THREADS, maxThreads: THREADS },
      forks: { minForks: 1, maxForks: PROCESSES },
    },
    // Beside each other: while one waits, the other computes.
    projects: [project('shared', isShared, 'threads'), project('isolated', (file) => !isShared(file), 'forks')],
  },
});
