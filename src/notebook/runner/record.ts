import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { findMnist } from '../../data/mnist';
import { packageFile, packageVersion as thisVersion } from '../../package';
import { isJavaScript } from '../document/format';
import { type CodeCell, joinText, mayRaise, type Notebook } from '../document/ipynb';
import { isReproducible } from '../timing';
import { packageVersion, reachedBy } from './imports';
import { projectFiles } from './project-files';

/** What an executed notebook remembers of its run, under `metadata["gmm-vae"]`. Nothing in it depends on the clock. */
export interface RunRecord {
  /** `gmm-vae 0.1.0, Node 20.20.0, tslab 1.0.22`. */
  readonly versions: string;
  readonly device: string;
  /** Hash of the versions, those of the packages this one depends on included, and of every file of its build. */
  readonly kernel: string;
  /** Hash of the MNIST files that a cell would be given; `''` where there are none. */
  readonly data: string;
  /** Hash of tsconfig.json and of the declarations beside the notebook; absent where there are none. */
  readonly project?: string;
  /** Whether the cells ran without a clock; absent in records from before there was a choice. */
  readonly reproducible?: boolean;
  /**
   * One hash per code cell that ran without a failure, each over the one before it, the cell's code and whether it may
   * fail, the local modules it imports, the files and environment variables it names, and the versions of packages.
   */
  readonly cells: readonly string[];
}

const KEY = 'gmm-vae';

/** The record an executed notebook carries; undefined for one that something else has run. */
export function recordOf(notebook: Notebook): RunRecord | undefined {
  const record = notebook.metadata[KEY] as Partial<RunRecord> | undefined;
  return typeof record?.kernel === 'string' && Array.isArray(record.cells) ? (record as RunRecord) : undefined;
}

export function writeRecord(notebook: Notebook, record: RunRecord): void {
  notebook.metadata[KEY] = record;
}

/** The record of a run that reaches its end; `cells` has one hash for every code cell. */
export async function expectedRecord(notebook: Notebook, path: string, env: NodeJS.ProcessEnv): Promise<RunRecord> {
  const folder = dirname(resolve(path));
  const cells = chain(codeCells(notebook), { folder, start: isJavaScript(notebook) ? 'javascript' : '', env });
  const project = projectHash(folder);
  return {
    versions: versions(),
    device: device(),
    kernel: kernelHash(),
    data: await mnistHash(env),
    ...(project !== '' && { project }),
    reproducible: isReproducible(env),
    cells,
  };
}

/** The versions of the package in `root`. Another ONNX Runtime or TensorFlow.js may round differently. */
export function kernelHash(root: string = packageFile()): string {
  return hashOf((hash) => {
    hash.update(`${versions()} ${process.platform}-${process.arch}`);
    const { dependencies, optionalDependencies } = manifest(join(root, 'package.json'));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }).sort())
      hash.update(`\0${packageVersion(name, root)}`);
    const build = join(root, 'dist');
    const files = readdirSync(build, { recursive: true, encoding: 'utf8' });
    for (const name of files.filter((file) => /\.(js|d\.ts|wasm)$/.test(file)).sort())
      addFile(hash, join(build, name), name);
  });
}

export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === 'code');
}

interface Surroundings {
  readonly folder: string;
  readonly start: string;
  readonly env: NodeJS.ProcessEnv;
}

function chain(cells: readonly CodeCell[], { folder, start, env }: Surroundings): string[] {
  let last = start;
  return cells.map((cell) => {
    const source = joinText(cell.source);
    const { files, packages, variables } = reachedBy(source, folder);
    const values = [...variables].sort().map((name) => [name, env[name] ?? null]);
    last = hashOf((hash) => {
      hash.update(JSON.stringify([last, source, mayRaise(cell), [...packages].sort(), values]));
      for (const file of [...files].sort()) addFile(hash, file, relative(folder, file));
    });
    return last;
  });
}

function hashOf(add: (hash: Hash) => void): string {
  const hash = createHash('sha256');
  add(hash);
  return hash.digest('hex').slice(0, 16);
}

/** Hashes a file in pieces: a cell may name a file larger than memory. */
function addFile(hash: Hash, path: string, name: string): void {
  hash.update(`\0${name}\0`);
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece))
      hash.update(piece.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

function projectHash(folder: string): string {
  const files = projectFiles(folder);
  if (files.length === 0) return '';
  return hashOf((hash) => {
    for (const file of [...files].sort()) addFile(hash, file, relative(folder, file));
  });
}

async function mnistHash(env: NodeJS.ProcessEnv): Promise<string> {
  const files = await findMnist({ env }).catch(() => null);
  if (files === null) return '';
  return hashOf((hash) => {
    for (const [name, path] of Object.entries(files)) addFile(hash, path, name);
  });
}

/** `gmm-vae 0.1.0, Node 20.20.0, tslab 1.0.22`. */
export function versions(): string {
  const tslab = manifest(require.resolve('tslab/package.json')).version;
  return `gmm-vae ${thisVersion()}, Node ${process.versions.node}, tslab ${tslab}`;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/** `AMD EPYC 7B13, 2 × x64`: cells compute on the CPU. */
function device(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || 'CPU';
  return `${model}, ${processors.length} × ${process.arch}`;
}
