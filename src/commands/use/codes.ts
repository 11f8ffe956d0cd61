import { extname } from 'node:path';
import type { ImageSet } from '../../data/dataset';
import { nth } from '../../nth';
import type { Encodings } from '../../vae/inference';
import type { Vae } from '../../vae/model';
import { priorPart } from '../../vae/prior-part';

interface Codes {
  readonly model: Vae;
  readonly set: ImageSet;
  readonly encodings: Encodings;
}

/** Where images lie, with their most likely component and their class, by the ending of the file. */
const WRITERS: Readonly<Record<string, (codes: Codes) => Promise<Uint8Array | string>>> = {
  '.csv': async (codes) => csv(codes),
  '.npy': async ({ model, set, encodings }) => {
    const { encodeNpy } = await import('../../data/npy-writer.js');
    return encodeNpy(encodings.means, [set.count, model.latent]);
  },
  '.safetensors': async (codes) => {
    const { encodeSafetensors } = await import('../../vae/checkpoint/safetensors.js');
    const { model, set, encodings } = codes;
    const shape = [set.count, model.latent];
    const column = (values: ArrayLike<number>) => ({ shape: [set.count], values: Float32Array.from(values) });
    const tensors = new Map([
      ['mean', { shape, values: encodings.means }],
      ['stddev', { shape, values: encodings.stddevs }],
      ['component', column(components(codes))],
    ]);
    if (set.labels) tensors.set('label', column(set.labels));
    return encodeSafetensors(tensors, { classes: JSON.stringify(set.classes ?? null) });
  },
};

export const CODE_ENDINGS: readonly string[] = Object.keys(WRITERS);

export async function writeCodes(path: string, codes: Codes): Promise<void> {
  const { writeAtomically } = await import('../../files.js');
  const writer = WRITERS[extname(path).toLowerCase()] as (typeof WRITERS)[string];
  await writeAtomically(path, await writer(codes));
}

/** argmax_k π_k N(μ(x); μ_k, Σ_k) for each image. */
function components({ model, encodings }: Codes): number[] {
  const density = model.prior.distribution();
  const d = density.dimension;
  const means = priorPart(model, encodings.means);
  return Array.from({ length: means.length / d }, (_, i) => {
    const responsibilities = density.responsibilities(means.subarray(i * d, (i + 1) * d));
    return responsibilities.indexOf(Math.max(...responsibilities));
  });
}

function csv(codes: Codes): string {
  const { model, set, encodings } = codes;
  const d = model.latent;
  const names = (of: string): string[] => Array.from({ length: d }, (_, j) => `${of}${j + 1}`);
  const chosen = components(codes);
  const head = ['image', ...(set.labels ? ['class'] : []), 'component', ...names('mean'), ...names('stddev')];
  const lines = chosen.map((component, i) => {
    const label = set.labels ? [quoted(set.classes?.[nth(set.labels, i)] ?? String(set.labels[i]))] : [];
    const row = (values: Float32Array): string[] => Array.from(values.subarray(i * d, (i + 1) * d), String);
    return [String(i), ...label, String(component), ...row(encodings.means), ...row(encodings.stddevs)];
  });
  return `${[head, ...lines].map((cells) => cells.join(',')).join('\n')}\n`;
}

/** Quotes a field as RFC 4180 does. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
