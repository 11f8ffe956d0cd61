import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors';
import { printable } from '../../text-files';
import type { TrainingHistory } from '../../vae/training/history';
import { counted, fixed } from '../../words';
import { DATA_HELP } from '../data-options';
import type { CommandIo } from '../io';
import { isModuleFile, networksOf } from '../network-module';
import { loadVaeData, tellNotes } from '../vae-data';
import { checkTogether, latentOf, modelOptions, storedFlags, type TrainFlags, title, trainOptions } from './flags';
import { checkMaker } from './network';
import { addTrainOptions } from './options';
import { presetText, withPreset } from './presets';
import { trainingProgress } from './progress';
import { checkResumed, inTrainFlags } from './resumed';
import { refuseUnused } from './unused';

const HELP = `
Defaults are a short form of Tomczak and Welling's experiments on MNIST (2018): gated layers 300-300, 40 latent dimensions,
batches of 100, a step size of 5e-4, dynamic binarisation, 50,000 images to train on and 10,000 held out are theirs; Adam, 30
epochs and a KL term whose weight rises over 10 of them are ours. --protocol vampprior takes what their code has instead, where
nothing else is typed:
${presetText('vampprior')}
Score what it keeps with "gmm-vae evaluate --which best --samples 5000". docs/how-to/train.md names the source of every value.

With --checkpoint the training can be killed at any moment; --resume goes on with the options it was started with, and ends with
the same weights to the last bit. What is typed again, such as more --epochs, replaces what it was started with.
${DATA_HELP}

Example:
  gmm-vae train --data mnist --prior gmm --components 10 --epochs 30 --seed 1 --checkpoint runs/gmm-10 --json`;

/**
 * `gmm-vae train`: trains a VAE with a prior to choose, and keeps it.
 *
 * @param receive takes the history in place of printing what it comes to and how to go on
 */
export function registerTrain(
  command: Command,
  io: CommandIo,
  receive?: (history: TrainingHistory, flags: TrainFlags) => void,
): void {
  addTrainOptions(command)
    .addHelpText('after', HELP)
    .action(() => run(command, withPreset<TrainFlags>(command), io, receive));
}

async function run(
  command: Command,
  typed: TrainFlags,
  io: CommandIo,
  receive: ((history: TrainingHistory, flags: TrainFlags) => void) | undefined,
): Promise<void> {
  if (typed.resume && typed.checkpoint === undefined) throw new UsageError('--resume needs --checkpoint <folder>');
  const folder = typed.checkpoint === undefined ? undefined : resolve(io.cwd, typed.checkpoint);
  const stored = await storedIn(folder, typed);
  const said = given(command, typed);
  const flags = stored ? { ...typed, ...stored, ...said } : typed;
  // A trial of a sweep spells out every option; its file was judged by what it says itself.
  if (!receive) refuseUnused(Object.keys(said), flags);
  if (stored && folder !== undefined) checkResumed(folder, stored, said, flags);
  else checkTogether(flags);
  const { model, data, train } = await madeModel(flags, io);
  const progress = await trainingProgress(
    {
      title: title(flags),
      epochs: flags.epochs,
      stepsPerEpoch: Math.floor(data.train.count / flags.batchSize),
      batchSize: flags.batchSize,
    },
    io,
  );
  const started = io.now();
  try {
    const history = await train(model, data.train, {
      ...trainOptions(flags, data, folder),
      ...progress,
      signal: io.signal,
    });
    progress.stop();
    if (receive) receive(history, flags);
    else report(history, flags, (io.now() - started) / 1000, folder, io);
  } catch (error) {
    throw inTrainFlags(error, folder, said);
  } finally {
    progress.stop();
    model.dispose();
  }
}

/** The data, and a model for them; what is noted of them is said. */
async function madeModel(flags: TrainFlags, io: CommandIo) {
  const data = await loadVaeData(flags.data, flags, io);
  const { Vae, train, bitsWarning, coarseWarning, ...images } = await libraries();
  const warn = (warning: string | null): void => {
    if (warning !== null) io.stderr.write(`gmm-vae: warning: ${printable(warning)}\n`);
  };
  tellNotes(data, io);
  warn(bitsWarning(data.train));
  const { network } = flags;
  const made = isModuleFile(network) ? await networksOf(network, { ...data.train, latent: latentOf(flags) }, io) : null;
  const options = modelOptions(flags, data, images, made);
  warn(coarseWarning(data.train, options.standardisation));
  return { model: new Vae(options), data, train };
}

async function libraries() {
  const [{ Vae }, { train }, { bitsWarning, coarseWarning }, { meanImage }, { pseudoInputs, noisePseudoInputs }] =
    await Promise.all([
      import('../../vae/model.js'),
      import('../../vae/training/train.js'),
      import('../../data/warnings.js'),
      import('../../data/intensities.js'),
      import('../../vae/priors/pseudo-inputs.js'),
    ]);
  return { Vae, train, bitsWarning, coarseWarning, meanImage, pseudoInputs, noisePseudoInputs };
}

/** When a training is resumed: what it was started with. Null when there is nothing to resume. */
async function storedIn(
  folder: string | undefined,
  { resume, network }: TrainFlags,
): Promise<Partial<TrainFlags> | null> {
  if (!resume || folder === undefined) return null;
  const { readManifest } = await import('../../vae/checkpoint/folder.js');
  const manifest = await readManifest(folder, 'last');
  if (manifest) checkMaker(manifest.model, network);
  return manifest && storedFlags(manifest);
}

/** What was typed, without defaults. */
function given(command: Command, typed: TrainFlags): Partial<TrainFlags> {
  return Object.fromEntries(Object.entries(typed).filter(([name]) => command.getOptionValueSource(name) === 'cli'));
}

/** Why it ended, and what it reached. Interrupted: exit code 130. */
function report(
  history: TrainingHistory,
  flags: TrainFlags,
  seconds: number,
  folder: string | undefined,
  io: CommandIo,
): void {
  const last = history.epochs.at(-1) ?? null;
  const { ended, best } = history;
  if (flags.json) {
    const result = {
      ended,
      seconds,
      steps: history.steps.length,
      best,
      last,
      epochs: history.epochs,
      checkpoint: folder ?? null,
    };
    io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else if (last) {
    const heldOut = best ? `, best held-out loss ${fixed(best.loss)} nats in epoch ${best.epoch}` : '';
    io.stdout.write(
      `${title(flags)}: ${counted(last.epoch, 'epoch')} in ${Math.round(seconds)} s, loss ${fixed(last.loss)}, KL ${fixed(last.kl)} nats${heldOut}\n`,
    );
  }
  if (ended === 'early')
    io.stderr.write(`gmm-vae: stopped early: no better held-out loss for ${flags.patience} epochs\n`);
  if (ended === 'complete' && history.steps.length === 0)
    io.stderr.write(
      `gmm-vae: nothing left to do: ${history.epochs.length} of ${flags.epochs} epochs are done; say more --epochs to go on\n`,
    );
  if (ended !== 'interrupted') return;
  const kept = folder ? `saved in ${folder}: go on with --resume` : 'nothing was saved, for want of --checkpoint';
  // Steps before a resumption count: their number is that of the last one, which the checkpoint holds.
  const at = history.steps.at(-1)?.step;
  const where = at === undefined ? 'before its first step' : `after ${at} steps`;
  io.stderr.write(`gmm-vae: interrupted ${where}; ${kept}\n`);
  io.exit(130);
}
