import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installKernelSpec } from '../../src/notebook/kernel/kernelspec';
import { kernelUnderTest } from '../notebook/client';
import { temporaryFolder } from '../notebook/fixtures';

/** Debian's Jupyter belongs to Debian's Python, not to whichever python3 comes first on PATH. */
const PYTHON = '/usr/bin/python3';
export const projectRoot = join(__dirname, '..', '..');

/** The environment of a Jupyter that knows the kernel under test, and nothing else of this user's. */
export function jupyterEnvironment(): NodeJS.ProcessEnv {
  const prefix = temporaryFolder();
  if (kernelUnderTest === 'tslab') installStock(join(prefix, 'share', 'jupyter', 'kernels', 'tslab'));
  else installKernelSpec({ projectRoot, prefix });
  return {
    ...process.env,
    JUPYTER_PATH: join(prefix, 'share', 'jupyter'),
    JUPYTER_CONFIG_DIR: temporaryFolder(),
    JUPYTER_DATA_DIR: temporaryFolder(),
    JUPYTER_RUNTIME_DIR: temporaryFolder(),
    IPYTHONDIR: temporaryFolder(),
  };
}

/** The kernelspec that tslab's own installer would write, to compare with. */
function installStock(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const binary = join(projectRoot, 'node_modules', 'tslab', 'bin', 'tslab');
  const argv = [process.execPath, binary, 'kernel', '--config-path', '{connection_file}'];
  writeFileSync(join(folder, 'kernel.json'), JSON.stringify({ argv, display_name: 'tslab', language: 'typescript' }));
}

export interface PythonResult {
  readonly code: number;
  readonly output: string;
}

export function python(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = temporaryFolder(),
): Promise<PythonResult> {
  return new Promise((resolve) => {
    const options = { env, cwd, maxBuffer: 64 * 1024 * 1024, timeout: 280_000 };
    execFile(PYTHON, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}
