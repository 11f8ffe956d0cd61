import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../errors';
import { replaceFolderSync } from '../files';
import { installedFolder } from './installed';

/** In kernel.json's metadata: this spec was written by us and may be replaced by us. */
const MARK = 'gmm-vae';

export interface KernelSpec {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: string;
  readonly interrupt_mode: 'message';
  readonly metadata: Readonly<Record<string, unknown>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Jupyter's data folder of this user, found as Jupyter finds it. */
export function userDataFolder(env: Env = process.env, platform: string = process.platform): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = env.HOME ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'jupyter');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter');
}

export interface InstallOptions {
  /** The project: its kernel-setup/launch.mjs starts the kernel. */
  readonly projectRoot: string;
  readonly name?: string;
  /** Registers under PREFIX/share/jupyter instead of for the user. */
  readonly prefix?: string;
  /** Replaces a spec that somebody else wrote. */
  readonly force?: boolean;
  readonly env?: Env;
}

export function kernelSpecFolder(options: Pick<InstallOptions, 'name' | 'prefix' | 'env'>): string {
  const data = options.prefix === undefined ? userDataFolder(options.env) : join(options.prefix, 'share', 'jupyter');
  return join(data, 'kernels', options.name ?? 'tslab');
}

/** What lies in a kernelspec's folder: nothing, a spec of ours, or somebody else's. */
export function kernelSpecState(folder: string): {
  readonly state: 'absent' | 'ours' | 'foreign';
  readonly spec?: KernelSpec;
} {
  if (!existsSync(folder)) return { state: 'absent' };
  try {
    const spec = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')) as KernelSpec;
    return { state: spec.metadata?.[MARK] === undefined ? 'foreign' : 'ours', spec };
  } catch {
    return { state: 'foreign' };
  }
}

/**
 * Registers the kernel with Jupyter by writing its kernelspec; needs neither Python nor Jupyter.
 * @returns The folder written.
 * @throws UsageError when somebody else's spec of that name is there and `force` is not given.
 */
export function installKernelSpec(options: InstallOptions): string {
  const name = options.name ?? 'tslab';
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new UsageError(`--name: expected letters, digits, ".", "_" or "-", got ${JSON.stringify(name)}`);
  }
  const folder = kernelSpecFolder(options);
  if (kernelSpecState(folder).state === 'foreign' && !options.force) {
    throw new UsageError(
      `${folder} holds a kernelspec that gmm-vae did not write; --force replaces it, --name NAME keeps both`,
    );
  }
  const spec: KernelSpec = {
    argv: [process.execPath, join(options.projectRoot, 'kernel-setup', 'launch.mjs'), '{connection_file}'],
    display_name: 'TypeScript (gmm-vae)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { [MARK]: { projectRoot: options.projectRoot } },
  };
  replaceFolderSync(folder, (temporary) => {
    writeFileSync(join(temporary, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
    copyClassicExtension(options.projectRoot, temporary);
  });
  return folder;
}

/** Lets classic Notebook draw plotly figures; it serves what lies beside kernel.json. */
function copyClassicExtension(projectRoot: string, folder: string): void {
  const script = join(projectRoot, 'kernel-setup', 'classic-notebook', 'kernel.js');
  const plotly = installedFolder(projectRoot, 'plotly.js-cartesian-dist-min');
  if (plotly === null) return;
  for (const file of [script, join(plotly, 'plotly-cartesian.min.js')])
    copyFileSync(file, join(folder, basename(file)));
}
