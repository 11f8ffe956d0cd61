import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { joinText, type Notebook, readNotebook } from '../../src/notebook/ipynb';
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

  it('stops where outputs can no longer be saved, names the cell, and leaves the notebook as it was last saved', () => {
    const path = writeFixture(
      notebookOf(code('console.log("one")'), code('console.log("x".repeat(200_000))'), code('console.log("three")')),
    );
    // A limit on file sizes fails the write as a full disk does, and needs no disk of its own.
    const shell = `ulimit -f 64; exec "${process.execPath}" "${CLI}" run "${path}"`;
    const { status, stderr } = spawnSync('bash', ['-c', shell], { env, cwd: dirname(path), encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/NotSaved.*the outputs of this cell could not be saved: EFBIG: file too large/);
    expect(stderr).toContain('cell 2 failed');
    expect(printed(executed(path))).toEqual(['one\n', '', '']);
    expect(readdirSync(dirname(executed(path)))).toEqual(['fixture.ipynb']);
  });

  it('leaves a valid notebook with all outputs so far when it is killed outright, and says where it was when resumed', async () => {
    const path = writeFixture(notebookOf(code('console.log("one")'), code('console.log("two"); for (;;) {}')));
    const runner = spawn(process.execPath, [CLI, 'run', path], { env, cwd: dirname(path), stdio: 'ignore' });
    const shown = () => (existsSync(executed(path)) ? printed(executed(path)) : []);
    await vi.waitUntil(() => shown()[1] === 'two\n', { timeout: 30_000, interval: 50 });
    runner.kill('SIGKILL');
    expect(shown()).toEqual(['one\n', 'two\n']);
    const again = ['run', path, '--resume', '--timeout', '0.3'];
    const { stderr } = await gmmVae(again, { env, cwd: dirname(path) });
    expect(stderr).toContain('fixture.ipynb  runs from its first cell: the earlier run ended in cell 2\n');
    expect(stderr).toContain('CellTimeout');
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
