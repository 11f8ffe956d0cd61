import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type CodeCell, type Notebook, readNotebook } from '../../src/notebook/document/ipynb';
import { runNotebook } from '../../src/notebook/runner/run';
import { code, notebookOf, prose, temporaryFolder } from '../notebook/fixtures';
import { jupyterEnvironment, projectRoot, python } from './jupyter';

const env = jupyterEnvironment();

const EXECUTE = `
import sys, nbformat
from nbclient import NotebookClient
path, folder, allow = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
client = NotebookClient(notebook, timeout=120, kernel_name="tslab", allow_errors=allow == "allow", resources={"metadata": {"path": folder}})
try:
    client.execute()
finally:
    nbformat.validate(notebook)
    nbformat.write(notebook, path)
`;

async function nbclient(notebook: Notebook, folder: string, allowErrors = false) {
  const path = join(temporaryFolder(), 'nbclient.ipynb');
  writeFileSync(path, JSON.stringify(notebook));
  const result = await python(['-c', EXECUTE, path, folder, allowErrors ? 'allow' : 'stop'], env);
  return { ...result, notebook: joined(readNotebook(path)) };
}

const outputs = ({ cells }: Notebook): CodeCell['outputs'][] =>
  cells.flatMap((cell) => (cell.cell_type === 'code' ? [cell.outputs] : []));

/** Only a front end that can answer is offered a widget beside its figure, by an id of its own. */
function withoutWidget<T extends object>(output: T): T {
  if (!('data' in output)) return output;
  const { 'application/vnd.jupyter.widget-view+json': _view, ...data } = output.data as Record<string, unknown>;
  // Which comm each control has.
  const { 'gmm-vae': _controls, ...metadata } = ('metadata' in output ? output.metadata : {}) as Record<
    string,
    unknown
  >;
  return { ...output, data, ...('metadata' in output && { metadata }) };
}

describe('under nbclient', () => {
  it('a notebook of the project runs and shows what it shows under `gmm-vae run`', async () => {
    const path = join(projectRoot, 'notebooks', '01-closed-form-kl.ipynb');
    const ours = await runNotebook(path);
    const theirs = await nbclient(readNotebook(path), join(projectRoot, 'notebooks'));
    expect(theirs.output).not.toContain('Traceback');
    expect(theirs.code).toBe(0);
    expect(ours.ok).toBe(true);
    expect(outputs(theirs.notebook).map((cell) => cell.map(withoutWidget))).toEqual(joined(outputs(ours.notebook)));
  });

  it('an error stops the notebook and carries name, text and traceback', async () => {
    const {
      code: exit,
      output,
      notebook,
    } = await nbclient(
      notebookOf(prose('# x'), code('throw new RangeError("no such sigma")'), code('1')),
      temporaryFolder(),
    );
    expect(exit).not.toBe(0);
    expect(stripVTControlCharacters(output)).toContain('RangeError: no such sigma');
    expect(outputs(notebook)).toMatchObject([[{ output_type: 'error', ename: 'RangeError' }], []]);
  });

  it('every cell runs with allow_errors', async () => {
    const { notebook } = await nbclient(
      notebookOf(code('let ran = 0; throw 1'), code('ran = 1; throw 2'), code('ran += 1; ran')),
      temporaryFolder(),
      true,
    );
    expect(outputs(notebook)[2]).toMatchObject([{ data: { 'text/plain': '2' } }]);
  });
});

/** Jupyter writes texts as lists of lines, and a plotly figure's lists of words are none the worse for joining on both sides. */
function joined<T>(value: T): T {
  const isLines = (part: unknown): part is string[] =>
    Array.isArray(part) && part.length > 0 && part.every((line) => typeof line === 'string');
  return JSON.parse(JSON.stringify(value, (_, part) => (isLines(part) ? part.join('') : part))) as T;
}
