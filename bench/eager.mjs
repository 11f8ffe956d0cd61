// The reference step at full width, eagerly and compiled, from the same weights on the same batches: how far apart the losses are.
// Beside it, the scale to read that by: how far apart two compiled runs are of which one starts with its weights one float32 rounding larger.
// After `npm run build`: node bench/eager.mjs [STEPS]     200 steps are some 5 minutes on TensorFlow.js's own backend

import reference from '../dist/bench/reference-vae.js';
import compiler from '../dist/compile/compile.js';
import tensors from '../dist/tensors.js';

const { tf, eagerBackend } = tensors;
const { referenceBatch, referenceVae } = reference;
const steps = Number(process.argv[2] ?? 200);
const sizes = { pixels: 784, hidden: 512, latent: 16, components: 10, batch: 128 };
const inputs = { x: [sizes.batch, sizes.pixels], eps: [sizes.batch, sizes.latent] };

/** The training step of a model of its own, all of whose weights are multiplied by `factor` first. */
function contender(factor = 1) {
  const vae = referenceVae(sizes);
  for (const variable of Object.values(vae.variables)) variable.assign(tf.tidy(() => tf.mul(variable, factor)));
  const adam = tf.train.adam(1e-3);
  return ({ x, eps }) => ({ loss: adam.minimize(() => vae.loss(x, eps), true) });
}

const eager = contender();
const compiled = await compiler.compile(contender(), { inputs });
const nudged = await compiler.compile(contender(1 + 2 ** -23), { inputs });
const milliseconds = { eager: 0, compiled: 0 };
let [worst, rounding] = [0, 0];
for (let i = 0; i < steps; i++) {
  const batch = referenceBatch(sizes, i);
  const start = performance.now();
  const expected = tf.tidy(
    () => eager({ x: tf.tensor(batch.x, inputs.x), eps: tf.tensor(batch.eps, inputs.eps) }).loss.dataSync()[0],
  );
  const between = performance.now();
  const { loss } = await compiled.run(batch);
  const [got] = loss.dataSync();
  milliseconds.compiled += performance.now() - between;
  milliseconds.eager += between - start;
  const { loss: other } = await nudged.run(batch);
  rounding = Math.max(rounding, Math.abs(other.dataSync()[0] - got) / Math.abs(got));
  tf.dispose([loss, other]);
  worst = Math.max(worst, Math.abs(got - expected) / Math.abs(expected));
  if (i % 20 === 0 || i === steps - 1) {
    process.stdout.write(
      `step ${i + 1}: eager ${expected.toFixed(4)}, compiled ${got.toFixed(4)}, largest distance so far ${worst.toExponential(1)}\n`,
    );
  }
}
await compiled.dispose();
await nudged.dispose();
const each = (total) => (total / steps).toFixed(1);
process.stdout.write(
  `ms per step: eager (${eagerBackend.name}) ${each(milliseconds.eager)}, compiled ${each(milliseconds.compiled)}\n`,
);
process.stdout.write(
  `largest distance from a compiled run whose weights started one rounding larger: ${rounding.toExponential(1)}\n`,
);
