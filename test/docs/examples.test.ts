import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from '../../src/index';
import { exportedNames, pageExamples } from './examples';
import { drawnByExamples, galleryPage } from './gallery';
import { ROOT } from './markdown';
import { runExample } from './run-example';
import { difference } from './values';

const names = exportedNames();
const examples = [...names.flatMap((name) => name.examples), ...pageExamples()];

describe('every public name', () => {
  it.each(names)('$name has an example', ({ examples: own }) => {
    expect(own.length).toBeGreaterThan(0);
  });
});

describe('examples', () => {
  const cwd = process.cwd();
  const scratch = mkdtempSync(join(tmpdir(), 'gmm-vae-examples-'));
  beforeAll(() => process.chdir(scratch));
  afterAll(() => {
    process.chdir(cwd);
    rmSync(scratch, { recursive: true });
  });

  it('are correct TypeScript', async () => {
    const folder = join(ROOT, '.cache', 'examples');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    examples.forEach(({ name, code }, i) => {
      writeFileSync(join(folder, `${i}.mts`), `// ${name}\n${code}\nexport {};\n`);
    });
    const compilerOptions = {
      paths: { 'gmm-vae': ['../../src/index.ts'] },
      lib: ['es2023', 'dom'],
      noUnusedLocals: false,
    };
    const project = { extends: '../../tsconfig.json', compilerOptions, include: ['*.mts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    expect(await errorsOf(folder)).toBe('');
  });

  it.each(examples)('$name gives what it says', async ({ code }) => {
    await runExample(code);
  });
});

it('the gallery has every figure, with the text alternative and the code of its example', async () => {
  const drawn = await drawnByExamples(names);
  const figures = Object.keys(library).filter((name) => name.endsWith('Figure'));
  expect(figures.length).toBeGreaterThan(25);
  expect(drawn.map(({ name }) => name)).toEqual(expect.arrayContaining(figures));
  // Numbers in words are written as in print: a minus sign, no 2.1e+14.
  expect(drawn.flatMap(({ alt }) => alt.match(/\de[+-]\d+|(?<=[\s(])-[\d.]+/g) ?? [])).toEqual([]);
  await expect(galleryPage(drawn)).toMatchFileSnapshot(join(ROOT, 'docs/gallery.md'));
});

/** What the project's compiler says of a folder. */
async function errorsOf(folder: string): Promise<string> {
  const compiler = join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc');
  try {
    return (await promisify(execFile)(process.execPath, [compiler, '-p', folder])).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('the comparison of a value with its comment', () => {
  it('takes numbers to the digits that are written', () => {
    expect(difference(0.28167, '0.2817')).toBeNull();
    expect(difference(0.2816, '0.2817 nats')).toContain('expected 0.2817, got 0.2816');
    expect(difference(2.06e-6, '2.1e-6')).toBeNull();
    expect(difference(2.2e-6, '2.1e-6')).not.toBeNull();
    expect(difference(3.0000001, '3')).not.toBeNull();
  });

  it('goes into lists and objects, of which more may be there than is written', () => {
    expect(difference({ a: Float64Array.of(1, 0.333), b: 2 }, '{ a: [1, 0.33] }')).toBeNull();
    expect(difference({ a: [1] }, '{ a: [1, 2] }')).toContain('.a: expected [1, 2]');
    expect(difference({ a: [-1] }, '{ a: [1] }')).toContain('.a[0]: expected 1, got -1');
  });

  it('tells words, null and infinities apart, and refuses prose', () => {
    expect(difference(null, 'null')).toBeNull();
    expect(difference(Number.NEGATIVE_INFINITY, '-Infinity')).toBeNull();
    expect(difference('1', "'1'")).toBeNull();
    expect(difference(1, "'1'")).not.toBeNull();
    expect(difference(1, 'about one')).toContain('not a value');
  });

  it('fails an example whose error is another or missing', async () => {
    await expect(runExample('null; // throws TypeError')).rejects.toThrow(
      'expected TypeError to be thrown, got nothing',
    );
    await expect(runExample('(() => { throw new RangeError() })(); // throws TypeError')).rejects.toThrow(
      'got RangeError',
    );
    await expect(runExample('1 + 1; // 3')).rejects.toThrow('expected 3, got 2');
  });
});
