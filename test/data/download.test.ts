import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Download, type DownloadProgress, download } from '../../src/data/download';
import { until } from '../notebook/fixtures';
import { answering, type Behaviour, cutting, type Mirror, startMirror, withoutRanges, withRanges } from './mirror';

const plain = randomFillSync(new Uint8Array(300_000));
const stored = gzipSync(plain);
const FILE = { name: 'digits', bytes: plain.length, sha256: createHash('sha256').update(plain).digest('hex') };
const PART = 'digits.gz.part';

let folder: string;
let mirrors: Mirror[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-download-'));
  mirrors = [];
});
afterEach(async () => {
  await Promise.all(mirrors.map((mirror) => mirror.close()));
  await rm(folder, { recursive: true });
});

async function serve(behave: Behaviour): Promise<Mirror> {
  const mirror = await startMirror(behave);
  mirrors.push(mirror);
  return mirror;
}

const fetchFrom = (from: readonly { url: string }[], more: Partial<Download> = {}) =>
  download({ folder, files: [FILE], mirrors: from.map(({ url }) => url), ...more });

const expectWhole = async () => {
  expect(await readdir(folder)).toEqual(['digits.gz']);
  expect(stored.equals(await readFile(join(folder, 'digits.gz')))).toBe(true);
};

describe('a download', () => {
  it('leaves the whole file under its name and nothing else, and says how far it is', async () => {
    const seen: DownloadProgress[] = [];
    await fetchFrom([await serve(withRanges(stored))], { onProgress: (progress) => void seen.push(progress) });
    await expectWhole();
    expect(seen.at(0)).toEqual({ file: 'digits.gz', state: 'receiving', received: 0, total: stored.length });
    expect(seen.at(-1)).toEqual({ file: 'digits.gz', state: 'done', received: stored.length, total: stored.length });
    const received = seen.map((progress) => progress.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
  });

  it('asks for nothing when the file is there, and again when what is there is wrong', async () => {
    const mirror = await serve(withRanges(stored));
    await fetchFrom([mirror]);
    await fetchFrom([mirror]);
    expect(mirror.ranges).toHaveLength(1);
    await writeFile(join(folder, 'digits.gz'), stored.subarray(0, 1000));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toHaveLength(2);
    await expectWhole();
  });

  it('goes on at the byte where the connection was cut, as often as it takes', async () => {
    let received = 0;
    const arrived = (bytes: number) => until('the bytes have arrived', () => received >= bytes);
    const mirror = await serve(cutting(stored, 100_000, 2, arrived));
    const onProgress = (progress: DownloadProgress) => {
      received = progress.received;
    };
    await fetchFrom([mirror], { onProgress });
    expect(mirror.ranges).toEqual([null, 'bytes=100000-', 'bytes=200000-']);
    await expectWhole();
  });

  it('goes on where an earlier run was interrupted', async () => {
    await writeFile(join(folder, PART), stored.subarray(0, 123_456));
    const mirror = await serve(withRanges(stored));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual(['bytes=123456-']);
    await expectWhole();
  });

  it('is not mixed with that of another process, whose file it leaves alone until it is silent', async () => {
    const other = 'digits.gz.4242-0123456789ab.part';
    await writeFile(join(folder, other), stored.subarray(0, 1000));
    const mirror = await serve(withRanges(stored));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual([null]);
    expect((await readdir(folder)).sort()).toEqual([other, 'digits.gz'].sort());
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(join(folder, other), hourAgo, hourAgo);
    await rm(join(folder, 'digits.gz'));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual([null, 'bytes=1000-']);
    await expectWhole();
  });

  it('is made twice at once without a byte of one in the other', async () => {
    // Two that append to one file mix as soon as both have begun: each answer waits for the other request, and comes in pieces.
    let asked = 0;
    const mirror = await serve(async (_request, response) => {
      asked++;
      await until('both have asked', () => asked >= 2);
      response.writeHead(200, { 'content-length': stored.length });
      for (let at = 0; at < stored.length; at += 10_000) {
        response.write(stored.subarray(at, at + 10_000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    await Promise.all([fetchFrom([mirror]), fetchFrom([mirror])]);
    expect(mirror.ranges).toEqual([null, null]);
    await expectWhole();
  });

  it('starts again where the server knows no ranges', async () => {
    await writeFile(join(folder, PART), stored.subarray(0, 123_456));
    const mirror = await serve(withoutRanges(stored));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual(['bytes=123456-']);
    await expectWhole();
  });

  it('needs no byte more when the earlier run had received all (HTTP 416)', async () => {
    await writeFile(join(folder, PART), stored);
    const mirror = await serve(withRanges(stored));
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual([`bytes=${stored.length}-`]);
    await expectWhole();
  });

  it('starts again when the earlier part is longer than the file (HTTP 416) or of other bytes', async () => {
    const mirror = await serve(withRanges(stored));
    await writeFile(join(folder, PART), Buffer.concat([stored, stored]));
    await fetchFrom([mirror]);
    await expectWhole();
    await rm(join(folder, 'digits.gz'));
    await writeFile(join(folder, PART), Buffer.alloc(50_000, 1));
    await fetchFrom([mirror]);
    await expectWhole();
    expect(mirror.ranges).toEqual([`bytes=${2 * stored.length}-`, null, 'bytes=50000-', null]);
  });

  it('starts again when the server answers with another range than the one asked for', async () => {
    await writeFile(join(folder, PART), stored.subarray(0, 1000));
    const mirror = await serve((request, response, n) => {
      if (n > 0) return withRanges(stored)(request, response, n);
      response.writeHead(206, { 'content-range': `bytes 0-9/${stored.length}` }).end(stored.subarray(0, 10));
    });
    await fetchFrom([mirror]);
    expect(mirror.ranges).toEqual(['bytes=1000-', null]);
    await expectWhole();
  });

  it('takes the next mirror after a 403, a 500, a refused connection and wrong bytes', async () => {
    const refused = await serve(answering(200));
    await refused.close();
    mirrors.pop();
    const wrong = gzipSync(plain.with(0, (plain[0] as number) ^ 1));
    const bad = [await serve(answering(403)), await serve(answering(500)), refused, await serve(withRanges(wrong))];
    await fetchFrom([...bad, await serve(withRanges(stored))]);
    await expectWhole();
  });

  it('accepts the uncompressed file under the .gz name, since some servers unpack on the way', async () => {
    await fetchFrom([await serve(withRanges(plain))]);
    expect((await readFile(join(folder, 'digits.gz'))).equals(plain)).toBe(true);
  });

  it('ends in one line with each mirror’s reason, and no file under the final name', async () => {
    const refused = await serve(answering(200));
    await refused.close();
    mirrors.pop();
    const [forbidden, prose] = [await serve(answering(403)), await serve(answering(200))];
    const failure = await fetchFrom([forbidden, refused, prose]).catch((error: Error) => error);
    const { message, name } = failure as Error;
    expect(name).toBe('UsageError');
    expect(message.split('\n')).toHaveLength(1);
    expect(message).toContain(`${forbidden.url}digits.gz: HTTP 403 Forbidden`);
    expect(message).toContain(`${refused.url}digits.gz: connection refused (ECONNREFUSED)`);
    expect(message).toMatch(/got 25 bytes with SHA-256 [0-9a-f]{64}, expected 300000 bytes with SHA-256 [0-9a-f]{64}/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives a server up that falls silent, but keeps what it sent', async () => {
    const mirror = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': stored.length });
      response.write(stored.subarray(0, 5000));
    });
    await expect(fetchFrom([mirror], { stallMs: 500 })).rejects.toThrow('nothing received for 0.5 s');
    expect((await readFile(join(folder, PART))).equals(stored.subarray(0, 5000))).toBe(true);
  });

  it('can be aborted in the middle, and is then finished by the next run', async () => {
    const abort = new AbortController();
    const arrived = () => until('the download is aborted', () => abort.signal.aborted);
    const mirror = await serve(cutting(stored, 100_000, Number.POSITIVE_INFINITY, arrived));
    const onProgress = ({ received }: DownloadProgress) => {
      if (received >= 100_000) abort.abort(new Error('Ctrl-C'));
    };
    await expect(fetchFrom([mirror], { signal: abort.signal, onProgress })).rejects.toThrow('Ctrl-C');
    expect(await readdir(folder)).toEqual([PART]);
    const good = await serve(withRanges(stored));
    await fetchFrom([good]);
    expect(good.ranges).toEqual(['bytes=100000-']);
    await expectWhole();
  });
});
