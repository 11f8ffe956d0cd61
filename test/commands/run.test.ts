import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { checkRun } from '../../src/notebook/runner/run';
import { gmmVae } from '../command-line';
import { code, notebookOf, prose, writeFixture } from '../notebook/fixtures';

const env = { ...process.env };

describe('gmm-vae run', () => {
  it('runs notebooks one after the other and fails with the error as Jupyter shows it, every output saved', async () => {
    const good = writeFixture(notebookOf(code('let n = 1;', ['parameters']), code('n + 1')), 'good.ipynb');
    const bad = writeFixture(
      notebookOf(code('let n = 1;', ['parameters']), code('throw new RangeError("σ")')),
      'bad.ipynb',
    );
    const before = readFileSync(good, 'utf8');
    const cwd = dirname(good);
    const { code: exit, stdout, stderr } = await gmmVae(['run', good, bad, '-p', 'n=41'], { cwd, env });
    expect(exit).toBe(1);
    expect(stdout).toBe(`${join(cwd, 'reports/executed/good.ipynb')}\n`);
    expect(stderr).toMatch(/^good\.ipynb {2}cell 1\/3 {2}ok {2}\d+ ms\n/);
    expect(stderr).toContain('RangeError');
    // Colours are for terminals.
    expect(stderr).not.toContain('\u001b');
    expect(stderr).toContain('bad.ipynb: cell 3 failed');
    expect(readFileSync(good, 'utf8')).toBe(before);
    expect(readNotebook(join(cwd, 'reports/executed/good.ipynb')).cells[2]).toMatchObject({
      outputs: [{ data: { 'text/plain': '42' } }],
    });
    expect(readNotebook(join(cwd, 'reports/executed/bad.ipynb')).cells[2]).toMatchObject({
      outputs: [{ output_type: 'error' }],
    });
  });

  it('writes into the source only with --inplace, and events as JSON with --json', async () => {
    const path = writeFixture(notebookOf(code('1 + 1')));
    const { code: exit, stdout, stderr } = await gmmVae(['run', path, '--inplace', '--json'], { env });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(events).toEqual(['start', 'cell-start', 'cell-end', 'end']);
    expect(readNotebook(path).cells[0]).toMatchObject({ outputs: [{ data: { 'text/plain': '2' } }] });
  });

  it('prints the same events from two runs with --reproducible, which have no times', async () => {
    const path = writeFixture(notebookOf(code('1 + 1'), code('throw new RangeError("σ")')));
    const events = async () =>
      (await gmmVae(['run', path, '--json', '--reproducible'], { cwd: dirname(path), env })).stdout;
    const first = await events();
    expect(first.trim().split('\n')).toHaveLength(6);
    expect(first).not.toContain('milliseconds');
    expect(await events()).toBe(first);
  });

  it('lets a cell run for as long as it takes where the limit is longer than any timer', async () => {
    const path = writeFixture(notebookOf(code('1 + 1')));
    for (const option of ['--timeout', '--total-timeout']) {
      const { code: exit, stderr } = await gmmVae(['run', path, option, '1e9'], { cwd: dirname(path), env });
      expect([exit, stderr]).toEqual([0, expect.not.stringMatching(/Timeout/)]);
    }
  });

  it.each([
    ['none.ipynb: no such file', ['none.ipynb']],
    ['--timeout: expected a number of seconds > 0, got soon', ['a.ipynb', '--timeout', 'soon']],
    ['-p n: expected name=value', ['a.ipynb', '-p', 'n']],
  ])('says "%s" in one line and exits with 2', async (message, args) => {
    const { code: exit, stderr } = await gmmVae(['run', ...args], { cwd: dirname(writeFixture(notebookOf())), env });
    expect(exit).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['python3', { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } }],
    ['python3', { kernelspec: { name: 'python3', display_name: 'Python 3' } }],
    ['.net-csharp', { kernelspec: { name: '.net-csharp' }, language_info: { name: 'polyglot-notebook' } }],
    ['R', { language_info: { name: 'R' } }],
  ])('does not touch the outputs of a notebook for the kernel %s, run or reported', async (kernel, metadata) => {
    const shown = {
      ...code('1'),
      outputs: [{ output_type: 'stream' as const, name: 'stdout' as const, text: 'kept' }],
    };
    const path = writeFixture({ ...notebookOf(shown), metadata });
    const before = readFileSync(path, 'utf8');
    for (const args of [
      ['run', path, '--inplace'],
      ['report', path],
    ]) {
      const { code: exit, stderr } = await gmmVae(args, { cwd: dirname(path), env });
      expect(stderr).toBe(
        `gmm-vae: ${path}: expected a notebook in TypeScript or JavaScript, got one for the kernel "${kernel}"; ` +
          '`gmm-vae report --from-executed` makes a page of the outputs it has\n',
      );
      expect(exit).toBe(2);
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([
    ['no language', {}, 'typescript'],
    ['a kernel alone', { kernelspec: { name: 'tslab', display_name: 'tslab' } }, 'typescript'],
    ['JavaScript', { kernelspec: { name: 'jslab', display_name: 'JavaScript', language: 'javascript' } }, 'javascript'],
  ])('takes a notebook that names %s', (_, metadata, name) => {
    const path = writeFixture({ ...notebookOf(code('1')), metadata });
    expect(checkRun(path, {}).metadata).toMatchObject({ language_info: { name } });
  });

  it('refuses to write over a notebook that no run has made, and writes over what one has', async () => {
    const path = writeFixture(notebookOf(code('1 + 1')));
    const folder = join(dirname(path), 'other');
    mkdirSync(folder);
    const output = join(folder, basename(path));
    const own = JSON.stringify(notebookOf(prose('By hand.')));
    writeFileSync(output, own);
    const run = () => gmmVae(['run', path, '--output-dir', folder], { env });
    const { code: exit, stderr } = await run();
    expect([exit, stderr]).toEqual([
      2,
      `gmm-vae: ${output}: is of no earlier run, and would be overwritten: choose another folder, or move it away\n`,
    ]);
    expect(readFileSync(output, 'utf8')).toBe(own);
    rmSync(output);
    for (let times = 0; times < 2; times++) expect((await run()).code).toBe(0);
  });

  it('refuses to write over a source', async () => {
    const path = writeFixture(notebookOf(code('1')));
    const { code: exit, stderr } = await gmmVae(['run', path, '--output-dir', dirname(path)], { env });
    expect(exit).toBe(2);
    expect(stderr).toContain('is a source notebook');
    expect(existsSync(path)).toBe(true);
  });
});
