import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
import { readManifest } from '../../src/vae/checkpoint/folder';
import type { Manifest } from '../../src/vae/checkpoint/manifest';
import { writeHubFolder } from '../../src/vae/hub-folder';
import { encode } from '../../src/vae/inference';
import { Vae } from '../../src/vae/model';
import { train } from '../../src/vae/training/train';
import { temporaryFolder } from '../notebook/fixtures';
import { python } from './jupyter';

/** A reader written from the format's description alone, and the encoder of a VAE with one gated layer. */
const ENCODE = `
import array, json, math, struct, sys
with open(sys.argv[1], "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
    values = array.array("f", file.read())
tensors = {name: (entry["shape"], values[entry["data_offsets"][0] // 4 : entry["data_offsets"][1] // 4])
           for name, entry in header.items() if name != "__metadata__"}

def affine(x, name):
    (inputs, outputs), kernel = tensors[name + "/kernel"]
    _, bias = tensors[name + "/bias"]
    return [bias[j] + sum(x[i] * kernel[i * outputs + j] for i in range(inputs)) for j in range(outputs)]

with open(sys.argv[2]) as file:
    x = json.load(file)
gate = affine(x, "encoder/hidden1/gate")
hidden = [h / (1 + math.exp(-g)) for h, g in zip(affine(x, "encoder/hidden1/value"), gate)]
print(json.dumps({"output": affine(hidden, "encoder/output"), "names": sorted(tensors)}))
`;

it('weights are read from Python, where they encode an image as here', async () => {
  const { train: digits } = syntheticDigits({ train: 50, test: 1, seed: 1 });
  const prior = { kind: 'gaussian-mixture', components: 3, covariance: 'full' } as const;
  const model = new Vae({ pixels: 784, latent: 2, hidden: [6], network: { kind: 'gated' }, prior, seed: 1 });
  const folder = temporaryFolder();
  await train(model, digits, { epochs: 2, batchSize: 10, seed: 1, threads: 1, checkpoint: { folder } });
  const image = intensities(takeImages(digits, 1));
  const { means } = encode(model, image);
  const weights = readdirSync(folder).find((name) => name.startsWith('weights')) as string;
  const pixels = join(temporaryFolder(), 'image.json');
  writeFileSync(pixels, JSON.stringify([...image]));
  const { code, output } = await python(['-c', ENCODE, join(folder, weights), pixels], process.env);
  expect(code, output).toBe(0);
  const read = JSON.parse(output) as { output: number[]; names: string[] };
  expect(read.names).toEqual([...model.variables.keys()].sort());
  // Python sums in float64, the encoder here in float32.
  read.output.slice(0, 2).forEach((mean, j) => {
    expect(mean).toBeCloseTo(means[j] as number, 4);
  });
  model.dispose();
});

/** What a folder of the Hub holds, by the standard library alone. */
const READ_FOLDER = `
import array, json, os, struct, sys
folder = sys.argv[1]
with open(os.path.join(folder, "model.safetensors"), "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
    data = file.read()
tensors = {}
for name, entry in header.items():
    if name == "__metadata__":
        continue
    start, end = entry["data_offsets"]
    size = 1
    for n in entry["shape"]:
        size *= n
    assert entry["dtype"] == "F32" and end - start == 4 * size, name
    tensors[name] = {"shape": entry["shape"], "sum": sum(array.array("f", data[start:end]))}
with open(os.path.join(folder, "config.json")) as file:
    config = json.load(file)
with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
    assert file.read().startswith("---\\nlibrary_name: gmm-vae\\n")
print(json.dumps({"tensors": tensors, "config": config, "metadata": header["__metadata__"], "files": sorted(os.listdir(folder))}))
`;

it('a folder for the Hugging Face Hub is read from Python, with the convolutions that it names', async () => {
  const { train: digits } = syntheticDigits({ train: 20, test: 1, seed: 1 });
  const network = { kind: 'conv', height: 28, width: 28, maps: [2, 3], blocks: 1 } as const;
  const prior = { kind: 'gaussian-mixture', components: 2 } as const;
  const model = new Vae({ pixels: 784, latent: 2, hidden: [4], network, prior, seed: 1 });
  const [kept, folder] = [temporaryFolder(), temporaryFolder()];
  await train(model, digits, { epochs: 1, batchSize: 10, seed: 1, threads: 1, checkpoint: { folder: kept } });
  await writeHubFolder(folder, model, (await readManifest(kept, 'last')) as Manifest);
  const { code, output } = await python(['-c', READ_FOLDER, folder], process.env);
  expect(code, output).toBe(0);
  const { tensors, config, metadata, files } = JSON.parse(output);
  expect(files).toEqual(['README.md', 'config.json', 'decoder.onnx', 'encoder.onnx', 'model.safetensors']);
  // What Python's libraries ask for before they load a file.
  expect(metadata).toEqual({ format: 'pt' });
  expect(config).toMatchObject({ model_type: 'gmm-vae', network, hidden: [4], latent: 2, image: { height: 28 } });
  expect(Object.keys(tensors).toSorted()).toEqual([...model.variables.keys()].toSorted());
  for (const [name, variable] of model.variables) {
    expect(tensors[name].shape).toEqual(variable.shape);
    const sum = variable.dataSync<'float32'>().reduce((total, value) => total + value, 0);
    expect(tensors[name].sum).toBeCloseTo(sum, 4);
  }
  model.dispose();
});
