// One training step of the convolutional VAE (32×32×3, batch 64, maps 32 and 64, one residual block each, z = 32, K = 10, Adam), compiled for the
// CPU, in turns with the same step in PyTorch at the fastest of its own settings; both print the loss of the first step.
// After `npm run build`: node bench/conv.mjs [--rounds 6] [--steps 10] [--threads 2] [--batch 64] [--size 32,32,3] [--python /usr/bin/python3] [--no-peer] [--likelihood logistic-mixture]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import random from '../dist/math/random.js';
import safetensors from '../dist/vae/checkpoint/safetensors.js';
import models from '../dist/vae/model.js';
import optimizers from '../dist/vae/training/adam.js';
import steps from '../dist/vae/training/step.js';
import { startPython } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '64' },
    size: { type: 'string', default: '32,32,3' },
    maps: { type: 'string', default: '32,64' },
    blocks: { type: 'string', default: '1' },
    likelihood: { type: 'string', default: 'bernoulli' },
    python: { type: 'string', default: '/usr/bin/python3' },
    'no-peer': { type: 'boolean', default: false },
  },
});
const [height, width, channels] = options.size.split(',').map(Number);
const [batchSize, threads, latent] = [Number(options.batch), Number(options.threads), 32];
const pixels = height * width * channels;
const network = {
  kind: 'conv',
  height,
  width,
  channels,
  maps: options.maps.split(',').map(Number),
  blocks: Number(options.blocks),
};
const model = new models.Vae({
  pixels,
  latent,
  hidden: [],
  network,
  likelihood: options.likelihood,
  prior: { kind: 'gaussian-mixture', components: 10 },
  seed: 1,
});

const stream = random.RandomStream.of(1, 'bench/conv');
const x = Float32Array.from({ length: batchSize * pixels }, () => (stream.normal() > 0.5 ? 1 : 0));
const noise = new Float32Array(batchSize * latent);
stream.fillNormal(noise);

// PyTorch's peer has Bernoulli pixels alone.
const peer = options['no-peer'] || options.likelihood !== 'bernoulli' ? null : await startPeer();
const { optimizer } = optimizers.adam({ optimizer: 'adam', learningRate: 5e-4 }, model.variables);
const started = performance.now();
const update = await steps.makeUpdateStep(model, optimizer, { batchSize, samples: 1, device: 'cpu', threads });
const inputs = { x, noise, klWeight: Float32Array.of(1) };
const compiling = performance.now() - started;
const {
  loss: [loss],
} = await update.run(inputs);
console.log(`compiled in ${(compiling / 1000).toFixed(2)} s, first loss ${loss.toFixed(4)}`);
if (peer) console.log(`${peer.hello.name} (${peer.hello.settings}), first loss ${peer.hello.firstLoss.toFixed(4)}`);

const [ours, theirs] = [[], []];
for (let round = 0; round < Number(options.rounds); round++) {
  await update.run(inputs);
  for (let step = 0; step < Number(options.steps); step++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await update.run(inputs);
    const { user, system } = process.cpuUsage(used);
    ours.push([performance.now() - start, (user + system) / 1000]);
  }
  if (peer) theirs.push(...(await peer.ask(options.steps)));
}
/** @param {readonly number[]} times */
const sorted = (times) => times.toSorted((one, other) => one - other);
/** @param {readonly number[]} times */
const shown = (times) => `${times[times.length >> 1].toFixed(1)} (${times[0].toFixed(1)}–${times.at(-1).toFixed(1)})`;
for (const [what, column] of [
  ['by the clock', 0],
  ['of the processor', 1],
]) {
  const [a, b] = [ours, theirs].map((times) => sorted(times.map((pair) => pair[column])));
  console.log(`ms a step ${what}, median (least–most): compiled ${shown(a)}${peer ? `, PyTorch ${shown(b)}` : ''}`);
  if (!peer) continue;
  const [medians, fastest] = [a[a.length >> 1] / b[b.length >> 1], a[0] / b[0]];
  console.log(`  ratio of the medians ${medians.toFixed(2)}, of the fastest steps ${fastest.toFixed(2)}`);
}
peer?.close();
await update.dispose();

/** PyTorch with the same weights, batch and noise. */
async function startPeer() {
  const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-conv-'));
  const [weights, batch] = [join(folder, 'weights.safetensors'), join(folder, 'batch')];
  const tensors = [...model.variables].map(([name, v]) => [name, { shape: v.shape, values: v.dataSync() }]);
  writeFileSync(weights, safetensors.encodeSafetensors(new Map(tensors)));
  writeFileSync(batch, Buffer.concat([x, noise].map(({ buffer }) => Buffer.from(buffer))));
  const started = startPython(options.python, 'conv_torch.py');
  const spec = { ...network, latent, hidden: [], outputsPerPixel: 1, images: batchSize, threads, weights, batch };
  const hello = await started.ask(JSON.stringify(spec));
  rmSync(folder, { recursive: true });
  return { hello, ...started };
}
