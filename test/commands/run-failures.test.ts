import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { joinText, type Notebook, readNotebook, writeNotebook } from '../../src/notebook/document/ipynb';
import { gmmVae } from '../command-line';
import { code, notebookOf, writeFixture } from '../notebook/fixtures';

const CLI = join(__dirname, '../../dist/cli.js');
const env = { ...process.env };

const executed = (path: string): string => join(dirname(path), 'reports/executed/fixture.ipynb');

/** What the code cells of an executed notebook have printed, in order; reading it checks that the file is a notebook. */
function printed(path: string): string[] {
  const { cells }: Notebook = readNotebook(path);
  return cells.map((cell) => {
    const streams = cell.cell_type === 'code' ? cell.outputs.filter(({ output_type }) => output_type === 'stream') : [];
    return streams.map((output) => ('text' in output ? joinText(output.text) : '')).join('');
  });
}

/** The number of the code cell at `index` as it last ran; null where it has not. */
function countOf(path: string, index: number): number | null {
  const cell = readNotebook(path).cells[index];
  return cell?.cell_type === 'code' ? cell.execution_count : null;
}

describe('a run in which the worst happens', () => {
  it('names the cell that took its process down, not one that was meant to fail, keeps the outputs and goes no further', async () => {
    const meant = code('console.log("one"); throw new RangeError("meant")', ['raises-exception']);
    const dies = code('console.log("two"); await new Promise((r) => setTimeout(r, 50)); process.abort()');
    const path = writeFixture(notebookOf(meant, dies, code('console.log("three")')));
    const options = { env, cwd: dirname(path) };
    const { code: exit, stderr } = await gmmVae(['run', path, '--allow-errors'], options);
    expect(exit).toBe(1);
    expect(stderr).toContain('the process that ran the cell was ended by SIGABRT');
    expect(stderr).toContain(`gmm-vae: ${path}: cell 2 failed; outputs so far: ${executed(path)}`);
    expect(printed(executed(path)).map((text) => text.split('\n')[0])).toEqual(['one', 'two', '']);
  });

  it('says what a process said last: the assertion that failed, or the exception of C++', async () => {
    const died = "require('node:fs').writeSync(2, '  #  Assertion failed: loop.IsEmpty()\\n\\n'); process.abort()";
    const path = writeFixture(notebookOf(code(died)));
    const { code: exit, stderr } = await gmmVae(['run', path], { env, cwd: dirname(path) });
    expect(exit).toBe(1);
    expect(stderr).toContain('was ended by SIGABRT: #  Assertion failed: loop.IsEmpty();');
    expect(printed(executed(path)).join('')).toContain('Assertion failed: loop.IsEmpty()');
  });

  it('names the cell that ran out of memory', async () => {
    const hoard = 'const kept: number[][] = []; for (;;) kept.push(new Array(1_000_000).fill(kept.length));';
    const path = writeFixture(notebookOf(code('console.log("one")'), code(hoard)));
    const small = { ...env, NODE_OPTIONS: '--max-old-space-size=400' };
    const { code: exit, stderr } = await gmmVae(['run', path], { env: small, cwd: dirname(path) });
    expect(exit).toBe(1);
    expect(stderr).toContain('out of memory');
    expect(stderr).toContain('cell 2 failed');
    expect(printed(executed(path))[0]).toBe('one\n');
  });

  it('stops where outputs can no longer be saved, names the cell, and leaves the notebook as it was last saved', async () => {
    const path = writeFixture(
      notebookOf(code('console.log("one")'), code('console.log("x".repeat(200_000))'), code('console.log("three")')),
    );
    // A limit on file sizes fails the write as a full disk does, and needs no disk of its own.
    const shell = `ulimit -f 64; exec "${process.execPath}" "${CLI}" run "${path}"`;
    const run = (command: string) =>
      new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
        execFile('bash', ['-c', command], { env, cwd: dirname(path) }, (error, stdout, stderr) =>
          done({ status: error?.code ?? 0, stdout, stderr }),
        );
      });
    const events = (await run(`${shell} --json`)).stdout.trim().split('\n');
    expect(events.slice(-2).map((event) => JSON.parse(event))).toMatchObject([
      { type: 'cell-end', cell: 2, ok: false, error: { ename: 'NotSaved' } },
      { type: 'end', ok: false, error: { cell: 2, ename: 'NotSaved' } },
    ]);
    const { status, stderr } = await run(shell);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `the outputs of this cell are lost: ${executed(path)}: cannot be written: EFBIG: file too large`,
    );
    expect(stderr).toContain('cell 2 failed');
    expect(printed(executed(path))).toEqual(['one\n', '', '']);
    expect(readdirSync(dirname(executed(path)))).toEqual(['fixture.ipynb']);
  });

  it('leaves a valid notebook with all outputs so far when it is killed outright, and says where it was when resumed', async () => {
    const path = writeFixture(notebookOf(code('console.log("one")'), code('console.log("two"); for (;;) {}')));
    const runner = spawn(process.execPath, [CLI, 'run', path], { env, cwd: dirname(path), stdio: 'ignore' });
    const shown = () => (existsSync(executed(path)) ? printed(executed(path)) : []);
    await vi.waitUntil(() => shown()[1] === 'two\n', { timeout: 100_000, interval: 50 });
    runner.kill('SIGKILL');
    expect(shown()).toEqual(['one\n', 'two\n']);
    const again = ['run', path, '--resume', '--timeout', '0.3'];
    const { stderr } = await gmmVae(again, { env, cwd: dirname(path) });
    expect(stderr).toContain('fixture.ipynb  runs from its first cell: the earlier run ended in cell 2\n');
    expect(stderr).toContain('CellTimeout');
  });

  it('loses nothing to a kill while it is resumed: what had been shown stays until its cell has run again', async () => {
    // The gate is named by the environment: a file named in the code would be one of the cell's inputs.
    const waits = `console.log('one');
const { existsSync } = require('node:fs');
while (existsSync(process.env.GATE ?? '')) await new Promise((resolve) => setTimeout(resolve, 10));`;
    const path = writeFixture(
      notebookOf(code(waits), code('console.log("two")'), code('console.log("three"); for (;;) {}')),
    );
    const gate = join(dirname(path), 'gate');
    const shown = () => (existsSync(executed(path)) ? printed(executed(path)) : []);
    const killed = async (args: string[], when: () => boolean) => {
      const given = { env: { ...env, GATE: gate }, cwd: dirname(path), stdio: 'pipe' as const };
      const runner = spawn(process.execPath, [CLI, 'run', path, '--json', ...args], given);
      let told = '';
      runner.stdout.on('data', (chunk) => {
        told += chunk;
      });
      await vi.waitUntil(() => told.includes('cell-start') && when(), { timeout: 100_000, interval: 20 });
      runner.kill('SIGKILL');
    };
    await killed([], () => shown()[2] === 'three\n');
    writeFileSync(gate, '');
    const before = shown();
    expect(before).toEqual(['one\n', 'two\n', 'three\n']);
    // Cell 1 waits: what the disk holds of cells 2 and 3 is the earlier run's.
    await killed(['--resume'], () => true);
    expect(shown()).toEqual(before);
    // A third run takes over the same outputs, and replaces those of the cells it reaches.
    rmSync(gate);
    await killed(['--resume'], () => shown()[2] === 'three\n' && countOf(executed(path), 2) === 3);
    expect(shown()).toEqual(before);
  });

  it('that is resumed and fails keeps below the failing cell what was shown by the same code, and says so in the report', async () => {
    // By a name that is put together as it runs: a variable that the code names would make it other code.
    const fails = `console.log('one'); if (process.env[['FA', 'IL'].join('')]) throw new RangeError('now');`;
    const path = writeFixture(notebookOf(code(fails), code('console.log("two")'), code('console.log("three")')));
    const cwd = dirname(path);
    await gmmVae(['report', path], { env: { ...env, PATH: '' }, cwd });
    writeNotebook(path, notebookOf(code(fails), code('console.log("two")'), code('console.log("3")')));
    const again = { env: { ...env, PATH: '', FAIL: '1' }, cwd };
    const { code: exit, stderr } = await gmmVae(['report', path, '--resume'], again);
    expect(exit).toBe(1);
    expect(stderr).toContain(
      'cell 1: RangeError: now (1 cell below shows the outputs of an earlier run of the same code)',
    );
    // Cell 3 has other code now: what the old code showed is gone.
    expect(printed(executed(path))).toEqual(['one\n', 'two\n', '']);
    const { metadata } = readNotebook(executed(path));
    expect(metadata['gmm-vae']).toMatchObject({ cells: [] });
  });

  it('ends at its total time whatever each cell may take, also with --allow-errors', async () => {
    const wait = 'await new Promise((resolve) => setTimeout(resolve, 60_000))';
    const path = writeFixture(notebookOf(code('console.log("one")'), code(wait), code('console.log("three")')));
    const args = ['run', path, '--allow-errors', '--timeout', '50', '--total-timeout', '1.5'];
    const { code: exit, stderr } = await gmmVae(args, { env, cwd: dirname(path) });
    expect(exit).toBe(1);
    expect(stderr).toContain('the notebook ran longer than 1.5 s');
    expect(stderr).toContain('cell 2 failed');
    expect(printed(executed(path))).toEqual(['one\n', '', '']);
  });
});
