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

const STEPS = 120;
let scratch: string;
let program: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gmm-vae-kill-'));
  program = await bundled(`import { trainUntilKilled } from './test/vae/checkpoint/killed-training';
    void trainUntilKilled(process.env.CHECKPOINT_FOLDER);`);
});
afterAll(() => rm(scratch, { recursive: true }));

/** Runs the training to its end, or kills it some milliseconds after it has reported a step; returns how it ended. */
async function run(folder: string, kill?: { step: number; delay: number }): Promise<number | string | null> {
  const child = spawn(process.execPath, ['-'], {
    env: { ...process.env, CHECKPOINT_FOLDER: folder },
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

describe('a training killed with SIGKILL', () => {
  it('ends, resumed after 20 kills at random points, with the bytes of an uninterrupted one', async () => {
    const points = RandomStream.of(1, 'test/kill');
    // Two trainings with ten kills each, so that each core has one. A step takes about 1 ms and a save about 5: the delay
    // lets kills fall into steps, into files half-written and between the files of one save.
    const chain = async (name: string) => {
      const folder = join(scratch, name);
      const steps = Array.from({ length: 10 }, () => 1 + points.integer(STEPS - 10)).sort((a, b) => a - b);
      const ends: unknown[] = [];
      for (const step of steps) ends.push(await run(folder, { step, delay: 12 * points.uniform() }));
      expect(ends).toEqual(steps.map(() => 'SIGKILL'));
      expect(await run(folder)).toBe(0);
      return folder;
    };
    const whole = join(scratch, 'whole');
    const [first, second] = await Promise.all([chain('first'), chain('second'), run(whole)]);
    for (const which of ['last', 'best'] as const) {
      const expected = (await readCheckpoint(whole, which))?.manifest;
      if (!expected) throw new Error(`no ${which} checkpoint of the uninterrupted training`);
      for (const folder of [first, second]) {
        const killed = (await readCheckpoint(folder, which))?.manifest;
        for (const file of ['weights', 'optimizer'] as const) {
          const bytes = await bytesOf(folder, killed?.files[file] ?? { name: '' });
          expect(bytes.equals(await bytesOf(whole, expected.files[file])), `${which} ${file}`).toBe(true);
        }
        expect(killed?.progress.best).toEqual(expected.progress.best);
        expect(killed?.progress.epochs.map(({ loss }) => loss)).toEqual(
          expected.progress.epochs.map(({ loss }) => loss),
        );
      }
    }
    // Twenty-three processes, each loading TensorFlow.js: over a minute where other work has the cores.
  }, 300_000);
});
