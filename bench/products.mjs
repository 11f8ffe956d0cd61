// The large matrix products of the reference step one by one, ONNX Runtime's in turns with PyTorch's (at the fastest of OpenBLAS's kernels): what
// a step of either would take if it consisted of them alone. It bounds the ratio that `gmm-vae bench` can reach.
// After `npm run build`: node bench/products.mjs [--rounds 10] [--threads 2] [--python /usr/bin/python3]
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import builder from '../dist/compile/graph/builder.js';
import encoder from '../dist/compile/onnx/encode.js';
import { Session } from '../dist/compile/runtime/session.js';
import tensors from '../dist/compile/runtime/tensors.js';
import { simplify } from '../dist/compile/simplify/simplify.js';
import { beside, startPython } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});

/** [m, k, n, a transposed, b transposed] of 784-512-512-16 at batch 128; what is not listed (to and from 16 or 32 units) is 4 % of the arithmetic. */
const PRODUCTS = {
  'x W₁': [128, 784, 512, false, false],
  'h W₂': [128, 512, 512, false, false],
  'h W₂ (decoder)': [128, 512, 512, false, false],
  'h W₃': [128, 512, 784, false, false],
  'δ W₃ᵀ': [128, 784, 512, false, true],
  'hᵀ δ': [512, 128, 784, true, false],
  'δ W₂ᵀ (decoder)': [128, 512, 512, false, true],
  'hᵀ δ (decoder)': [512, 128, 512, true, false],
  'δ W₂ᵀ': [128, 512, 512, false, true],
  'hᵀ δ (encoder)': [512, 128, 512, true, false],
  'xᵀ δ': [784, 128, 512, true, false],
};
const COPIES = 6; // as in torch_products.py
const REPEATS = 20;

/** One session that computes a product of `COPIES` pairs of matrices, each into memory of its own. */
async function ours([m, k, n, aTransposed, bTransposed]) {
  const b = new builder.GraphBuilder();
  const [feeds, fetches, outputs] = [{}, {}, []];
  const matrix = (shape) => {
    const tensor = tensors.emptyTensor('float32', shape);
    tensors.hostData(tensor).forEach((_, i, data) => {
      data[i] = ((i * 7919) % 997) / 997;
    });
    return tensor;
  };
  for (let i = 0; i < COPIES; i++) {
    const operand = (name, shape, transposed) => {
      const stored = transposed ? shape.toReversed() : shape;
      feeds[name] = matrix(stored);
      const value = b.input(name, { dtype: 'float32', shape: stored });
      return transposed ? b.transposeLast(value) : value;
    };
    const value = b.matMul(operand(`a${i}`, [m, k], aTransposed), operand(`b${i}`, [k, n], bTransposed));
    outputs.push({ name: `y${i}`, value });
    fetches[`y${i}`] = matrix([m, n]);
  }
  const model = encoder.encodeModel(simplify(b.graph(outputs)), { sequenceFirst: true });
  const session = await Session.create(model, { device: 'cpu', threads: Number(options.threads), inPlace: true });
  return async () => {
    const times = [];
    for (let i = -1; i < REPEATS; i++) {
      const start = performance.now();
      await session.run(feeds, fetches);
      if (i >= 0) times.push((performance.now() - start) / COPIES);
    }
    return times;
  };
}

const SCRIPT = 'torch_products.py';

/** PyTorch with one family of OpenBLAS's kernels, which can be chosen only before it is loaded. */
async function theirs(family) {
  const env = { ...process.env, ...(family && { OPENBLAS_CORETYPE: family }) };
  const { ask, close } = startPython(options.python, SCRIPT, env);
  const name = await ask(JSON.stringify(Object.values(PRODUCTS)));
  const shown = `${name}${family ? `, OpenBLAS for ${family}` : ''}`;
  return { name: shown, run: (index) => ask(JSON.stringify([index, REPEATS])), close };
}

const families = JSON.parse(execFileSync(options.python, [beside(SCRIPT), '--families'], { encoding: 'utf8' }));
const peers = await Promise.all(families.map(theirs));
const sessions = await Promise.all(Object.values(PRODUCTS).map(ours));
const own = { name: `ONNX Runtime, ${options.threads} threads`, run: (index) => sessions[index](), close: () => {} };
const contenders = [own, ...peers].map((contender) => ({ ...contender, times: sessions.map(() => []) }));
for (let round = 0; round < Number(options.rounds); round++) {
  for (const { run, times } of contenders) {
    await setTimeout(100); // longer than OpenBLAS's threads keep a core busy after their last product
    for (const index of times.keys()) times[index].push(...(await run(index)));
  }
}
for (const { close } of contenders) close();

const sorted = (values) => values.toSorted((a, b) => a - b);
const total = ({ times }, at) =>
  times.reduce((sum, values) => sum + (sorted(values)[Math.floor(at * values.length)] ?? 0), 0);
const [first, ...others] = contenders;
const best = others.reduce((a, b) => (total(b, 0.5) < total(a, 0.5) ? b : a));
const flops = Object.values(PRODUCTS).map(([m, k, n]) => 2 * m * k * n);
const shownRate = (values, index) =>
  `${Math.round(flops[index] / sorted(values)[values.length >> 1] / 1e6)}`.padStart(6);
console.log(`GFLOP/s by medians: ${first.name} | ${best.name}`);
Object.keys(PRODUCTS).forEach((name, i) => {
  console.log(`  ${name.padEnd(18)}${shownRate(first.times[i], i)}  |${shownRate(best.times[i], i)}`);
});
for (const [what, at] of [
  ['medians', 0.5],
  ['fastest', 0],
]) {
  console.log(`all eleven, ${what}: ${total(first, at).toFixed(2)} ms | ${total(best, at).toFixed(2)} ms`);
}
