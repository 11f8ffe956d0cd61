import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { processIo } from '../../src/commands/process-io';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { code, notebookOf, writeFixture } from '../notebook/fixtures';

const CLI = join(__dirname, '../../dist/cli.js');

/** A process of which nothing is left but its streams and its signals. */
class FakeProcess extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly env = {};
  readonly pid = 7;
  exitCode: number | undefined;
  readonly killed: unknown[] = [];

  cwd(): string {
    return '/';
  }

  kill(pid: number, signal: string): void {
    this.killed.push([pid, signal, this.listenerCount(signal)]);
  }

  get told(): string {
    return String(this.stderr.read() ?? '');
  }
}

function start(isTTY = false): { process: FakeProcess; signal: AbortSignal } {
  const process = new FakeProcess();
  process.stderr.isTTY = isTTY;
  return { process, signal: processIo(process as unknown as NodeJS.Process).signal };
}

describe('a command line in its process', () => {
  it('is asked to end by the first Ctrl-C and ended by the second, with the terminal as it was', () => {
    const { process, signal } = start(true);
    process.emit('SIGINT');
    expect([signal.aborted, process.killed, process.told]).toEqual([true, [], '']);
    process.emit('SIGTERM');
    // The cursor and the wrapping of lines, which bars turn off. Nobody listens when the signal comes again.
    expect([process.killed, process.told]).toEqual([[[7, 'SIGTERM', 0]], '\u001b[?25h\u001b[?7h']);
  });

  it('writes nothing that only a terminal understands into a file', () => {
    const { process } = start();
    process.emit('SIGINT');
    process.emit('SIGINT');
    expect([process.killed, process.told]).toEqual([[[7, 'SIGINT', 0]], '']);
  });

  it('says once that its output is lost, and fails', () => {
    const { process } = start();
    process.stdout.emit('error', Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    process.stdout.emit('error', Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    expect(process.told).toBe('gmm-vae: standard output: cannot be written: ENOSPC: no space left\n');
    expect(process.exitCode).toBe(2);
  });

  it.each([
    ['its events', '--json | head -n 1', 'start'],
    ['its progress', '2>&1 >/dev/null | head -n 1', 'cell 1/2'],
  ])('runs a notebook to its end also where nobody reads %s to theirs', (_, reader, first) => {
    const path = writeFixture(notebookOf(code('console.log("one")'), code('console.log("two")')));
    const shell = `set -o pipefail; "${process.execPath}" "${CLI}" run "${path}" ${reader}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', shell], { cwd: dirname(path), encoding: 'utf8' });
    expect(stdout).toContain(first);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { cells } = readNotebook(join(dirname(path), 'reports/executed/fixture.ipynb'));
    expect(cells[1]).toMatchObject({ outputs: [{ text: 'two\n' }] });
  });

  it.skipIf(!existsSync('/dev/full'))(
    'runs a notebook to its end also where its events no longer fit on the disk',
    () => {
      const path = writeFixture(notebookOf(code('console.log("one")')));
      const shell = `"${process.execPath}" "${CLI}" run "${path}" --json > /dev/full`;
      const { status, stderr } = spawnSync('bash', ['-c', shell], { cwd: dirname(path), encoding: 'utf8' });
      expect(stderr).toMatch(/^gmm-vae: standard output: cannot be written: ENOSPC[^\n]*\n$/);
      expect(status).toBe(2);
      const { cells } = readNotebook(join(dirname(path), 'reports/executed/fixture.ipynb'));
      expect(cells[0]).toMatchObject({ outputs: [{ text: 'one\n' }] });
    },
  );

  it('says in one line that the folder it was started in is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-gone-'));
    const { status, stderr } = spawnSync('sh', ['-c', 'rmdir "$0"; "$1" "$2" --help', folder, process.execPath, CLI], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      2,
      'gmm-vae: the folder that it was started in no longer exists: change to another one\n',
    ]);
  });
});
