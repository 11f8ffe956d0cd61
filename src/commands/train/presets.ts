import type { Command } from 'commander';
import { UsageError } from '../../errors';
import type { TrainFlags } from './flags';

/** One value of a preset, and its place in the published code. */
export interface PresetValue {
  /** The option of `gmm-vae train`, as it is typed. */
  readonly option: string;
  readonly value: string | number;
  readonly source: string;
}

export const PRESET_NAMES = ['vampprior'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** Values of published code that replace the defaults. */
const PRESETS: { readonly [P in PresetName]: readonly PresetValue[] } = {
  /** github.com/jmtomczak/vae_vampprior at bb6ff3e, `vae` on dynamic MNIST. */
  vampprior: [
    { option: 'train-images', value: 50_000, source: 'utils/load_data.py, x_train[0:50000]' },
    { option: 'validation-images', value: 10_000, source: 'utils/load_data.py, x_train[50000:60000]' },
    { option: 'binarisation', value: 'dynamic', source: 'utils/load_data.py, load_dynamic_mnist' },
    { option: 'latent', value: 40, source: 'experiment.py, --z1_size' },
    { option: 'hidden', value: '300,300', source: 'models/VAE.py, GatedDense' },
    { option: 'initialiser', value: 'he-everywhere', source: 'models/VAE.py, he_init; biases of PyTorch' },
    { option: 'pseudo-inputs', value: 'noise', source: 'utils/load_data.py, 0.05 ± 0.01' },
    { option: 'epochs', value: 2000, source: 'experiment.py, --epochs' },
    { option: 'warm-up', value: 100, source: 'experiment.py, --warmup' },
    {
      option: 'patience',
      value: 51,
      source: 'experiment.py, --early_stopping_epochs 50; ends where more have no gain',
    },
    { option: 'batch-size', value: 100, source: 'experiment.py, --batch_size' },
    { option: 'optimizer', value: 'adam-norm-grad', source: 'experiment.py, AdamNormGrad of utils/optimizer.py' },
    { option: 'learning-rate', value: 5e-4, source: 'experiment.py, --lr' },
    { option: 'samples', value: 1, source: 'models/VAE.py, reparameterize' },
  ],
};

/** Fills in the values of `--protocol` for options that were not typed. Changes the parsed options of `command` in place. */
export function withPreset<Flags extends object = TrainFlags>(command: Command): Flags {
  const { protocol } = command.opts<{ protocol?: PresetName }>();
  for (const { option, value } of protocol ? PRESETS[protocol] : []) {
    const known = command.options.find(({ long }) => long === `--${option}`);
    if (!known) throw new Error(`--protocol ${protocol}: ${command.name()} has no option --${option}`);
    const name = known.attributeName();
    if (command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, known.parseArg ? known.parseArg(String(value), undefined) : value, 'preset');
  }
  spareWarmUp(command);
  return command.opts<Flags>();
}

/** A cycle takes the place of the warm-up, which is there unless told otherwise. */
function spareWarmUp(command: Command): void {
  const { klCycleEpochs = 0, warmUpEpochs = 0 } = command.opts<Partial<TrainFlags>>();
  if (klCycleEpochs === 0 || warmUpEpochs === 0) return;
  if (command.getOptionValueSource('warmUpEpochs') === 'cli')
    throw new UsageError('--kl-cycle: takes the place of --warm-up: choose one');
  command.setOptionValueWithSource('warmUpEpochs', 0, 'preset');
}

/** Lists a preset for help, one line per value. */
export function presetText(name: PresetName): string {
  return PRESETS[name].map(({ option, value, source }) => `  --${option} ${value}  (${source})`).join('\n');
}
