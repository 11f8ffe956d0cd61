import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerData } from '../../src/commands/data';
import { findMnist, loadMnist } from '../../src/data/mnist';
import { mnistForTests } from './digits-for-tests';
import { answering, type Mirror, startMirror, withRanges } from './mirror';

let folder: string;
let mirror: Mirror | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-command-'));
  mirror = null;
});
afterEach(async () => {
  await mirror?.close();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly args: readonly string[];
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** Filled as the command speaks, for commands that fail. */
  readonly said?: { out: string; err: string; code: number };
}

async function run(command: Run) {
  const { args, isTTY = false, signal = new AbortController().signal, said = { out: '', err: '', code: 0 } } = command;
  const into = (key: 'out' | 'err') => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      said[key] += chunk.toString();
      done();
    };
    return Object.assign(new Writable({ write }), { isTTY, columns: 80 });
  };
  const program = new Command('gmm-vae').exitOverride();
  program.configureOutput({ writeErr: () => {} });
  registerData(program.command('data'), {
    stdin: Readable.from([]),
    stdout: into('out'),
    stderr: into('err'),
    env: { XDG_CACHE_HOME: folder },
    cwd: folder,
    now: Date.now,
    signal,
    exit: (code) => {
      said.code = code;
    },
  });
  await program.parseAsync(['data', ...args], { from: 'user' });
  return said;
}

describe('gmm-vae data', () => {
  it('downloads MNIST into the cache, where it is then found and read; the second time it is already there', async () => {
    if (!(await mnistForTests())) return; // Only outside CI: `mnistForTests` throws there.
    const files = new Map<string, Uint8Array>();
    for (const path of Object.values((await findMnist()) ?? {})) {
      const bytes = await readFile(path);
      const name = `/${path
        .split('/')
        .at(-1)
        ?.replace(/(\.gz)?$/, '.gz')}`;
      files.set(name, path.endsWith('.gz') ? bytes : gzipSync(bytes));
    }
    mirror = await startMirror((request, response, n) =>
      withRanges(files.get(request.url ?? '') ?? new Uint8Array())(request, response, n),
    );
    const args = ['mnist', '--mirror', mirror.url.slice(0, -1)];
    const cache = join(folder, 'gmm-vae/mnist');
    expect(await run({ args })).toMatchObject({ out: `MNIST is in ${cache}\n`, code: 0 });
    expect(await readdir(cache)).toHaveLength(4);
    expect((await loadMnist({ env: { XDG_CACHE_HOME: folder } })).train.count).toBe(60_000);
    const again = await run({ args });
    expect(again.err.trim().split('\n')).toEqual(Array(4).fill(expect.stringMatching(/^[\w-]+\.gz: already there$/)));
    expect((await run({ args: ['status'] })).out).toContain(join(cache, 'train-images-idx3-ubyte.gz'));
    expect(mirror.ranges).toHaveLength(4);
  });

  it('shows a bar on a terminal', async () => {
    mirror = await startMirror(withRanges(Buffer.alloc(200_000, 1)));
    const said = { out: '', err: '', code: 0 };
    const failing = run({ args: ['mnist', '--mirror', mirror.url], isTTY: true, said });
    await expect(failing).rejects.toThrow(/train-images-idx3-ubyte could not be downloaded .*got 200000 bytes/);
    expect(said.err).toMatch(/train-images-idx3-ubyte\.gz \[=+\] 100% of 0\.2 MB, 0s left/);
  });

  it('fails in one line that says what the server said', async () => {
    mirror = await startMirror(answering(403));
    await expect(run({ args: ['mnist', '--mirror', mirror.url] })).rejects.toThrow(
      /^train-images-idx3-ubyte could not be downloaded \(.*: HTTP 403 Forbidden\): try again/,
    );
  });

  it('stops at Ctrl-C with exit code 130 and says that it can go on', async () => {
    mirror = await startMirror(() => {});
    const result = await run({ args: ['mnist', '--mirror', mirror.url], signal: AbortSignal.timeout(100) });
    expect(result).toMatchObject({
      code: 130,
      err: expect.stringMatching(/interrupted; the next .* goes on from here/),
    });
  });

  it('says where it looked when MNIST is nowhere, as text and JSON, with exit code 1', async () => {
    const searched = join(folder, 'gmm-vae/mnist');
    expect(await run({ args: ['status'] })).toMatchObject({
      code: 1,
      out: `MNIST is not here (looked in ${searched}): run "gmm-vae data mnist"\n`,
    });
    const json = await run({ args: ['status', '--json'] });
    expect(JSON.parse(json.out)).toEqual({ found: false, files: null, searched: [searched] });
  });

  it('refuses a mirror that is no http address', async () => {
    await expect(run({ args: ['mnist', '--mirror', 'ftp://x/'] })).rejects.toThrow(/expected an http or https address/);
  });
});
