import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { compiledFile } from '../../src/package';
import { Throughput } from '../../src/threads/throughput';
import { type Job, WorkerPool } from '../../src/threads/worker-pool';

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** A thread that answers n with [n, data], after `ms` of work; it throws for a negative n. */
const file = join(folder, 'thread.js');
writeFileSync(
  file,
  `require(${JSON.stringify(compiledFile('threads/pool-worker'))}).serve((data) => ({ n, ms }) => {
    if (n < 0) throw new RangeError('no answer to ' + n);
    for (const end = performance.now() + ms; performance.now() < end; );
    return Float64Array.of(n, data);
  });`,
);

const pool = (threads: number) => new WorkerPool<Float64Array>(file, 7, threads);

async function answers(threads: number, messages: readonly { n: number; ms: number }[]): Promise<number[][]> {
  const found: number[][] = [];
  const workers = pool(threads);
  try {
    await workers.run(messages.map((message) => ({ message, consume: (result) => found.push([...result]) })));
  } finally {
    await workers.close();
  }
  return found;
}

describe('WorkerPool', () => {
  it.each([1, 2, 5])(
    'gives the results in the order of the jobs, whoever is done first (%d threads)',
    async (threads) => {
      const messages = Array.from({ length: 40 }, (_, n) => ({ n, ms: n % 4 === 0 ? 8 : 0 }));
      expect(await answers(threads, messages)).toEqual(messages.map(({ n }) => [n, 7]));
    },
  );

  it('takes at most four jobs per thread ahead of the last result consumed', async () => {
    let [taken, consumed, most] = [0, 0, 0];
    function* jobs(): Generator<Job<Float64Array>> {
      for (; taken < 100; taken++) {
        most = Math.max(most, taken + 1 - consumed);
        yield { message: { n: taken, ms: 0 }, consume: () => consumed++ };
      }
    }
    const workers = pool(2);
    await workers.run(jobs());
    await workers.run([]);
    await workers.close();
    expect([consumed, most]).toEqual([100, 9]);
  });

  it('fails with the thread’s own error, without waiting for the other jobs', async () => {
    const messages = [
      { n: 0, ms: 0 },
      { n: -1, ms: 0 },
      { n: 1, ms: 0 },
    ];
    await expect(answers(2, messages)).rejects.toThrow('no answer to -1');
  });

  it('fails when its file cannot be run', async () => {
    const workers = new WorkerPool<Float64Array>(join(folder, 'missing.js'), 0, 1);
    await expect(workers.run([{ message: 0, consume: () => {} }])).rejects.toThrow('missing.js');
    await workers.close();
  });

  it('lets threads of native code end by themselves, after the piece that they are at, and does nothing more', async () => {
    const log = join(folder, 'log');
    const native = join(folder, 'native.js');
    writeFileSync(
      native,
      `const { appendFileSync } = require('node:fs');
      require(${JSON.stringify(compiledFile('threads/pool-worker'))}).serveNative(async () => async (n, pause) => {
        for (let piece = 0; ; piece++) {
          for (const end = performance.now() + 20; performance.now() < end; );
          appendFileSync(${JSON.stringify(log)}, n + ':' + piece + ' ');
          if (n === 0 && piece === 2) return Float64Array.of(n);
          pause();
        }
      });`,
    );
    const terminated = vi.spyOn(Worker.prototype, 'terminate');
    const workers = new WorkerPool<Float64Array>(native, 0, 1, 'by-itself');
    const interrupt = new AbortController();
    const consumed: number[] = [];
    const jobs = [0, 1, 2].map((message) => ({
      message,
      consume: ([n]: Float64Array) => {
        consumed.push(n as number);
        setTimeout(() => interrupt.abort(new Error('enough')), 50);
      },
    }));
    await expect(workers.run(jobs, interrupt.signal)).rejects.toThrow('enough');
    await workers.close();
    const done = readFileSync(log, 'utf8');
    expect(consumed).toEqual([0]);
    expect(done).toMatch(/^0:0 0:1 0:2 1:0 /);
    expect(done).not.toContain('2:');
    expect(terminated).not.toHaveBeenCalled();
  });

  it('fails when an answer cannot be read, instead of waiting for it for ever', async () => {
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    const workers = pool(1);
    const running = workers.run([{ message: { n: 0, ms: 1e9 }, consume: () => {} }]);
    (posted.mock.contexts[0] as Worker).emit('messageerror', new Error('cannot be read'));
    await expect(running).rejects.toThrow('cannot be read');
    await workers.close();
  });

  it('ends the threads it has when it cannot start another', () => {
    const ended = vi.spyOn(Worker.prototype, 'terminate');
    let copies = 0;
    const data = {
      get copied(): number {
        if (copies === 1) throw new RangeError('no second copy');
        copies++;
        return copies;
      },
    };
    expect(() => new WorkerPool(file, data, 2)).toThrow('no second copy');
    expect([copies, ended.mock.calls.length]).toEqual([1, 1]);
  });

  it('stops in the middle of a job when the signal is aborted, and before the first one', async () => {
    const abort = new AbortController();
    const workers = pool(2);
    const running = workers.run([{ message: { n: 0, ms: 1e9 }, consume: () => {} }], abort.signal);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await workers.close();
    await expect(crewOnce(abort.signal)).rejects.toThrow('enough');
  });

  async function crewOnce(signal: AbortSignal): Promise<void> {
    const workers = pool(1);
    try {
      await workers.run([], signal);
    } finally {
      await workers.close();
    }
  }
});

describe('Throughput', () => {
  it('finds that threads pay once a second of work is left, at the throughput of the fastest portion', () => {
    let time = 0;
    const throughput = new Throughput(() => time);
    expect(throughput.threadsPay(0, 1e9)).toBe(false);
    time = 40; // 1,000 units in 40 ms, the next 1,000 in 1 ms: the first ones were slow to begin
    expect(throughput.threadsPay(1000, 5000)).toBe(false);
    time = 41;
    expect(throughput.threadsPay(2000, 1_001_000)).toBe(false);
    expect(throughput.threadsPay(2000, 1_002_001)).toBe(true);
  });

  it('does not judge by the first milliseconds', () => {
    let time = 0;
    const throughput = new Throughput(() => time);
    time = 29;
    expect(throughput.threadsPay(1, 1e9)).toBe(false);
  });
});
