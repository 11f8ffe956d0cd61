import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CodeCell, joinText, readNotebook } from '../../src/notebook/ipynb';
import { type RunEvent, runNotebook } from '../../src/notebook/run';
import { code, notebookOf, prose, temporaryFolder, writeFixture } from './fixtures';

const BUILT = join(__dirname, '..', '..', 'dist', 'notebook', 'run.js');

function outputsOf(path: string, index: number): CodeCell['outputs'] {
  const cell = readNotebook(path).cells[index];
  return cell?.cell_type === 'code' ? cell.outputs : [];
}

describe('a notebook that runs', () => {
  const path = writeFixture(
    notebookOf(
      prose('# One'),
      code('let n = 2;', ['parameters']),
      code('for (let i = 0; i < n; i++) console.log(i);\nn * 10'),
      code(`import * as tslab from 'tslab';
const live = tslab.newDisplay();
live.text('first');
live.text('last');`),
      code(''),
    ),
  );

  it('has counts, joined streams, results and live displays as they ended; the source is untouched', async () => {
    const before = readFileSync(path, 'utf8');
    const events: RunEvent[] = [];
    const output = join(dirname(path), 'executed.ipynb');
    const { ok, notebook, error } = await runNotebook(path, {
      parameters: { n: 3 },
      output,
      onEvent: (event) => events.push(event),
    });
    expect({ ok, error }).toEqual({ ok: true, error: undefined });
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readNotebook(output)).toEqual(notebook);
    expect(notebook.cells[2]?.source).toBe('// Parameters\nn = 3;');
    expect(notebook.cells[3]).toMatchObject({
      execution_count: 3,
      outputs: [
        { output_type: 'stream', name: 'stdout', text: '0\n1\n2\n' },
        { output_type: 'execute_result', execution_count: 3, data: { 'text/plain': '30' }, metadata: {} },
      ],
    });
    expect(outputsOf(output, 4)).toEqual([
      { output_type: 'display_data', data: { 'text/plain': 'last' }, metadata: {} },
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      ...Array.from({ length: 4 }, () => ['cell-start', 'cell-end']).flat(),
      'end',
    ]);
  });
});

describe('a notebook that fails', () => {
  it('keeps every output so far, tells the error as Jupyter shows it, and stops', async () => {
    const path = writeFixture(
      notebookOf(code('console.log("before")'), code('console.log("half");\nthrow new RangeError("σ ≤ 0")'), code('1')),
    );
    const output = join(dirname(path), 'out.ipynb');
    const { ok, error } = await runNotebook(path, { output });
    expect(ok).toBe(false);
    expect(error).toMatchObject({ cell: 2, index: 1, ename: 'RangeError', evalue: 'σ ≤ 0' });
    expect(outputsOf(output, 0)).toHaveLength(1);
    expect(outputsOf(output, 1)).toMatchObject([
      { output_type: 'stream', text: 'half\n' },
      { output_type: 'error', ename: 'RangeError', traceback: error?.traceback },
    ]);
    expect(outputsOf(output, 2)).toEqual([]);
  });

  it('runs every cell with allowErrors and still is not ok', async () => {
    const path = writeFixture(notebookOf(code('throw 1'), code('1 + 1')));
    const { ok, notebook } = await runNotebook(path, { allowErrors: true });
    expect(ok).toBe(false);
    expect(notebook.cells[1]).toMatchObject({ outputs: [{ data: { 'text/plain': '2' } }] });
  });

  it('for taking too long says so, with what it had shown', async () => {
    const path = writeFixture(notebookOf(code('console.log("started"); await new Promise(() => {})')));
    const { error, notebook } = await runNotebook(path, { timeoutMs: 1000 });
    expect(error).toMatchObject({ cell: 1, ename: 'CellTimeout', evalue: 'the cell ran longer than 1 s' });
    expect(notebook.cells[0]).toMatchObject({ outputs: [{ text: 'started\n' }, { ename: 'CellTimeout' }] });
  });
});

describe('an aborted run', () => {
  it('interrupts the running cell and ends there', async () => {
    const marker = join(temporaryFolder(), 'running');
    const waits = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`;
    const path = writeFixture(notebookOf(code(`${waits}\nawait new Promise(() => {})`), code('1')));
    const abort = new AbortController();
    const running = runNotebook(path, { signal: abort.signal });
    await vi.waitUntil(() => existsSync(marker), { timeout: 30_000 });
    abort.abort();
    const { ok, error, notebook } = await running;
    expect(ok).toBe(false);
    expect(error).toMatchObject({ cell: 1, ename: 'Interrupted' });
    expect(notebook.cells[1]).toMatchObject({ execution_count: null });
  });
});

describe('a run that is killed', () => {
  it('leaves a valid notebook with what the running cell had shown, and no process behind', async () => {
    const path = writeFixture(notebookOf(code('console.log(process.pid); for (;;) {}')));
    const output = join(dirname(path), 'out.ipynb');
    const script = `require(${JSON.stringify(BUILT)}).runNotebook(${JSON.stringify(path)}, { output: ${JSON.stringify(output)} })`;
    const runner = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const shown = () => (existsSync(output) ? outputsOf(output, 0) : []);
    await vi.waitUntil(() => shown().length > 0, { timeout: 30_000, interval: 50 });
    runner.kill('SIGKILL');
    const [stream] = shown();
    if (stream?.output_type !== 'stream') throw new Error('expected the printed process id');
    const pid = Number(joinText(stream.text));
    const lives = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await vi.waitUntil(() => !lives(), { timeout: 5000 });
  });
});
