import { join } from 'node:path';
import { makeFolderSync, writeAtomically } from '../files';
import type { Manifest } from './checkpoint/manifest';
import { encodeSafetensors } from './checkpoint/safetensors';
import { exportDecoder, exportEncoder } from './export-model';
import type { Vae } from './model';

/**
 * Writes a model into a folder as the Hugging Face Hub lays one out: `config.json`, `model.safetensors`, `encoder.onnx`, `decoder.onnx` and a
 * README. Python reads all of it without this library.
 *
 * @returns the names of the files
 * @throws UsageError where the folder cannot be written
 */
export async function writeHubFolder(folder: string, model: Vae, manifest: Manifest): Promise<readonly string[]> {
  const tensors = new Map(
    [...model.variables].map(([name, variable]) => [
      name,
      { shape: variable.shape, values: variable.dataSync<'float32'>() },
    ]),
  );
  const files: Readonly<Record<string, Uint8Array | string>> = {
    'model.safetensors': encodeSafetensors(tensors, { format: 'pt' }),
    'encoder.onnx': exportEncoder(model),
    'decoder.onnx': exportDecoder(model),
    'config.json': `${JSON.stringify(config(manifest), null, 2)}\n`,
    'README.md': readme(manifest),
  };
  makeFolderSync(folder);
  for (const [name, contents] of Object.entries(files)) await writeAtomically(join(folder, name), contents);
  return Object.keys(files);
}

function config({ model, data: { train }, progress, training }: Manifest): object {
  const { height, width, channels = 1 } = train;
  return {
    model_type: 'gmm-vae',
    ...model,
    image: { height, width, channels },
    trained_on: { name: train.name, count: train.count, sha256: train.sha256 },
    epochs: progress.epochs.length,
    training,
  };
}

function readme({ model, data: { train }, progress }: Manifest): string {
  const { height, width, channels = 1 } = train;
  const prior = 'components' in model.prior ? `${model.prior.kind}, K = ${model.prior.components}` : model.prior.kind;
  return `---
library_name: gmm-vae
tags: [variational-autoencoder, onnx]
---

# A variational autoencoder with the prior ${prior}

${model.pixels} numbers an image (${height}×${width}, channels ${channels}), ${model.latent} latent dimensions, trained for
${progress.epochs.length} epochs on ${train.count} images of ${train.name}.

| file | |
| --- | --- |
| \`encoder.onnx\` | \`images\` [n, ${model.pixels}] in [0, 1] → \`mean\`, \`stddev\` [n, ${model.latent}] of q(z given x) |
| \`decoder.onnx\` | \`latents\` [n, ${model.latent}] → \`images\` [n, ${model.pixels}], the means |
| \`model.safetensors\` | the parameters, by name |
| \`config.json\` | sizes, prior and training |

\`\`\`python
import numpy as np, onnxruntime as ort
encoder, decoder = ort.InferenceSession("encoder.onnx"), ort.InferenceSession("decoder.onnx")
mean, stddev = encoder.run(["mean", "stddev"], {"images": np.zeros((2, ${model.pixels}), np.float32)})
images, = decoder.run(["images"], {"latents": mean})
\`\`\`
`;
}
