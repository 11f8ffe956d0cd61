import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors';
import { makeFolderSync, writeAtomically } from '../files';
import { textIfReadable } from '../text-files';
import type { Manifest } from './checkpoint/manifest';
import { encodeSafetensors } from './checkpoint/safetensors';
import { exportDecoder, exportEncoder } from './export-model';
import { isReal } from './likelihood-kinds';
import type { Vae } from './model';

/**
 * Writes a model into a folder as the Hugging Face Hub lays one out: `config.json`, `model.safetensors`, `encoder.onnx`, `decoder.onnx` and a
 * README. Python reads all of it without this library. An earlier export is replaced, but for a README that somebody has edited.
 *
 * @returns the names of the files that were written
 * @throws UsageError where the folder cannot be written, or has files by these names that are no export
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
  const names = Object.keys(files);
  checkIsExport(folder, names);
  const written = hasEditedReadme(folder, manifest) ? names.filter((name) => name !== README) : names;
  makeFolderSync(folder);
  for (const name of written) await writeAtomically(join(folder, name), files[name] as Uint8Array | string);
  return written;
}

const README = 'README.md';
const MODEL_TYPE = 'gmm-vae';

/** A folder may be the root of a project, or hold a model of another library. */
function checkIsExport(folder: string, names: readonly string[]): void {
  const there = names.find((name) => existsSync(join(folder, name)));
  if (there === undefined || modelTypeIn(folder) === MODEL_TYPE) return;
  throw new UsageError(`${folder}: has a ${there} that is not of an export and would be lost: name another folder`);
}

function modelTypeIn(folder: string): unknown {
  try {
    const config: unknown = JSON.parse(textIfReadable(join(folder, 'config.json')) ?? '');
    return Object(config).model_type;
  } catch {
    return undefined;
  }
}

/** Whether a README is there that differs from that of every model. */
function hasEditedReadme(folder: string, manifest: Manifest): boolean {
  const text = textIfReadable(join(folder, README));
  if (text === null) return false;
  const parts = readme(manifest, () => ANY).split(ANY);
  const pattern = parts.map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('[^\\n]*');
  return !new RegExp(`^${pattern}$`).test(text);
}

const ANY = '\0';

function config({ model, data: { train }, progress, training }: Manifest): object {
  const { height, width, channels = 1 } = train;
  return {
    model_type: MODEL_TYPE,
    ...model,
    image: { height, width, channels },
    ...(train.columns && { columns: train.columns }),
    trained_on: { name: train.name, count: train.count, sha256: train.sha256 },
    epochs: progress.epochs.length,
    training,
  };
}

/** @param shown what is written for what differs between models */
function readme(
  { model, data: { train }, progress }: Manifest,
  shown: (value: string | number) => string = String,
): string {
  const { height, width, channels = 1 } = train;
  const prior = 'components' in model.prior ? `${model.prior.kind}, K = ${model.prior.components}` : model.prior.kind;
  const [D, d] = [shown(model.pixels), shown(model.latent)];
  const isOfAnyNumbers = model.likelihood !== undefined && isReal(model.likelihood);
  const range = shown(isOfAnyNumbers ? 'as they are in the data, not standardised' : 'in [0, 1]');
  return `---
library_name: gmm-vae
tags: [variational-autoencoder, onnx]
---

# A variational autoencoder with the prior ${shown(prior)}

${D} numbers an image (${shown(`${height}×${width}, channels ${channels}`)}), ${d} latent dimensions, trained for
${shown(progress.epochs.length)} epochs on ${shown(train.count)} images of ${shown(train.name)}.

| file | |
| --- | --- |
| \`encoder.onnx\` | \`images\` [n, ${D}] ${range} → \`mean\`, \`stddev\` [n, ${d}] of q(z given x) |
| \`decoder.onnx\` | \`latents\` [n, ${d}] → \`images\` [n, ${D}], the means |
| \`model.safetensors\` | the parameters, by name |
| \`config.json\` | sizes, prior and training |

\`\`\`python
import numpy as np, onnxruntime as ort
encoder, decoder = ort.InferenceSession("encoder.onnx"), ort.InferenceSession("decoder.onnx")
mean, stddev = encoder.run(["mean", "stddev"], {"images": np.zeros((2, ${D}), np.float32)})
images, = decoder.run(["images"], {"latents": mean})
\`\`\`
`;
}
