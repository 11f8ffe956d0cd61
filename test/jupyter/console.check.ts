import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { code, notebookOf, prose, temporaryFolder } from '../notebook/fixtures';
import { jupyterEnvironment, python } from './jupyter';

const env = jupyterEnvironment();

it('jupyter console shows results, keeps variables and prints tracebacks', async () => {
  const output = await new Promise<string>((resolve) => {
    const args = ['--kernel', 'tslab', '--simple-prompt'];
    const child = execFile('/usr/bin/jupyter-console', args, { env, timeout: 60_000 }, (_error, stdout, stderr) =>
      resolve(stripVTControlCharacters(stdout + stderr)),
    );
    child.stdin?.end('let total = 40\ntotal + 2\nthrow new RangeError("no")\n');
  });
  expect(output).toContain('Out[2]: 42');
  expect(output).toContain('--> 1 | throw new RangeError("no")');
});

it('nbconvert executes a notebook into HTML with its results', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'small.ipynb');
  const cells = [prose('# Small'), code('console.log("printed")'), code('[1, 2].map((x) => x * 21)')];
  writeFileSync(path, JSON.stringify(notebookOf(...cells)));
  const args = ['-m', 'nbconvert', '--to', 'html', '--execute', path];
  const { code: exit, output } = await python(args, env, folder);
  expect(output).not.toContain('Traceback');
  expect(exit).toBe(0);
  const html = readFileSync(join(folder, 'small.html'), 'utf8');
  expect(html).toContain('printed');
  expect(html).toContain('[ 21, 42 ]');
});
