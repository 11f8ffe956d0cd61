import type { ImageSet } from '../../data/dataset';
import { digestOf } from '../../data/rows';
import { UsageError } from '../../errors';
import { specOf } from '../likelihood-kinds';
import type { Vae, VaeOptions } from '../model';
import { MODEL_OPTIONS } from '../model-table';
import {
  completedNetwork,
  hiddenKindOf,
  type NamedVariables,
  type NetworkModule,
  type NetworkOptions,
  usualInitialiser,
} from '../networks';
import { completedFlow } from '../posteriors/flow';
import { completedHierarchy } from '../posteriors/hierarchy';
import { defaultThreads, type Settings } from '../training/options';
import { spelledOut as completed, storedOptions } from '../training/stored-options';
import { type DataIdentity, FORMAT, type Manifest, type StoredModel, VERSION } from './manifest';
import { type Difference, OtherTrainingError } from './other-training';

export interface Trained {
  readonly model: Vae;
  /** The optimizer's slots, by name. */
  readonly slots: NamedVariables;
  readonly data: ImageSet;
  readonly settings: Settings;
}

/** The options without the arrays that only the first weights depend on. */
function storedModel(options: VaeOptions): StoredModel {
  const { meanImage: _image, prior, hidden, network, standardisation, categories, ...others } = options;
  const rest = {
    ...others,
    // A plain copy: the manifest's lists are its own.
    ...(network && { network: storedNetwork(network) }),
    ...(standardisation && {
      standardisation: { mean: [...standardisation.mean], stddev: [...standardisation.stddev] },
    }),
    ...(categories && categories.length > 0 && { categories: [...categories] }),
  };
  if (prior.kind !== 'vamp') return { ...rest, hidden: [...hidden], prior };
  return { ...rest, hidden: [...hidden], prior: { kind: prior.kind, components: prior.components } };
}

function storedNetwork(network: NetworkOptions): StoredModel['network'] {
  if (network.kind !== 'custom') return structuredClone(network) as StoredModel['network'];
  const { kind, module } = network;
  return { kind, ...(module && { module: { ...module } }) };
}

/** What a manifest says about a training before it has taken a step. */
export function identityOf(
  { model, data, settings }: Trained,
  threads: number | undefined,
): Omit<Manifest, 'files' | 'progress'> {
  return {
    format: FORMAT,
    version: VERSION,
    model: storedModel(model.options),
    training: storedOptions('training', settings),
    schedule: storedOptions('schedule', { ...settings, everySteps: settings.checkpoint?.everySteps }),
    data: { train: dataIdentity(data), validation: settings.validation ? dataIdentity(settings.validation) : null },
    threads: settings.threads ?? threads ?? defaultThreads(),
  };
}

function dataIdentity(set: ImageSet): DataIdentity {
  const { name, count, height, width, channels = 1, source, columns } = set;
  const sha256 = digestOf(set);
  const more = { ...(source && { source }), ...(columns && { columns }) };
  return { name, count, height, width, ...(channels !== 1 && { channels }), sha256, ...more };
}

/** @throws OtherTrainingError where the stored training is another than this one; UsageError where its networks are other code's */
export function requireSame(folder: string, stored: Manifest, now: Omit<Manifest, 'files' | 'progress'>): void {
  // Data first: what is computed from them, as a standardisation, differs where they do.
  const [first, ...others] = (['data', 'model', 'training'] as const).flatMap((part) => {
    const [then, given] = [SPELLED_OUT[part](stored), SPELLED_OUT[part](now)];
    return [...new Set([...then.keys(), ...given.keys()])]
      .filter((key) => then.get(key) !== given.get(key))
      .map((key): Difference => ({ key: `${part}.${key}`, before: then.get(key), after: given.get(key) }));
  });
  if (first) throw new OtherTrainingError(folder, [first, ...others], stored, now);
  const [kept, given] = [moduleOf(stored.model), moduleOf(now.model)];
  if (!kept || !given || kept.sha256 === given.sha256) return;
  const where = kept.path === given.path ? '' : `, not ${given.path}`;
  throw new UsageError(
    `${folder}: its networks are made by ${kept.path} as it was then${where}: it has changed, so resume with its old contents, or name another folder`,
  );
}

const moduleOf = ({ network }: StoredModel): NetworkModule | undefined =>
  network?.kind === 'custom' ? network.module : undefined;

type Identity = Pick<Manifest, 'model' | 'training' | 'data'>;

/** Options by path, defaults included: to name one that was left out before makes no other training. */
const SPELLED_OUT: { readonly [P in keyof Identity]: (identity: Identity) => Map<string, string> } = {
  model: ({ model }) => spelledOut(model),
  training: ({ training }) => flat(completed('training', training)),
  // Counts first: other images come of them.
  data: ({ data: { train, validation } }) => {
    const counts = { train: { count: train.count }, validation: validation && { count: validation.count } };
    return new Map([...flat(counts), ...flat({ train: told(train), validation: validation && told(validation) })]);
  },
};

/** Files may be moved and renamed: what their images are is told by the sum alone. */
function told({ source, name, columns: _meanings, ...numbers }: DataIdentity): object {
  return source ? numbers : { name, ...numbers };
}

function spelledOut(model: StoredModel): Map<string, string> {
  const { likelihood = MODEL_OPTIONS.likelihood.default, network = { kind: 'dense' }, prior } = model;
  const initialiser = model.initialiser ?? usualInitialiser(hiddenKindOf(network));
  const covariance =
    prior.kind === 'gaussian-mixture' ? { covariance: prior.covariance ?? MODEL_OPTIONS.covariance.default } : {};
  const layers = {
    network: network.kind === 'custom' ? { kind: network.kind } : completedNetwork(network),
    initialiser,
  };
  const flow = model.flow && completedFlow(model.flow);
  const hierarchy = model.hierarchy && completedHierarchy(model.hierarchy, model.hidden);
  const ofPosterior = { ...(flow && { flow }), ...(hierarchy && { hierarchy }) };
  const { own } = specOf(likelihood);
  const ofLikelihood = { likelihood, ...(own && { [own]: model[own] ?? MODEL_OPTIONS[own].default }) };
  return flat({ ...model, ...layers, ...ofPosterior, ...ofLikelihood, prior: { ...prior, ...covariance } });
}

/** Every leaf of a JSON object by its path; a list of numbers is one. */
function flat(value: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(value)
      .filter(([, leaf]) => leaf !== undefined)
      .flatMap(([key, leaf]): [string, string][] =>
        typeof leaf === 'object' && leaf !== null && !isOfNumbers(leaf)
          ? [...flat(leaf, `${prefix}${key}.`)]
          : [[`${prefix}${key}`, JSON.stringify(leaf)]],
      ),
  );
}

function isOfNumbers(value: object): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}
