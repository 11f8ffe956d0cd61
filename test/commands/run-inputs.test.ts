import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgress } from '../../src/commands/run/progress';
import { joinText, readNotebook, writeNotebook } from '../../src/notebook/document/ipynb';
import { parameterType } from '../../src/notebook/document/parameter-types';
import type { Parameters } from '../../src/notebook/document/parameters';
import { expectedRecord, kernelHash } from '../../src/notebook/runner/record';
import { reuseOutputs } from '../../src/notebook/runner/reuse';
import { checkRun, type RunEvent, runNotebook } from '../../src/notebook/runner/run';
import { gmmVae } from '../command-line';
import { code, notebookOf, prose, temporaryFolder, writeFixture } from '../notebook/fixtures';

const env = { ...process.env };

describe('parameters from a file', () => {
  const declaring = `const samples = 100;\nlet name: 'mnist' | 'synthetic' = 'mnist';\nlet grid = [1, 2];`;
  const notebook = notebookOf(code(declaring, ['parameters']), code('[samples, name, grid]'));

  it('set constants and variables alike, and -p goes before the file', async () => {
    const path = writeFixture(notebook);
    const cwd = dirname(path);
    writeFileSync(join(cwd, 'params.yaml'), 'samples: 10\nname: synthetic # not the real ones\ngrid: [3, 4.5]\n');
    const { code: exit, stderr } = await gmmVae(['run', path, '-p', 'samples=7', '-f', 'params.yaml'], { cwd, env });
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    const { cells } = readNotebook(join(cwd, 'reports/executed/fixture.ipynb'));
    expect(cells[1]?.source).toBe('// Parameters\nconst samples = 7;\nname = "synthetic";\ngrid = [3,4.5];');
    expect(cells[2]).toMatchObject({ outputs: [{ data: { 'text/plain': "[ 7, 'synthetic', [ 3, 4.5 ] ]" } }] });
  });

  it.each([
    ['name: letters', /parameter name: expected 'mnist' \| 'synthetic', got "letters"$/],
    ['grid: [a]', /parameter grid: expected a number list such as \[1, 2\], got \["a"\]$/],
    ['samples: many', /parameter samples: expected a number such as 100, got "many"$/],
    ['sample: 1', /no parameter sample; the notebook has samples, name, grid$/],
    ['- 1', /params\.yaml: expected a mapping of parameters, e\.g\. "samples: 100", got \[1\]$/],
    ['name: {a: 1}', /params\.yaml: name: expected a number, text, true, false, null or a list, got \{"a":1\}$/],
    ['name: !x mnist', /params\.yaml: not YAML: Unresolved tag: !x at line 1, column 7$/],
    ['name: mnist\n---\ngrid: [1]', /params\.yaml: expected one document, got several$/],
    ['a: [1', /params\.yaml: not YAML: Flow sequence in block collection must be.* at line 1, column 6$/],
  ])('%j is refused in one line, before the first notebook runs', async (yaml, message) => {
    const path = writeFixture(notebook);
    const cwd = dirname(path);
    writeFileSync(join(cwd, 'params.yaml'), yaml);
    const { code: exit, stderr } = await gmmVae(['run', path, '-f', 'params.yaml'], { cwd, env });
    expect(stderr.trim()).toMatch(message);
    expect([exit, stderr.trim().split('\n').length]).toEqual([2, 1]);
  });

  it('that is not there is named', async () => {
    const { code: exit, stderr } = await gmmVae(['run', writeFixture(notebook), '-f', '/no/such.yaml'], { env });
    expect([exit, stderr]).toEqual([2, 'gmm-vae: /no/such.yaml: no such file\n']);
  });

  it.each([
    ['', '1_000', 5, true],
    ['', '-.5', 'a', false],
    ['number | null', 'null', null, true],
    ['number | null', 'null', 'a', false],
    ['string[]', '[]', ['a'], true],
    ['readonly (number | string)[]', '[]', [1, 'a'], true],
    ['Array<number>', '[]', [true], false],
    ['', '["a"]', [1], false],
    ['', '[]', [1, 'a'], true],
    ['', 'Math.PI', 'left to the compiler', true],
    ['Shape', 'square', 'left to the compiler', true],
  ] as const)('a declaration "%s = %s" given %j fits: %s', (annotation, initial, value, fits) => {
    expect(parameterType(annotation, initial).fits(value)).toBe(fits);
  });
});

describe('a resumed run', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.ipynb');
  const output = join(folder, 'executed.ipynb');
  const cells = [
    code('let n = 1;', ['parameters']),
    prose('about'),
    code(`import { twice } from './lib/twice';\nimport { readFileSync } from 'node:fs';\ntwice(n)`),
    code(`readFileSync('numbers.csv', 'utf8').length`),
  ];
  const events: RunEvent[] = [];
  const resume = async (environment: NodeJS.ProcessEnv = env) => {
    events.length = 0;
    return runNotebook(path, { output, resume: true, env: environment, onEvent: (event) => events.push(event) });
  };
  /** What stands against taking the earlier outputs. */
  const whyNot = async (parameters: Parameters = {}, environment: NodeJS.ProcessEnv = env) => {
    const notebook = checkRun(path, { parameters });
    const reuse = reuseOutputs(notebook, await expectedRecord(notebook, path, environment), output);
    return 'changed' in reuse ? reuse.changed : 'nothing';
  };

  beforeAll(async () => {
    mkdirSync(join(folder, 'lib'));
    writeFileSync(
      join(folder, 'lib', 'twice.ts'),
      `import { two } from './two';\nexport const twice = (n: number) => two * n;`,
    );
    writeFileSync(join(folder, 'lib', 'two.ts'), 'export const two = 2;');
    writeFileSync(join(folder, 'numbers.csv'), '1,2\n');
    writeNotebook(path, notebookOf(...cells));
    expect(await resume()).toMatchObject({ ok: true, reused: false });
    expect(events[0]).toMatchObject({ type: 'changed', reason: 'there is no earlier run' });
  });

  it('runs nothing when nothing has changed, and takes edited text with the old outputs', async () => {
    const edited = notebookOf(cells[0]!, prose('about it'), ...cells.slice(2));
    writeNotebook(path, edited);
    // Every process that a kernel runs in would leave the file behind.
    const marker = join(temporaryFolder(), 'started');
    const hook = `${marker}.cjs`;
    writeFileSync(hook, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');`);
    const { ok, reused, notebook } = await resume({ ...env, NODE_OPTIONS: `--require ${hook}` });
    expect({ ok, reused }).toEqual({ ok: true, reused: true });
    expect(events).toEqual([{ type: 'reused', path, cells: 3 }]);
    expect(existsSync(marker)).toBe(false);
    expect(readNotebook(output)).toEqual(notebook);
    expect(joinText(notebook.cells[1]?.source ?? '')).toBe('about it');
    expect(notebook.cells[2]).toMatchObject({ outputs: [{ data: { 'text/plain': '2' } }] });
  });

  it.each([
    ['tsconfig.json', '{ "compilerOptions": { "strict": false } }'],
    ['globals.d.ts', 'declare const given: number;'],
  ])('says that %s beside the notebook has changed, which decides how cells are checked', async (name, text) => {
    const file = join(folder, name);
    const reason = 'tsconfig.json, or a file of declarations beside the notebook, has changed';
    expect(await whyNot()).toBe('nothing');
    writeFileSync(file, text);
    expect(await whyNot()).toBe(reason);
    rmSync(file);
    expect(await whyNot()).toBe('nothing');
  });

  it('says what has changed: code, a parameter, a module’s module, a file that is read, the data, the outputs themselves', async () => {
    const changedCode = notebookOf(...cells.slice(0, 3), code('1'));
    writeNotebook(path, changedCode);
    expect(await whyNot()).toBe('cell 3, a module it imports, or a file or variable it names has changed');
    writeNotebook(path, notebookOf(...cells.slice(0, 3)));
    expect(await whyNot()).toBe('the last cells were removed');
    const mayFail = { ...cells[3]!, metadata: { tags: ['raises-exception'] } };
    writeNotebook(path, notebookOf(...cells.slice(0, 3), mayFail));
    expect(await whyNot()).toBe('cell 3, a module it imports, or a file or variable it names has changed');
    writeNotebook(path, notebookOf(...cells));
    expect(await whyNot({ n: 2 })).toBe('cell 2, a module it imports, or a file or variable it names has changed');
    expect(await whyNot({}, { ...env, GMM_VAE_DATA: fakeMnist() })).toBe('the data has changed');
    writeFileSync(join(folder, 'numbers.csv'), '1,3\n');
    expect(await whyNot()).toBe('cell 3, a module it imports, or a file or variable it names has changed');
    writeFileSync(join(folder, 'numbers.csv'), '1,2\n');
    writeFileSync(join(folder, 'lib', 'two.ts'), 'export const two = 3;');
    expect(await whyNot()).toBe('cell 2, a module it imports, or a file or variable it names has changed');
    writeFileSync(join(folder, 'lib', 'two.ts'), 'export const two = 2;');
    expect(await whyNot()).toBe('nothing');
    const cleared = readNotebook(output);
    for (const cell of cleared.cells) if (cell.cell_type === 'code') Object.assign(cell, { execution_count: null });
    writeNotebook(output, cleared);
    expect(await whyNot()).toBe('cell 1 was edited after the earlier run');
  });

  it('sees what a tsconfig.json extends', async () => {
    const root = temporaryFolder();
    const at = join(root, 'extending.ipynb');
    writeNotebook(at, notebookOf(code('1')));
    const record = () => expectedRecord(readNotebook(at), at, env);
    writeFileSync(join(root, 'base.json'), '{}');
    writeFileSync(join(root, 'tsconfig.json'), '{ "extends": "./base.json" }');
    const before = await record();
    writeFileSync(join(root, 'base.json'), '{ "compilerOptions": { "strict": false } }');
    expect((await record()).project).not.toBe(before.project);
    writeFileSync(join(root, 'base.json'), '{}');
    expect(await record()).toEqual(before);
  });

  it.each([
    'process.env.EPOCHS',
    "process.env['EPOCHS']",
    'process.env?.EPOCHS',
    'const { EPOCHS } = process.env; EPOCHS',
    'const { HOME, EPOCHS: epochs = "3" } = process.env; epochs',
    "import { env } from 'node:process'; env.EPOCHS",
    "import { epochs } from './epochs'; epochs",
  ])('runs again where an environment variable has changed that code names: %s', async (source) => {
    const root = temporaryFolder();
    const at = join(root, 'reading.ipynb');
    writeFileSync(join(root, 'epochs.ts'), 'export const epochs = process.env.EPOCHS;');
    writeNotebook(at, notebookOf(code('1'), code(source)));
    const hashes = async (more: NodeJS.ProcessEnv) =>
      (await expectedRecord(readNotebook(at), at, { ...env, ...more })).cells;
    const [three, four, none, other] = [
      await hashes({ EPOCHS: '3' }),
      await hashes({ EPOCHS: '4' }),
      await hashes({}),
      await hashes({ EPOCHS: '3', STEPS: '1' }),
    ];
    expect(new Set([three[1], four[1], none[1]]).size).toBe(3);
    expect(other).toEqual(three);
    expect(four[0]).toBe(three[0]);
  });

  it('has another kernel after an update of a package that computes, also of one that hides its package.json', () => {
    const root = temporaryFolder();
    const json = (at: string, value: object) => {
      mkdirSync(join(root, at), { recursive: true });
      writeFileSync(join(root, at, 'package.json'), JSON.stringify(value));
    };
    json('dist', {});
    json('.', { dependencies: { 'onnxruntime-node': '^1' }, optionalDependencies: { '@tensorflow/native': '^4' } });
    const install = (name: string, version: string) => {
      json(`node_modules/${name}`, { name, version, exports: './index.js' });
      return kernelHash(root);
    };
    const hashes = [
      kernelHash(root),
      install('onnxruntime-node', '1.0.0'),
      install('onnxruntime-node', '1.0.1'),
      install('@tensorflow/native', '4.0.0'),
      install('@tensorflow/native', '4.0.1'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(install('@tensorflow/native', '4.0.0')).toBe(hashes[3]);
    expect(install('not-a-dependency', '1.0.0')).toBe(hashes[3]);
  });

  function fakeMnist(): string {
    const data = temporaryFolder();
    for (const name of ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'])
      writeFileSync(join(data, `${name}-ubyte`), '');
    return data;
  }
});

describe('several notebooks at once', () => {
  it('run beside each other with --jobs, every event naming its notebook', async () => {
    // Each goes on when the other is there too: one after the other they would wait in vain.
    const folder = temporaryFolder();
    const meet = (own: string, other: string) =>
      code(`import { existsSync, writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(join(folder, own))}, '');
while (!existsSync(${JSON.stringify(join(folder, other))})) await new Promise((resolve) => setTimeout(resolve, 20));`);
    const [a, b] = [
      writeFixture(notebookOf(meet('a', 'b')), 'a.ipynb'),
      writeFixture(notebookOf(meet('b', 'a')), 'b.ipynb'),
    ];
    const { code: exit, stdout } = await gmmVae(['run', a, b, '--jobs', '2', '--json'], { cwd: dirname(a), env });
    expect(exit).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const types = events.map(({ type }) => type);
    expect(types.lastIndexOf('cell-start')).toBeLessThan(types.indexOf('cell-end'));
    expect(new Set(events.filter(({ type }) => type === 'end').map(({ path }) => path))).toEqual(new Set([a, b]));
  });
});

describe('progress', () => {
  function tellAll(isTTY: boolean): string {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const progress = createProgress({ stderr: Object.assign(stream, { isTTY, columns: 100 }) });
    const about = { path: '/x/a.ipynb', cell: 1, cells: 2, index: 0 };
    progress.onEvent({ type: 'start', path: '/x/a.ipynb', cells: 2 });
    progress.onEvent({ type: 'cell-start', ...about, source: '\nconst a = 1;\nb' });
    progress.onEvent({ type: 'cell-end', ...about, ok: true, milliseconds: 12 });
    progress.log('told');
    progress.onEvent({ type: 'unfinished', path: '/x/a.ipynb', work: ['a timer', 'a thread'] });
    progress.onEvent({ type: 'end', path: '/x/a.ipynb', ok: true, milliseconds: 2040 });
    progress.stop();
    return text;
  }

  it('is a bar per notebook on a terminal, with the line it is at', () => {
    const text = tellAll(true);
    expect(text).toContain('a.ipynb');
    expect(text).toMatch(/█+░+ {2}1\/2/);
    expect(text).toContain('done in 2.0 s');
    expect(text).toContain('told\n');
    expect(text).toContain('a.ipynb  warning: work that no cell awaits');
  });

  it('is one plain line per cell elsewhere', () => {
    expect(tellAll(false)).toBe(
      [
        'a.ipynb  cell 1/2  ok  12 ms',
        'told',
        'a.ipynb  warning: work that no cell awaits goes on after the last cell (a timer, a thread): what it shows is lost; write await before it',
        'a.ipynb  done in 2.0 s',
        '',
      ].join('\n'),
    );
  });
});
