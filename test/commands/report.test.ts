import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNotebook } from '../../src/notebook/document/ipynb';
import { gmmVae } from '../command-line';
import { code, notebookOf, prose, temporaryFolder } from '../notebook/fixtures';

// No browser on the path: pictures are the browser tests' business.
const env = { ...process.env, PATH: '' };

const REAL = `import { figure, monteCarloKl, GaussianMixture, Normal, timed } from 'gmm-vae';
const p = new GaussianMixture([0.4, 0.6], [new Normal(-1, 1), new Normal(2, 0.5)]);
const estimate = monteCarloKl(new Normal(0, 1), p, { samples, seed });
console.log(estimate.value);
const { milliseconds } = timed(() => monteCarloKl(new Normal(0, 1), p, { samples, seed }));
console.log(milliseconds === null ? 'no clock' : 'a clock');
figure({ data: [{ y: [0, estimate.value, milliseconds ?? estimate.standardError] }], alt: 'a line' })`;

const notebook = notebookOf(
  prose('# A run\n\nEstimates of $\\mathrm{KL}$.'),
  code('const samples = 1000;\nlet seed = 7;', ['parameters']),
  code(REAL),
);

function folderWith(...names: string[]): string {
  const cwd = temporaryFolder();
  for (const name of names) writeNotebook(join(cwd, `${name}.ipynb`), notebook);
  return cwd;
}

/** Every file below a folder with its bytes. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

describe('gmm-vae report, running what it shows', () => {
  it('gives the same bytes from two runs with --reproducible, pages, index and executed notebooks alike', async () => {
    const cwd = folderWith('a');
    const run = (folder: string, now: number) =>
      gmmVae(['report', 'a.ipynb', '--reproducible', '--output-dir', folder], { cwd, env, now: () => now });
    const [one, two] = [await run('one', 0), await run('two', 1e12)];
    expect([one.code, two.code, one.stderr.includes('failed')]).toEqual([0, 0, false]);
    const first = contents(join(cwd, 'one'));
    expect(Object.keys(first).sort()).toEqual(['/a.html', '/executed/a.ipynb', '/index.html']);
    expect(contents(join(cwd, 'two'))).toEqual(first);
    expect(first['/a.html']).toContain('<figure class="figure" id="figure-1">');
    expect(first['/a.html']).not.toContain('1970-');
    expect(first['/a.html']).toContain('no clock');
    // Times are another output: what one kind of run showed is nothing for the other to take.
    const timed = await gmmVae(['report', 'a.ipynb', '--resume', '--output-dir', 'one'], { cwd, env });
    expect(timed.stderr).toContain('runs from its first cell: the earlier run was a reproducible one');
    expect(contents(join(cwd, 'one'))['/a.html']).toContain('a clock');
  });

  it('hands parameters, authors and limits on, and shows date, device and versions', async () => {
    const cwd = folderWith('a');
    const args = ['report', 'a.ipynb', '-p', 'samples=2000', '--author', 'Ada L.', '--author', 'B', '--timeout', '60'];
    const { code: exit } = await gmmVae(args, { cwd, env, now: () => Date.UTC(2026, 0, 2, 3, 4) });
    expect(exit).toBe(0);
    const page = readFileSync(join(cwd, 'reports/a.html'), 'utf8');
    expect(page).toContain('<dt>Authors</dt><dd>Ada L., B</dd><dt>Run</dt><dd>2026-01-02 03:04 UTC, in 0.0 s</dd>');
    expect(page).toContain('<dt>Parameters</dt><dd>samples = 2000</dd>');
    expect(page).toMatch(/<dt>Device<\/dt><dd>[^<]+, \d+ × \w+<\/dd><dt>Seed<\/dt><dd>7<\/dd>/);
    expect(readFileSync(join(cwd, 'reports/index.html'), 'utf8')).toContain(
      '<dt>Authors</dt><dd>Ada L., B</dd><dt>Built</dt><dd>2026-01-02 03:04 UTC</dd>',
    );
    const bad = await gmmVae(['report', 'a.ipynb', '-p', 'sample=1'], { cwd, env });
    expect([bad.code, bad.stderr.trim().split('\n').length]).toEqual([2, 1]);
  });

  it('of one notebook keeps the others in the index, in their places, and with --resume runs only what changed', async () => {
    const cwd = folderWith('a', 'b', 'c');
    for (const name of ['a', 'b', 'c'])
      writeNotebook(join(cwd, `${name}.ipynb`), notebookOf(prose(`# Old ${name}`), code('1')));
    await gmmVae(['report', 'a.ipynb', 'b.ipynb', '--jobs', '2'], { cwd, env });
    writeNotebook(join(cwd, 'a.ipynb'), notebookOf(prose('# New a'), code('2')));
    const { code: exit, stderr } = await gmmVae(['report', 'c.ipynb', 'a.ipynb', '--resume'], { cwd, env });
    expect(exit).toBe(0);
    expect(stderr).toContain(
      'a.ipynb  runs from its first cell: cell 1, a module it imports, or a file or variable it names has changed',
    );
    const titles = () =>
      [...readFileSync(join(cwd, 'reports/index.html'), 'utf8').matchAll(/<h3><a href="[^"]*">(.*?)<\/a>/g)].map(
        ([, title]) => title,
      );
    expect(titles()).toEqual(['New a', 'Old b', 'Old c']);
    const again = await gmmVae(['report', 'b.ipynb', '--resume'], { cwd, env });
    expect(again.stderr).toBe('b.ipynb  unchanged, its outputs are reused\n');
    expect(titles()).toEqual(['New a', 'Old b', 'Old c']);
  });

  it('runs any notebook of format 4.4 and leaves one of 4.5 with ids, valid by nbformat’s rules for them', async () => {
    const cwd = temporaryFolder();
    const plain = notebookOf(prose('# Old'), code('1'), code('1'));
    for (const cell of plain.cells) delete cell.id;
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'old.ipynb'), JSON.stringify({ ...plain, nbformat_minor: 4 }));
    await gmmVae(['report', 'old.ipynb'], { cwd, env });
    const { nbformat_minor, cells } = JSON.parse(readFileSync(join(cwd, 'reports/executed/old.ipynb'), 'utf8'));
    const ids = cells.map(({ id }: { id: string }) => id);
    expect(nbformat_minor).toBe(5);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
  });
});
