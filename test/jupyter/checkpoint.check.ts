import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
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
  const model = new Vae({ pixels: 784, latent: 2, hidden: [6], hiddenKind: 'gated', prior, seed: 1 });
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
