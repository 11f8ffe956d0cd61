import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CodeCell, joinText, readNotebook } from '../../src/notebook/document/ipynb';
import { recordOf } from '../../src/notebook/runner/record';
import { type RunEvent, runNotebook } from '../../src/notebook/runner/run';
import { code, notebookOf, prose, temporaryFolder, writeFixture } from './fixtures';

const BUILT = join(__dirname, '..', '..', 'dist', 'notebook', 'runner', 'run.js');

function outputsOf(path: string, index: number): CodeCell['outputs'] {
  const cell = readNotebook(path).cells[index];
  return cell?.cell_type === 'code' ? cell.outputs : [];
}

it('a notebook that was run names no widget of its process, also of a live cell that only Node can compute: two runs leave the same outputs', async () => {
  const path = writeFixture(
    notebookOf(
      code(`import { interact, slider } from 'gmm-vae'; import * as os from 'node:os';
interact({ x: slider(0, 1, { step: 1 }) }, ({ x }) => x + 0 * os.cpus().length);`),
    ),
  );
  const outputs = async (): Promise<CodeCell['outputs']> => {
    const [cell] = (await runNotebook(path)).notebook.cells as readonly CodeCell[];
    return cell?.outputs ?? [];
  };
  const first = await outputs();
  expect(JSON.stringify(first)).toContain('"frames"');
  expect(JSON.stringify(first)).not.toContain('model_id');
  expect(await outputs()).toEqual(first);
});

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

describe.concurrent('a notebook that fails', () => {
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

  it('says at its end why, also where no cell could', async () => {
    const events: RunEvent[] = [];
    const abort = new AbortController();
    const onEvent = (event: RunEvent) => {
      events.push(event);
      if (event.type === 'cell-end') abort.abort();
    };
    await runNotebook(writeFixture(notebookOf(code('1'), code('2'))), { signal: abort.signal, onEvent });
    expect(events.filter(({ type }) => type === 'cell-end')).toMatchObject([{ cell: 1, ok: true }]);
    const error = { cell: 2, ename: 'Interrupted', evalue: 'the run was interrupted before cell 2' };
    expect(events.at(-1)).toMatchObject({ type: 'end', ok: false, error });
  });

  it('for taking too long says so, with what it had shown', async () => {
    const path = writeFixture(notebookOf(code('console.log("started"); await new Promise(() => {})')));
    const { error, notebook } = await runNotebook(path, { timeoutMs: 3000 });
    expect(error).toMatchObject({ cell: 1, ename: 'CellTimeout', evalue: 'the cell ran longer than 3 s' });
    expect(notebook.cells[0]).toMatchObject({ outputs: [{ text: 'started\n' }, { ename: 'CellTimeout' }] });
  });
});

describe('work that goes on after the last cell', () => {
  const told = async (...cells: string[]): Promise<RunEvent[]> => {
    const events: RunEvent[] = [];
    const path = writeFixture(notebookOf(...cells.map((cell) => code(cell))));
    expect((await runNotebook(path, { onEvent: (event) => events.push(event) })).ok).toBe(true);
    return events.filter(({ type }) => type === 'unfinished');
  };

  it('is told of, since what it shows from then on is lost', async () => {
    const late = "import { readFile } from 'node:fs/promises';\nsetTimeout(() => console.log('late'), 60_000);";
    const work = `const train = async () => {
  for (;;) await new Promise<void>((resolve) => { setImmediate(resolve); });
};
train();`;
    expect(await told(late)).toMatchObject([{ type: 'unfinished', work: ['a timer'] }]);
    expect(await told(work)).toMatchObject([{ work: ['a loop that pauses'] }]);
  });

  it('is none where cells have awaited it, or it has been told not to keep the process alive', async () => {
    const later = 'const later = new Promise<void>((resolve) => { setTimeout(resolve, 300); });';
    const idle = "import { setInterval } from 'node:timers';\nsetInterval(() => {}, 1000).unref();";
    expect(await told(later, 'await later;', idle, '')).toEqual([]);
  });
});

describe('an error beside any cell’s own thread, after the cell has ended,', () => {
  // Each waits for the next cell, which has then begun.
  const throwing = `let go = false;
const timer = setInterval(() => { if (go) { clearInterval(timer); throw new RangeError('nobody waits'); } }, 5);`;
  const rejecting = `let go = false;
const main = async () => {
  while (!go) await new Promise((resolve) => setTimeout(resolve, 5));
  throw new RangeError('nobody waits');
};
void main();`;
  const waiting = code('go = true; await new Promise((resolve) => setTimeout(resolve, 100)); "waited"');

  it.each([
    ['of a timer', throwing],
    ['of a promise that nobody awaits', rejecting],
  ])('%s fails the run at that cell, which is not reused', async (_, source) => {
    const path = writeFixture(notebookOf(code('1'), code(source), waiting, code('4')));
    const output = join(dirname(path), 'beside.ipynb');
    const { ok, error, notebook } = await runNotebook(path, { output });
    expect({ ok, error }).toMatchObject({ ok: false, error: { cell: 2, ename: 'RangeError', evalue: 'nobody waits' } });
    expect(recordOf(readNotebook(output))?.cells).toHaveLength(1);
    expect(notebook.cells[2]).toMatchObject({ outputs: [{ data: { 'text/plain': "'waited'" } }] });
    // As after any failure, no other cell begins.
    expect(notebook.cells[3]).toMatchObject({ execution_count: null });
  });

  it('lets the other cells run with allowErrors, and is no failure of a cell that may raise', async () => {
    const path = writeFixture(notebookOf(code(throwing), waiting, code('3')));
    const went = await runNotebook(path, { allowErrors: true });
    expect(went).toMatchObject({ ok: false, error: { cell: 1, ename: 'RangeError' } });
    expect(went.notebook.cells[2]).toMatchObject({ execution_count: 3 });
    const meant = writeFixture(notebookOf(code(throwing, ['raises-exception']), waiting));
    expect((await runNotebook(meant)).ok).toBe(true);
  });
});

/** Ends by itself as soon as it is interrupted, as a training does, and calls nothing an error. */
const HONOURS_THE_SIGNAL = `const { signal } = (globalThis as any)[Symbol.for('gmm-vae.notebook-host')];
console.log('one epoch');
if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
console.log('stopped');`;

// Beside each other: most of their time is the limit that they wait for.
describe.concurrent('a cell that ends in good order when it is stopped', () => {
  const path = writeFixture(notebookOf(code('1'), code(HONOURS_THE_SIGNAL), code('3')));

  it('has failed where its time was up, also with allowErrors, and is not reused', async () => {
    const output = join(dirname(path), 'late.ipynb');
    // The first compilation counts towards the limit of its cell.
    const { ok, error, notebook } = await runNotebook(path, { output, timeoutMs: 5000, allowErrors: true });
    expect({ ok, error }).toMatchObject({ ok: false, error: { cell: 2, ename: 'CellTimeout' } });
    expect(notebook.cells[1]).toMatchObject({ outputs: [{ text: 'one epoch\nstopped\n' }, { ename: 'CellTimeout' }] });
    expect(notebook.cells[2]).toMatchObject({ execution_count: 3 });
    const changes: string[] = [];
    const abort = new AbortController();
    const onEvent = (event: RunEvent) => {
      if (event.type === 'changed') changes.push(event.reason);
      abort.abort();
    };
    await runNotebook(path, { output, resume: true, signal: abort.signal, onEvent });
    expect(changes).toEqual(['the earlier run ended in cell 2']);
  });

  it('has failed where the notebook’s time was up, and where a person stopped it, and is the last one to run', async () => {
    const late = await runNotebook(path, { totalTimeoutMs: 5000 });
    expect(late).toMatchObject({ ok: false, error: { cell: 2, ename: 'NotebookTimeout' } });
    const output = join(dirname(path), 'stopped.ipynb');
    const abort = new AbortController();
    const running = runNotebook(path, { output, signal: abort.signal });
    await vi.waitUntil(() => existsSync(output) && outputsOf(output, 1).length > 0, { timeout: 100_000 });
    abort.abort();
    const stopped = await running;
    expect(stopped).toMatchObject({ ok: false, error: { cell: 2, ename: 'Interrupted' } });
    for (const { notebook } of [late, stopped]) expect(notebook.cells[2]).toMatchObject({ execution_count: null });
  });

  it('has failed also where it is meant to raise an exception: being stopped is none', async () => {
    const meant = writeFixture(notebookOf(code('1'), code(HONOURS_THE_SIGNAL, ['raises-exception'])));
    const { ok, error } = await runNotebook(meant, { timeoutMs: 5000 });
    expect({ ok, error }).toMatchObject({ ok: false, error: { cell: 2, ename: 'CellTimeout' } });
  });
});

describe('an aborted run', () => {
  it('interrupts the running cell and ends there', async () => {
    const marker = join(temporaryFolder(), 'running');
    const waits = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`;
    const path = writeFixture(notebookOf(code(`${waits}\nawait new Promise(() => {})`), code('1')));
    const abort = new AbortController();
    const running = runNotebook(path, { signal: abort.signal });
    await vi.waitUntil(() => existsSync(marker), { timeout: 100_000 });
    abort.abort();
    const { ok, error, notebook } = await running;
    expect(ok).toBe(false);
    expect(error).toMatchObject({ cell: 1, ename: 'Interrupted' });
    expect(notebook.cells[1]).toMatchObject({ execution_count: null });
  });
});

describe('a run that is interrupted before it begins, as the second of two notebooks', () => {
  it('leaves on the disk, and hands back, what an earlier run of the same code has shown', async () => {
    const output = join(temporaryFolder(), 'out.ipynb');
    const path = writeFixture(notebookOf(prose('# One'), code('console.log("one")'), code('console.log("two")')));
    await runNotebook(path, { output });
    const before = readFileSync(output, 'utf8');
    const again = await runNotebook(path, { output, signal: AbortSignal.abort() });
    const error = { cell: 1, index: 1, ename: 'Interrupted', evalue: 'the run was interrupted before cell 1' };
    expect(again).toMatchObject({ ok: false, reused: false, earlier: 2, error, notebook: JSON.parse(before) });
    const edited = writeFixture(notebookOf(prose('# One'), code('console.log("one")'), code('console.log("2")')));
    const { notebook, earlier } = await runNotebook(edited, { output, signal: AbortSignal.abort() });
    expect(earlier).toBe(1);
    expect(notebook.cells.slice(1)).toMatchObject([{ outputs: [{ text: 'one\n' }] }, { outputs: [] }]);
    expect(recordOf(notebook)?.cells).toEqual(recordOf(JSON.parse(before))?.cells.slice(0, 1));
    expect(readFileSync(output, 'utf8')).toBe(before);
  });
});

describe('a run that is killed', () => {
  it('leaves a valid notebook with what the running cell had shown, and no process behind', async () => {
    const path = writeFixture(notebookOf(code('console.log(process.pid); for (;;) {}')));
    const output = join(dirname(path), 'out.ipynb');
    const script = `require(${JSON.stringify(BUILT)}).runNotebook(${JSON.stringify(path)}, { output: ${JSON.stringify(output)} })`;
    const runner = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const shown = () => (existsSync(output) ? outputsOf(output, 0) : []);
    await vi.waitUntil(() => shown().length > 0, { timeout: 100_000, interval: 50 });
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
    await vi.waitUntil(() => !lives(), { timeout: 100_000 });
  });
});

describe('a notebook in JavaScript', () => {
  const javascript = (...cells: string[]) => ({
    ...notebookOf(...cells.map((one) => code(one))),
    metadata: { kernelspec: { name: 'jslab', display_name: 'JavaScript', language: 'javascript' } },
  });

  it('is run and not held to types', async () => {
    const path = writeFixture(
      javascript(
        'function f(a) { return a }\nf(3)',
        'let o = {};\no.x = 1;\no.x + f("y")',
        'const later = await Promise.resolve([]);\nlater.push(1, "two");\nlater',
        'class A { constructor(n) { this.n = n; } }\nnew A(2)',
      ),
    );
    const { ok, notebook } = await runNotebook(path);
    expect(ok).toBe(true);
    expect(notebook.metadata).toMatchObject({ language_info: { name: 'javascript' } });
    const shown = notebook.cells.map((cell) => (cell.cell_type === 'code' ? cell.outputs : []));
    expect(shown.flat().map((output) => 'data' in output && output.data['text/plain'])).toEqual([
      '3',
      "'1y'",
      "[ 1, 'two' ]",
      'A { n: 2 }',
    ]);
  });

  it('fails as JavaScript does, with the place, also where it cannot be parsed', async () => {
    const path = writeFixture(javascript('\nnothing(1)', 'let a = 1;\nlet a = 2;', 'let b = ;'));
    const { notebook } = await runNotebook(path, { allowErrors: true });
    const [reference, twice, cut] = notebook.cells.map((cell) => JSON.stringify(cell));
    expect(reference).toMatch(/ReferenceError.*In \[1\], line 2, column 1/);
    expect(twice).toMatch(/SyntaxError.*2:5 Identifier 'a' has already been declared/);
    expect(cut).toMatch(/1:9 Expression expected/);
  });

  it('does not lend its outputs to the same cells in TypeScript', async () => {
    const path = writeFixture(javascript('1 + 1'));
    const output = join(dirname(path), 'out.ipynb');
    await runNotebook(path, { output });
    writeFileSync(path, JSON.stringify(notebookOf(code('1 + 1'))));
    expect(await runNotebook(path, { output, resume: true })).toMatchObject({ ok: true, reused: false });
  });
});
