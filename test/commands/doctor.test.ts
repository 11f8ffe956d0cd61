import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check';
import { installKernelSpec, labExtensionFolder } from '../../src/notebook/kernel/kernelspec';
import { gmmVae } from '../command-line';
import { temporaryFolder } from '../notebook/fixtures';

const projectRoot = join(__dirname, '..', '..');

async function doctor(env: NodeJS.ProcessEnv = process.env): Promise<Record<string, Check>> {
  const { stdout } = await gmmVae(['doctor', '--json'], { env });
  return Object.fromEntries((JSON.parse(stdout) as Check[]).map((check) => [check.name, check]));
}

describe('gmm-vae doctor', () => {
  it('finds what this machine has, runs a model on the cpu, and says how to fix the rest', async () => {
    const checks = await doctor({ ...process.env, JUPYTER_DATA_DIR: temporaryFolder(), JUPYTER_PATH: '' });
    expect(checks['Node.js']).toMatchObject({ state: 'ok', detail: process.versions.node });
    expect(checks.packages).toMatchObject({ state: 'ok' });
    expect(checks['device cpu']).toMatchObject({ state: 'ok', detail: 'computes' });
    expect(checks.kernelspec).toEqual({
      name: 'kernelspec',
      state: 'optional',
      detail: 'not registered with Jupyter',
      fix: 'npx gmm-vae kernel',
    });
    for (const { state, fix, name } of Object.values(checks)) {
      if (state === 'missing') expect(fix, name).toBeTruthy();
    }
  });

  it('tells our kernelspec', async () => {
    const data = temporaryFolder();
    installKernelSpec({ projectRoot, env: { JUPYTER_DATA_DIR: data } });
    const { kernelspec } = await doctor({ ...process.env, JUPYTER_DATA_DIR: data, JUPYTER_PATH: '' });
    expect(kernelspec).toMatchObject({ state: 'ok', detail: join(data, 'kernels', 'tslab') });
  });

  it('misses what draws figures in JupyterLab, as where an older version registered the kernel', async () => {
    const data = temporaryFolder();
    installKernelSpec({ projectRoot, env: { JUPYTER_DATA_DIR: data } });
    rmSync(labExtensionFolder(data), { recursive: true });
    const { kernelspec } = await doctor({ ...process.env, JUPYTER_DATA_DIR: data, JUPYTER_PATH: '' });
    expect(kernelspec).toMatchObject({ state: 'optional', fix: 'npx gmm-vae kernel' });
    expect(kernelspec?.detail).toContain('not what draws its figures in JupyterLab');
  });

  it('prints a line per check and how to fix it', async () => {
    const { stdout } = await gmmVae(['doctor'], { env: { ...process.env, PATH: '/nowhere' } });
    expect(stdout).toMatch(/^ok {2}Node\.js +\d/);
    expect(stdout).toMatch(/-- {2}Jupyter +not found on PATH.*\n +→ pip install jupyterlab/);
  });

  it('works in a bundle with nothing beside it', async () => {
    const folder = temporaryFolder();
    const app = join(folder, 'app.cjs');
    await build({
      entryPoints: [join(projectRoot, 'src', 'cli.ts')],
      outfile: app,
      bundle: true,
      platform: 'node',
      external: [
        'onnxruntime-node',
        'tfjs-node-native',
        'tslab',
        'zeromq',
        'playwright-core',
        'danfojs-node',
        '@tslab/*',
        'cli-progress',
      ],
      logLevel: 'error',
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, [app, 'doctor'], { encoding: 'utf8', cwd: folder });
    expect(stderr).toBe('');
    expect(stdout).toContain('running from a bundle');
    expect(stdout).toContain('onnxruntime-node is not installed');
    expect(status).toBe(1);
  });
});

describe('npm run doctor', () => {
  it('says what to do before anything is installed', () => {
    const clone = temporaryFolder();
    mkdirSync(join(clone, 'kernel-setup'));
    for (const file of ['bootstrap.mjs', 'doctor.mjs', 'prune.mjs']) {
      cpSync(join(projectRoot, 'kernel-setup', file), join(clone, 'kernel-setup', file));
    }
    const { stdout, stderr, status } = spawnSync(process.execPath, ['kernel-setup/doctor.mjs'], {
      cwd: clone,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('!!  packages  node_modules: not there\n    → npm run bootstrap');
    expect(status).toBe(1);
    expect(readFileSync(join(projectRoot, 'package.json'), 'utf8')).toContain('kernel-setup/doctor.mjs');
  });
});
