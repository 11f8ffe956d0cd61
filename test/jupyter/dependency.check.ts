import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Notebook } from '../../src/notebook/document/ipynb';
import { code, notebookOf, temporaryFolder } from '../notebook/fixtures';

const projectRoot = join(__dirname, '..', '..');
const elsewhere = temporaryFolder();
const app = join(elsewhere, 'app');

/** Not synchronously: an installation takes a minute and more, and a test that cannot answer for one ends its run. */
async function command(name: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(name, args, { cwd, encoding: 'utf8' });
  return stdout;
}

const gmmVae = (args: readonly string[], cwd = app): Promise<string> =>
  command(join(app, 'node_modules', '.bin', 'gmm-vae'), args, cwd);

/** The executed notebook's text, output by output. */
function texts(path: string): string[] {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as Notebook;
  const outputs = cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []));
  return outputs.map((output) => JSON.stringify(output));
}

// As the README says; from the registry, where npm's overrides of this project do not count.
beforeAll(async () => {
  mkdirSync(app);
  await command('npm', ['pack', '--silent', '--pack-destination', elsewhere], projectRoot);
  const [tarball] = readdirSync(elsewhere).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(app, 'package.json'), '{"name": "app", "private": true}');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await command('npm', ['install', '--ignore-scripts', ...quiet, join(elsewhere, tarball as string)], app);
}, 300_000);

describe('gmm-vae as a dependency of another project', () => {
  it('computes from CommonJS and from ES modules', async () => {
    const example = 'klDivergence(new Normal(0.6, 0.7), new Normal(0, 1)).toFixed(7)';
    const required = `const { klDivergence, Normal } = require('gmm-vae'); console.log(${example})`;
    expect(await command('node', ['-e', required], app)).toBe('0.2816749\n');
    const imported = `import { klDivergence, Normal } from 'gmm-vae'; console.log(${example})`;
    expect(await command('node', ['--input-type=module', '-e', imported], app)).toBe('0.2816749\n');
  });

  it('trains, compiled', async () => {
    const trained = await gmmVae(['train', '--data', 'synthetic', '--epochs', '1', '--seed', '1']);
    expect(trained).toMatch(/1 epoch in .* loss \d/);
  });

  it('is found whole by its doctor', async () => {
    expect(await gmmVae(['doctor'])).toMatch(/^ok {2}packages /m);
  });

  it('runs notebooks of that project and of any other folder, with what they import', async () => {
    const cells = [
      "import { table, klDivergence, Normal } from 'gmm-vae'; import * as tf from '@tensorflow/tfjs';",
      'table([{ nats: klDivergence(new Normal(1, 1), new Normal(0, 1)) }])',
      'tf.scalar(2).square().dataSync()[0]',
    ];
    for (const folder of [app, temporaryFolder()]) {
      writeFileSync(join(folder, 'own.ipynb'), JSON.stringify(notebookOf(...cells.map((source) => code(source)))));
      await gmmVae(['run', join(folder, 'own.ipynb'), '--output-dir', join(folder, 'executed')], folder);
      const [shown, square] = texts(join(folder, 'executed', 'own.ipynb'));
      expect(shown).toContain('0.5000');
      expect(square).toContain('4');
    }
  });

  it('says that the frame of a table needs danfojs-node, and how to have it', async () => {
    const asked = `try { require('gmm-vae').table([{ a: 1 }]).frame } catch (error) { console.log(error.name, error.message) }`;
    expect(await command('node', ['-e', asked], app)).toMatch(
      /^UsageError .*danfojs-node is not installed here: .*overrides/,
    );
  });
});
