import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { installKernelSpec } from '../../src/notebook/kernelspec';
import { temporaryFolder } from '../notebook/fixtures';

/** Debian's Jupyter belongs to Debian's Python, not to whichever python3 comes first on PATH. */
const PYTHON = '/usr/bin/python3';
export const projectRoot = join(__dirname, '..', '..');

/** The environment of a Jupyter that knows the kernel under test, and nothing else of this user's. */
export function jupyterEnvironment(): NodeJS.ProcessEnv {
  const prefix = temporaryFolder();
  installKernelSpec({ projectRoot, prefix });
  return {
    ...process.env,
    JUPYTER_PATH: join(prefix, 'share', 'jupyter'),
    JUPYTER_CONFIG_DIR: temporaryFolder(),
    JUPYTER_DATA_DIR: temporaryFolder(),
    JUPYTER_RUNTIME_DIR: temporaryFolder(),
    IPYTHONDIR: temporaryFolder(),
  };
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
