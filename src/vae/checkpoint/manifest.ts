import { z } from 'zod';
import type { Column, DataSource } from '../../data/dataset';
import { UsageError } from '../../errors';
import { problemIn } from '../../schema-problem';
import { MODEL_OPTIONS, type ModelFields, type ModelOptionValue } from '../model-table';
import type { NetworkOptions } from '../networks';
import type { EpochRecord, LossRecord } from '../training/history';
import type { StoredOptions } from '../training/stored-options';
import { storedSchema, zodOf } from '../training/stored-schema';
import { renamedModel } from './first-models';

export const FORMAT = 'gmm-vae checkpoint';
export const VERSION = 1;

/** `VaeOptions` without the arrays that only the first weights depend on. */
export interface StoredModel extends ModelFields {
  pixels: number;
  /** Absent where there are dense layers with ReLU alone. */
  network?: StoredNetwork | undefined;
  channels?: number | undefined;
  standardisation?: { mean: number[]; stddev: number[] } | undefined;
  categories?: { start: number; size: number }[] | undefined;
  /** Absent where q(z|x) is a diagonal normal. */
  flow?: StoredFlow | undefined;
  /** Absent where z has one level. */
  hierarchy?: { top: number; units?: number | undefined } | undefined;
  prior:
    | { kind: 'standard-normal' }
    | { kind: 'gaussian-mixture'; components: number; covariance?: ModelOptionValue<'covariance'> | undefined }
    | { kind: 'vamp'; components: number };
  seed: number;
}

type StoredFlow = { kind: 'planar'; length: number } | { kind: 'iaf'; length: number; units?: number | undefined };

/** `NetworkOptions` as JSON: of networks made by hand only that they are, and which file made them. */
type StoredNetwork =
  | Exclude<NetworkOptions, { kind: 'custom' }>
  | { kind: 'custom'; module?: { path: string; sha256: string } | undefined };

export interface DataIdentity {
  name: string;
  count: number;
  height: number;
  width: number;
  /** Absent where images are grey. */
  channels?: number | undefined;
  sha256: string;
  /** Absent where the images are MNIST, drawn or made in code. */
  source?: DataSource | undefined;
  /** What each number of a row of a table means. */
  columns?: readonly Column[] | undefined;
}

export interface Progress {
  /** Steps done; the next step's noise comes from the stream `vae/train/noise/<step + 1>` of the training's seed. */
  step: number;
  /** Where `Batches` goes on: order and binarisation come from streams named after epoch and index. */
  batches: { epoch: number; index: number };
  /** Sums over the steps of the epoch under way. */
  sums: LossRecord;
  /** Complete epochs. */
  epochs: EpochRecord[];
  /** The epoch with the lowest loss at full weight of the KL term, on held-out images where there are some. */
  best: { epoch: number; loss: number } | null;
}

interface TensorFile {
  name: string;
  sha256: string;
}

/** `last.json` and `best.json`: all of a checkpoint but its tensors, and the names and sums of the files that hold those. */
export interface Manifest {
  format: typeof FORMAT;
  version: typeof VERSION;
  model: StoredModel;
  /** What the bits of a training depend on: the same on both sides of an interruption. */
  training: StoredOptions<'training'>;
  /** What was asked for when this was saved, and may be asked for differently when the training goes on. Absent in the oldest checkpoints. */
  schedule?: StoredOptions<'schedule'> | undefined;
  data: { train: DataIdentity; validation: DataIdentity | null };
  /** Threads of the CPU device: float32 sums are grouped by them. */
  threads: number;
  progress: Progress;
  /** What networks made by hand gave for a grey image and a code when this was kept (`probe.ts`); absent for others. */
  probe?: number[] | undefined;
  files: { weights: TensorFile; optimizer: TensorFile };
}

const count = z.int().nonnegative();
const size = z.int().positive();
const losses = { loss: z.number(), reconstruction: z.number(), kl: z.number() };
const readOption = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number()])),
  z.object({ height: size, width: size }),
]);
const data: z.ZodType<DataIdentity> = z.object({
  name: z.string(),
  count: size,
  height: size,
  width: size,
  channels: size.optional(),
  sha256: z.string(),
  source: z.object({ path: z.string(), options: z.record(z.string(), readOption) }).optional(),
  columns: z.array(z.object({ name: z.string(), start: count, levels: z.array(z.string()).nullable() })).optional(),
});
const file = z.object({ name: z.string().regex(/^[\w-]+\.safetensors$/), sha256: z.string() });

const network: z.ZodType<StoredNetwork> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gated') }),
  z.object({ kind: z.literal('dense'), activation: z.enum(['relu', 'tanh']).optional() }),
  z.object({
    kind: z.literal('custom'),
    module: z.object({ path: z.string(), sha256: z.string() }).optional(),
  }),
  z.object({
    kind: z.literal('conv'),
    height: size,
    width: size,
    channels: size.optional(),
    maps: zodOf(MODEL_OPTIONS.featureMaps).optional(),
    blocks: zodOf(MODEL_OPTIONS.residualBlocks).optional(),
    activation: z.enum(['relu', 'tanh', 'gated']).optional(),
  }),
]);

const flow: z.ZodType<StoredFlow> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('planar'), length: zodOf(MODEL_OPTIONS.flowLength) }),
  z.object({
    kind: z.literal('iaf'),
    length: zodOf(MODEL_OPTIONS.flowLength),
    units: zodOf(MODEL_OPTIONS.flowUnits).optional(),
  }),
]);

const modelSchema: z.ZodType<StoredModel> = z.object({
  pixels: size,
  latent: zodOf(MODEL_OPTIONS.latent),
  network: network.optional(),
  hidden: zodOf(MODEL_OPTIONS.hidden),
  initialiser: zodOf(MODEL_OPTIONS.initialiser).optional(),
  likelihood: zodOf(MODEL_OPTIONS.likelihood).optional(),
  stddev: zodOf(MODEL_OPTIONS.stddev).optional(),
  mixtures: zodOf(MODEL_OPTIONS.mixtures).optional(),
  channels: size.optional(),
  standardisation: z.object({ mean: z.array(z.number()), stddev: z.array(z.number().positive()) }).optional(),
  categories: z.array(z.object({ start: count, size })).optional(),
  flow: flow.optional(),
  hierarchy: z.object({ top: zodOf(MODEL_OPTIONS.hierarchy), units: size.optional() }).optional(),
  prior: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('standard-normal'), sampledKl: z.boolean().optional() }),
    z.object({
      kind: z.literal('gaussian-mixture'),
      components: zodOf(MODEL_OPTIONS.components),
      covariance: zodOf(MODEL_OPTIONS.covariance).optional(),
    }),
    z.object({ kind: z.literal('vamp'), components: zodOf(MODEL_OPTIONS.components) }),
  ]),
  seed: z.int(),
});

const progressSchema: z.ZodType<Progress> = z.object({
  step: count,
  batches: z.object({ epoch: count, index: count }),
  sums: z.object(losses),
  epochs: z.array(
    z.object({
      epoch: size,
      ...losses,
      seconds: z.number(),
      imagesPerSecond: z.number(),
      validation: z.number().nullable(),
    }),
  ),
  best: z.object({ epoch: size, loss: z.number() }).nullable(),
});

const manifestSchema: z.ZodType<Manifest> = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  model: renamedModel.pipe(modelSchema),
  training: storedSchema('training'),
  schedule: storedSchema('schedule').optional(),
  data: z.object({ train: data, validation: data.nullable() }),
  threads: size,
  progress: progressSchema,
  probe: z.array(z.number()).optional(),
  files: z.object({ weights: file, optimizer: file }),
});

/** @throws UsageError, one line, on anything that is no checkpoint of this version */
export function parseManifest(text: string, path: string): Manifest {
  const refuse = (problem: string): never => {
    throw new UsageError(`${path}: not a checkpoint of gmm-vae: ${problem}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('it is not JSON, or cut short');
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) refuse(`expected "format": "${FORMAT}", got ${JSON.stringify(format) ?? 'nothing'}`);
  if (version !== VERSION) refuse(`expected version ${VERSION}, got ${JSON.stringify(version) ?? 'nothing'}`);
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  return refuse(`${problemIn(parsed.error, json, 'the file')}; put back what was there, or train in another folder`);
}
