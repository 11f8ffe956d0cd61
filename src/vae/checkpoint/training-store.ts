import { UsageError } from '../../errors';
import { tf } from '../../tensors';
import type { NamedVariables } from '../networks';
import { type Checkpoint, readCheckpoint, readManifest, saveCheckpoint, type Tensors } from './folder';
import { identityOf, requireSame, type Trained } from './identity';
import type { Manifest, Progress } from './manifest';
import { checkProbe, probeOf } from './probe';
import type { NamedTensor } from './safetensors';

const START: Progress = {
  step: 0,
  batches: { epoch: 0, index: 0 },
  sums: { loss: 0, reconstruction: 0, kl: 0 },
  epochs: [],
  best: null,
};

/** Where one training starts from, and where it is kept. */
export class TrainingStore {
  /** The step of the last save; null while there is none. */
  savedStep: number | null = null;

  private constructor(
    private readonly trained: Trained,
    private readonly identity: Omit<Manifest, 'files' | 'progress'>,
    /** Where to go on. */
    readonly start: Progress,
  ) {}

  /**
   * Assigns the weights and slots of the checkpoint to resume, if there is one.
   *
   * @throws UsageError when the folder's checkpoint is damaged, of another training, or not to be resumed
   */
  static async open(trained: Trained): Promise<TrainingStore> {
    const { folder, resume } = trained.settings.checkpoint ?? {};
    if (folder === undefined) return new TrainingStore(trained, identityOf(trained, undefined), START);
    const found = await readCheckpoint(folder);
    // Alone where the process died between the two manifests of its first save. It is overwritten, so it must be this training's, too.
    const best = await readManifest(folder, 'best');
    const known = [found?.manifest, best].filter((manifest) => manifest != null);
    if (known[0] && !resume) {
      throw new UsageError(
        `${folder} already holds a checkpoint (step ${known[0].progress.step}): resume it, or name another folder`,
      );
    }
    const identity = identityOf(trained, known[0]?.threads);
    for (const manifest of known) requireSame(folder, manifest, identity);
    if (!found) return new TrainingStore(trained, identity, START);
    restore(folder, trained, found);
    const store = new TrainingStore(trained, identity, found.manifest.progress);
    store.savedStep = found.manifest.progress.step;
    return store;
  }

  get threads(): number {
    return this.identity.threads;
  }

  /** Does nothing without a checkpoint folder. The variables must be up to date. */
  async save(progress: Progress, best: boolean): Promise<void> {
    const { settings, model, slots } = this.trained;
    if (!settings.checkpoint) return;
    const probe = probeOf(model);
    const manifest = { ...this.identity, progress, ...(probe && { probe }) };
    const [weights, optimizer] = [tensorsOf(model.variables), tensorsOf(slots)];
    await saveCheckpoint(settings.checkpoint.folder, { manifest, weights, optimizer }, { best });
    this.savedStep = progress.step;
  }

  /** A sentence for errors; undefined where nothing is kept. */
  describe(): string | undefined {
    const folder = this.trained.settings.checkpoint?.folder;
    if (folder === undefined || this.savedStep === null) return undefined;
    return `the last good checkpoint, of step ${this.savedStep}, is in ${folder}`;
  }
}

/** Writes a checkpoint's values into variables of the same names and shapes. @throws UsageError where they differ */
export function assignTensors(folder: string, variables: NamedVariables, tensors: Tensors): void {
  for (const [name, variable] of variables) {
    const tensor = tensors.get(name);
    if (!tensor || String(tensor.shape) !== String(variable.shape)) {
      const got = tensor ? `[${tensor.shape.join(', ')}]` : 'nothing';
      throw new UsageError(
        `${folder}: the tensor ${name} should have shape [${variable.shape.join(', ')}], got ${got}`,
      );
    }
  }
  const extra = [...tensors.keys()].find((name) => !variables.has(name));
  if (extra !== undefined) throw new UsageError(`${folder}: the tensor ${extra} belongs to no variable of this model`);
  tf.tidy(() => {
    for (const [name, variable] of variables) {
      const { values, shape } = tensors.get(name) as NamedTensor;
      variable.assign(tf.tensor(values, [...shape], 'float32'));
    }
  });
}

function restore(folder: string, { model, slots }: Trained, { manifest, weights, optimizer }: Checkpoint): void {
  assignTensors(folder, model.variables, weights);
  checkProbe(folder, model, manifest.probe);
  assignTensors(folder, slots, optimizer);
}

function tensorsOf(variables: NamedVariables): Map<string, NamedTensor> {
  return new Map(
    [...variables].map(([name, variable]) => [name, { shape: variable.shape, values: variable.dataSync<'float32'>() }]),
  );
}
