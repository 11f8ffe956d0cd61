import type { FitProgress } from '../../distributions/fit/fit-gaussian-mixture';
import type { EpochRecord, StepRecord } from '../../vae/training/history';
import { fixed } from '../../words';
import type { CommandIo } from '../io';

export interface TrainingProgress {
  readonly onStep: (record: StepRecord) => void;
  readonly onEpoch: (record: EpochRecord) => void;
  readonly onFitPrior: (progress: FitProgress) => void;
  readonly stop: () => void;
}

export interface ProgressShape {
  readonly title: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
}

/** Shows progress on standard error: a bar on a terminal, elsewhere a line per epoch. */
export async function trainingProgress(shape: ProgressShape, io: CommandIo): Promise<TrainingProgress> {
  return io.stderr.isTTY ? bar(shape, io) : lines(shape, io);
}

function lines({ title, epochs }: ProgressShape, io: CommandIo): TrainingProgress {
  return {
    onStep: () => {},
    onEpoch: (record) => void io.stderr.write(`${title}: ${epochLine(record, epochs)}\n`),
    onFitPrior: () => {},
    stop: () => {},
  };
}

function epochLine({ epoch, loss, kl, validation, imagesPerSecond }: EpochRecord, epochs: number): string {
  const heldOut = validation === null ? '' : `, held out ${fixed(validation)}`;
  return `epoch ${epoch} of ${epochs}: loss ${fixed(loss)}, KL ${fixed(kl)} nats${heldOut}, ${Math.round(imagesPerSecond)} images/s`;
}

/** How much of the shown rate is the newest step's. */
const SMOOTHING = 0.02;
/** Milliseconds between two drawings. */
const REFRESH = 100;

async function bar(
  { title, epochs, stepsPerEpoch, batchSize }: ProgressShape,
  io: CommandIo,
): Promise<TrainingProgress> {
  const { SingleBar } = await import('cli-progress');
  const total = epochs * stepsPerEpoch;
  const shown = new SingleBar({
    format: `${title} [{bar}] epoch {epoch}/${epochs} · loss {loss} · KL {kl} · {rate} images/s · {left}`,
    stream: io.stderr as NodeJS.WritableStream,
    hideCursor: true,
    barsize: 20,
  });
  const blank = { epoch: '–', loss: '–', kl: '–', rate: '–', left: '– left' };
  let [drawn, secondsPerStep] = [0, 0];
  // The first step of all waits for the compiler, the first of an epoch for the held-out images: neither says how fast steps are.
  let last: number | null = null;
  let began: { readonly step: number; readonly at: number } | null = null;
  const onStep = ({ step, epoch, loss, kl }: StepRecord) => {
    const now = io.now();
    if (last !== null) {
      const seconds = (now - last) / 1000;
      secondsPerStep = secondsPerStep === 0 ? seconds : secondsPerStep + SMOOTHING * (seconds - secondsPerStep);
    }
    last = now;
    if (began && now - drawn < REFRESH && step < total) return;
    if (!began) shown.start(total, step, blank);
    began ??= { step, at: now };
    drawn = now;
    const rate = secondsPerStep > 0 ? Math.round(batchSize / secondsPerStep) : '–';
    const done = step - began.step;
    const left = done > 0 ? `${duration(((now - began.at) / 1000 / done) * (total - step))} left` : '– left';
    shown.update(step, { epoch, loss: fixed(loss, 1), kl: fixed(kl, 1), rate, left });
  };
  const onEpoch = () => {
    last = null;
  };
  const onFitPrior = ({ start, starts, iteration }: FitProgress) => {
    const now = io.now();
    if (!began || now - drawn < REFRESH) return;
    drawn = now;
    shown.update({ left: `EM, start ${start} of ${starts}, iteration ${iteration ?? '–'}` });
  };
  return { onStep, onEpoch, onFitPrior, stop: () => began && shown.stop() };
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}
