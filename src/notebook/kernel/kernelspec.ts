import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../../errors';
import { replaceFolderSync } from '../../files';
import { readText } from '../../text-files';
import { installedFolder } from '../installed';

/** The mark in kernel.json's metadata: this spec was written by us and may be replaced by us. */
const MARK = 'gmm-vae';
const LAB_EXTENSION = 'gmm-vae-figures';

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

/** The folder of Jupyter's data that the kernel is registered in. */
function dataFolder({ prefix, env }: Pick<InstallOptions, 'prefix' | 'env'>): string {
  return prefix === undefined ? userDataFolder(env) : join(prefix, 'share', 'jupyter');
}

/** What lies in a kernelspec's folder: nothing, a spec of ours, or somebody else's. */
export function kernelSpecState(folder: string): {
  readonly state: 'absent' | 'ours' | 'foreign';
  readonly spec?: KernelSpec;
} {
  if (!existsSync(folder)) return { state: 'absent' };
  try {
    const spec = JSON.parse(readText(join(folder, 'kernel.json'))) as KernelSpec;
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
  const data = dataFolder(options);
  const folder = join(data, 'kernels', name);
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
    copyFrontEnd(options.projectRoot, { 'kernel.js': ['kernel.js'] }, temporary);
  });
  installLabExtension(options.projectRoot, data);
  return folder;
}

/** Where JupyterLab and Notebook 7 look for what draws the figures. */
export function labExtensionFolder(data: string): string {
  return join(data, 'labextensions', LAB_EXTENSION);
}

/** Lets JupyterLab and Notebook 7 draw figures and the controls of live cells, by a prebuilt extension. */
function installLabExtension(projectRoot: string, data: string): void {
  const project = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<string, string>;
  const manifest = {
    name: LAB_EXTENSION,
    version: project.version,
    license: project.license,
    description: 'Draws the figures and controls of gmm-vae without a network.',
    jupyterlab: {
      extension: true,
      mimeExtension: true,
      _build: { load: 'jupyterlab.js', extension: './plugins', mimeExtension: './figures' },
    },
  };
  const folder = labExtensionFolder(data);
  const install = {
    packageManager: 'npm',
    packageName: 'gmm-vae',
    uninstallInstructions: `Remove the folder ${folder}`,
  };
  replaceFolderSync(folder, (temporary) => {
    writeFileSync(join(temporary, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    writeFileSync(join(temporary, 'install.json'), `${JSON.stringify(install, null, 2)}\n`);
    copyFrontEnd(projectRoot, { 'jupyterlab.js': LAB }, temporary);
  });
}

/** What draws figures: the parts that are those of the reports, then Jupyter's own. */
const SHARED = ['make.js', 'whole.js', 'redraw.js', 'handles.js', 'handle-bindings.js'];
const DRAWING = ['comm-model.js', 'live-handles.js', 'draw.js'];
/** JupyterLab loads one file. */
const LAB = ['lab-shared.js', 'lab-figure.js', 'lab-widgets.js', 'jupyterlab.js'];

/**
 * Copies what a front end loads: its own scripts, and the plotly, the style and the scripts by which all of them draw.
 * @param scripts name → the parts that are joined in it
 */
function copyFrontEnd(projectRoot: string, scripts: Readonly<Record<string, readonly string[]>>, folder: string): void {
  const plotly = installedFolder(projectRoot, 'plotly.js-cartesian-dist-min');
  if (plotly === null) throw new UsageError('plotly.js-cartesian-dist-min is not installed; run: npm install');
  const own = (name: string): string => join(projectRoot, 'kernel-setup', 'front-ends', name);
  const ofReports = (name: string): string => join(projectRoot, 'src', 'report', 'assets', name);
  const joined = (paths: readonly string[]): string => paths.map((path) => readFileSync(path, 'utf8')).join('\n');
  for (const file of [own('widgets.js'), ofReports('handles.css'), join(plotly, 'plotly-cartesian.min.js')])
    copyFileSync(file, join(folder, basename(file)));
  for (const [name, parts] of Object.entries(scripts)) writeFileSync(join(folder, name), joined(parts.map(own)));
  writeFileSync(join(folder, 'draw.js'), joined([...SHARED.map(ofReports), ...DRAWING.map(own)]));
}
