import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/math/random';
import { readCheckpoint } from '../../../src/vae/checkpoint/folder';
import { bundled } from './bundled';
import type { KilledTraining } from './killed-training';

const STEPS = 120;
let scratch: string;
let program: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gmm-vae-kill-'));
  program = await bundled(`import { trainUntilKilled } from './test/vae/checkpoint/killed-training';
    void trainUntilKilled(process.env.CHECKPOINT_FOLDER, process.env.TRAINING);`);
});
afterAll(() => rm(scratch, { recursive: true }));

/** Runs the training to its end, or kills it some milliseconds after it has reported a step; returns how it ended. */
async function run(
  folder: string,
  training: KilledTraining,
  kill?: { step: number; delay: number },
): Promise<number | string | null> {
  const child = spawn(process.execPath, ['-'], {
    env: { ...process.env, CHECKPOINT_FOLDER: folder, TRAINING: training },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(program);
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!kill || Number(line) < kill.step) continue;
    await sleep(kill.delay);
    child.kill('SIGKILL');
    break;
  }
  return ended;
}

const bytesOf = async (folder: string, file: { name: string }) => readFile(join(folder, file.name));

/** The killed training's weights, slots and history against those of the one that was left alone. */
async function compare(training: KilledTraining): Promise<void> {
  const [folder, whole] = [join(scratch, training), join(scratch, `${training}-whole`)];
  for (const which of ['last', 'best'] as const) {
    const expected = (await readCheckpoint(whole, which))?.manifest;
    const killed = (await readCheckpoint(folder, which))?.manifest;
    if (!expected || !killed) throw new Error(`no ${which} checkpoint of ${training}`);
    for (const file of ['weights', 'optimizer'] as const) {
      const bytes = await bytesOf(folder, killed.files[file]);
      expect(bytes.equals(await bytesOf(whole, expected.files[file])), `${training}: ${which} ${file}`).toBe(true);
    }
    const losses = ({ progress }: typeof expected) =>
      progress.epochs.map(({ loss, kl, validation }) => [loss, kl, validation]);
    expect(losses(killed)).toEqual(losses(expected));
    expect(killed.progress.best).toEqual(expected.progress.best);
  }
}

describe('a training killed with SIGKILL', () => {
  it('ends, resumed after 20 kills at random points, with the bytes of an uninterrupted one', async () => {
    const points = RandomStream.of(1, 'test/kill');
    // Two different trainings with ten kills each, so that each core has one. A step takes about 1 ms and a save about 5: the
    // delay lets kills fall into steps, into files half-written and between the files of one save.
    const chain = async (training: KilledTraining) => {
      const folder = join(scratch, training);
      const steps = Array.from({ length: 10 }, () => 1 + points.integer(STEPS - 10)).sort((a, b) => a - b);
      const ends: unknown[] = [];
      for (const step of steps) ends.push(await run(folder, training, { step, delay: 12 * points.uniform() }));
      expect(ends).toEqual(steps.map(() => 'SIGKILL'));
      expect(await run(folder, training)).toBe(0);
      expect(await run(`${folder}-whole`, training)).toBe(0);
      return training;
    };
    for (const training of await Promise.all([chain('mixture'), chain('vamp')])) await compare(training);
    // Twenty-four processes, each loading TensorFlow.js: over a minute where other work has the cores.
  }, 300_000);
});
