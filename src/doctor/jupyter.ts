import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kernelSpecState, labExtensionFolder, userDataFolder } from '../notebook/kernel/kernelspec';
import type { Check, Env } from './check';
import { runProgram } from './processes';

const JUPYTER_MS = 15_000;

export async function jupyterCheck(env: Env): Promise<Check> {
  for (const [file, args] of [
    ['jupyter', ['--version']],
    ['python3', ['-m', 'jupyter', '--version']],
  ] as const) {
    const { ok, stdout } = await runProgram(file, args, { env, timeoutMs: JUPYTER_MS });
    const versions = /^(?:jupyterlab|notebook|jupyter_client|jupyter-client)\s*:\s*(\d\S*)/gm;
    const found = [...stdout.matchAll(versions)].map(([line]) => line.replace(/\s*:\s*/, ' '));
    if (ok && found.length > 0) {
      return { name: 'Jupyter', state: 'ok', detail: `${[file, ...args.slice(0, -1)].join(' ')}: ${found.join(', ')}` };
    }
  }
  return {
    name: 'Jupyter',
    state: 'optional',
    detail: 'not found on PATH; `gmm-vae run` and `gmm-vae report` do without',
    fix: 'pip install jupyterlab, or apt install jupyter-notebook',
  };
}

/** Where Jupyter looks for kernelspecs first, as far as that is known without asking Python. */
export function kernelSpecCheck(env: Env): Check {
  const name = 'kernelspec';
  const folders = [...(env.JUPYTER_PATH ?? '').split(process.platform === 'win32' ? ';' : ':'), userDataFolder(env)];
  for (const data of folders.filter((folder) => folder !== '')) {
    const folder = join(data, 'kernels', 'tslab');
    const { state, spec } = kernelSpecState(folder);
    if (state === 'absent') continue;
    if (state === 'foreign') {
      const fix = 'npx gmm-vae kernel --force (replaces it) or npx gmm-vae kernel --name gmm-vae (keeps both)';
      return { name, state: 'optional', detail: `${folder} is not of this project's making`, fix };
    }
    const gone = spec?.argv.slice(0, 2).find((path) => !existsSync(path));
    if (gone)
      return { name, state: 'optional', detail: `${folder} names ${gone}, which is gone`, fix: 'npx gmm-vae kernel' };
    if (!existsSync(labExtensionFolder(data))) {
      const detail = `${folder} is there, but not what draws its figures in JupyterLab (${labExtensionFolder(data)})`;
      return { name, state: 'optional', detail, fix: 'npx gmm-vae kernel' };
    }
    return { name, state: 'ok', detail: folder };
  }
  return { name, state: 'optional', detail: 'not registered with Jupyter', fix: 'npx gmm-vae kernel' };
}
