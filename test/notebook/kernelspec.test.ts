import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  installKernelSpec,
  kernelSpecState,
  labExtensionFolder,
  userDataFolder,
} from '../../src/notebook/kernel/kernelspec';
import { temporaryFolder } from './fixtures';

const projectRoot = join(__dirname, '..', '..');

describe('the kernelspec', () => {
  it('starts launch.mjs with the connection file and is interrupted by message', () => {
    const prefix = temporaryFolder();
    const folder = installKernelSpec({ projectRoot, prefix });
    expect(folder).toBe(join(prefix, 'share', 'jupyter', 'kernels', 'tslab'));
    const spec = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8'));
    expect(spec).toMatchObject({ language: 'typescript', interrupt_mode: 'message' });
    expect(spec.argv).toEqual([process.execPath, join(projectRoot, 'kernel-setup', 'launch.mjs'), '{connection_file}']);
    expect(existsSync(spec.argv[1])).toBe(true);
    expect(existsSync(join(folder, 'kernel.js'))).toBe(true);
    expect(kernelSpecState(folder).state).toBe('ours');
  });

  it('comes with an extension of JupyterLab that draws figures, complete in its folder', () => {
    const prefix = temporaryFolder();
    installKernelSpec({ projectRoot, prefix });
    const folder = labExtensionFolder(join(prefix, 'share', 'jupyter'));
    const { name, version, jupyterlab } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    // JupyterLab asks for the extension by its folder's name and by that of package.json.
    expect([name, version]).toEqual([basename(folder), expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    expect(readdirSync(folder).sort()).toEqual(
      [
        'draw.js',
        'handles.css',
        'install.json',
        jupyterlab._build.load,
        'package.json',
        'plotly-cartesian.min.js',
        'widgets.js',
      ].sort(),
    );
  });

  it('replaces its own kind, but never one that somebody else wrote unless forced', () => {
    const prefix = temporaryFolder();
    const folder = join(prefix, 'share', 'jupyter', 'kernels', 'tslab');
    mkdirSync(folder, { recursive: true });
    const theirs = JSON.stringify({ argv: ['tslab', 'kernel'], display_name: 'TypeScript', language: 'typescript' });
    writeFileSync(join(folder, 'kernel.json'), theirs);
    expect(() => installKernelSpec({ projectRoot, prefix })).toThrow(/did not write; --force replaces it/);
    expect(readFileSync(join(folder, 'kernel.json'), 'utf8')).toBe(theirs);
    installKernelSpec({ projectRoot, prefix, name: 'other' });
    installKernelSpec({ projectRoot, prefix, force: true });
    expect(kernelSpecState(folder).state).toBe('ours');
    installKernelSpec({ projectRoot, prefix });
  });

  it('is refused a name that is a path', () => {
    expect(() => installKernelSpec({ projectRoot, prefix: temporaryFolder(), name: '../x' })).toThrow(/--name/);
  });

  it.each([
    ['linux', { HOME: '/home/a' }, '/home/a/.local/share/jupyter'],
    ['linux', { HOME: '/home/a', XDG_DATA_HOME: '/data' }, '/data/jupyter'],
    ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Jupyter'],
    ['linux', { HOME: '/home/a', JUPYTER_DATA_DIR: '/elsewhere' }, '/elsewhere'],
  ])('goes where Jupyter looks on %s with %o', (platform, env, folder) => {
    expect(userDataFolder(env, platform)).toBe(folder);
  });
});
