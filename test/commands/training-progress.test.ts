import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/commands/io';
import { trainingProgress } from '../../src/commands/train/progress';

const losses = { loss: 1, reconstruction: 1, kl: 0 };

/** What a terminal shows after each of some events, each at its own second. */
async function shown(
  follow: (at: (second: number) => void, progress: Awaited<ReturnType<typeof trainingProgress>>) => void,
) {
  let [now, text] = [0, ''];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    text += chunk.toString();
    done();
  };
  const stderr = Object.assign(new Writable({ write }), {
    isTTY: true,
    columns: 200,
    cursorTo: () => {},
    clearLine: () => {},
  });
  const io = { stderr, now: () => now } as unknown as CommandIo;
  const progress = await trainingProgress({ title: 'test', epochs: 2, stepsPerEpoch: 100, batchSize: 10 }, io);
  follow((second) => {
    now = 1000 * second;
  }, progress);
  progress.stop();
  return text;
}

describe('the bar of a training', () => {
  it('says how long is left by the steps done, not by the seconds that went into compiling the first', async () => {
    const text = await shown((at, { onStep }) => {
      for (let step = 1; step <= 50; step++) {
        at(30 + 0.2 * step);
        onStep({ step, epoch: 1, ...losses });
      }
    });
    // 0.2 s a step: 150 steps after the fiftieth.
    expect(text).toMatch(/50 images\/s · 30 s left/);
    expect(text).not.toMatch(/\d min/);
  });

  it('counts what lies between two epochs to the time that is left, not to the rate', async () => {
    const text = await shown((at, { onStep, onEpoch }) => {
      for (let step = 1; step <= 101; step++) {
        if (step === 101) onEpoch({ epoch: 1, ...losses, seconds: 20, imagesPerSecond: 50, validation: 1 });
        at(0.2 * step + (step > 100 ? 10 : 0));
        onStep({ step, epoch: step > 100 ? 2 : 1, ...losses });
      }
    });
    // 30 s for 100 steps: 29.7 for the other 99.
    expect(text).toMatch(/epoch 2\/2 .* 50 images\/s · 30 s left/);
  });
});
