import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client';
import { temporaryFolder } from './fixtures';

const ROOT = join(__dirname, '..', '..');
const NOTE = 'what runs was built from other sources than are here now; run: npm run bootstrap\n';

describe('a checkout that was updated since it was built', () => {
  let project: string;
  beforeAll(() => {
    project = temporaryFolder();
    for (const name of ['package.json', 'dist', 'kernel-setup']) {
      cpSync(join(ROOT, name), join(project, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    mkdirSync(join(project, 'src'));
    writeFileSync(join(project, 'src', 'new.ts'), 'export {};');
  });

  it('says so below the first cell of a kernel, once', async () => {
    const launch = join(project, 'kernel-setup', 'launch.mjs');
    const client = await Client.start('gmm-vae', project, ([node = '', , file = '']) => [node, launch, file]);
    try {
      await client.ready();
      const stderr = async (code: string): Promise<unknown[]> => {
        const { published } = await client.execute(code);
        return published.filter(({ type }) => type === 'stream').map(({ content }) => content.text);
      };
      expect(await stderr('1')).toEqual([`gmm-vae: ${NOTE}`]);
      expect(await stderr('2')).toEqual([]);
    } finally {
      client.close();
    }
  });

  it('warns of it where notebooks are run', async () => {
    writeFileSync(
      join(project, 'a.ipynb'),
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] }),
    );
    const args = [join(project, 'dist', 'cli.js'), 'run', 'a.ipynb', '--inplace'];
    const run = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([text(run.stderr), once(run, 'close')]);
    expect(said).toContain(`gmm-vae: warning: ${NOTE}`);
    expect(code).toBe(0);
  });
});
