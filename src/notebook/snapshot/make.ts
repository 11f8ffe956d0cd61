// Makes the snapshot that processes of cells start from: `node dist/notebook/snapshot/make.js`. Does nothing where it is up to date.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeAtomicallySync } from '../../files';
import { packageFile } from '../../package';
import { stamp } from '../stamp';
import { COMPILER, tslabRequire } from '../tslab';
import { CellCompiler } from '../worker/compile';
import { placeOf, snapshotFolder, snapshotName, WORKER_FLAGS } from './blob';
import type { Wishes } from './builder';
import { parsingOptions } from './prepared';

const LIST = '--list';
const BUILDER = join(__dirname, 'builder.js');
/** What decides what a snapshot holds, and whether there can be one. */
const MAKERS: readonly string[] = [BUILDER, __filename, join(__dirname, 'blob.js')];
/** What nearly every notebook imports. */
const FIRST_CELL = "import * as library from 'gmm-vae'; library;";
/** A thread may be without a module; what it must not do is end its process. */
const LOAD_EVERYTHING = `for (const name of require('node:module').builtinModules) {
  if (!name.includes('test')) try { require(name); } catch {}
}`;
/** Exits with 0 where a thread can load every module: a snapshot that holds too much ends its process there, see builder.ts. */
const TRY_THREAD = `const { Worker } = require('node:worker_threads');
const thread = new Worker(${JSON.stringify(LOAD_EVERYTHING)}, { eval: true, stdout: true, stderr: true });
thread.on('exit', () => process.exit(0));`;
/** Exits with 0 where that holds, and where the compiler answers for the process that runs, not for the one that made the snapshot. */
const PROBE = `const { compiler } = globalThis[Symbol.for('gmm-vae.prepared')];
if (compiler.sys.getCurrentDirectory() !== process.cwd()) process.exit(1);
${TRY_THREAD}`;
/** The script of a snapshot that holds nothing. */
const EMPTY = '';

/** What a snapshot for the process's folder is to hold: the files that a first cell reaches there, and how they are parsed. */
function listing(): Wishes {
  const cwd = process.cwd();
  const cells = new CellCompiler(cwd, () => ({ 'gmm-vae': packageFile() }), false);
  cells.compile('', FIRST_CELL);
  const { compiler, program } = cells;
  if (!program) throw new Error('the compiler of cells made no program');
  const options = program.getCompilerOptions();
  const files = program.getSourceFiles().filter((file) => file.isDeclarationFile && dirname(file.fileName) !== cwd);
  return {
    path: tslabRequire.resolve(COMPILER),
    options,
    key: parsingOptions(compiler, options),
    files: files.map(({ fileName }) => fileName),
    folder: cwd,
  };
}

/** tslab's compiler works where its process does, and for one folder: hence a process for each. */
function wishes(cwd: string): Wishes {
  return JSON.parse(node([__filename, LIST], cwd)) as Wishes;
}

function ofWorkers(cwd: string) {
  return { cwd, env: { ...process.env, NODE_OPTIONS: '' }, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
}

/** Returns what a process has printed that runs under the flags of those that compile cells. */
function node(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...WORKER_FLAGS, ...args], ofWorkers(cwd));
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Calls back with a folder that is gone afterwards. */
function inScratch<Result>(name: string, work: (folder: string) => Result): Result {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `gmm-vae-${name}-`)));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function written(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Whether a process that starts from `blob` runs the script to its end. */
function starts(blob: string, script: string): boolean {
  return (
    spawnSync(process.execPath, [...WORKER_FLAGS, '--snapshot-blob', blob, script], ofWorkers(tmpdir())).status === 0
  );
}

/** Tries a snapshot with nothing in it, which takes half a second, so that a Node.js that can use none makes no large one in vain. */
function canThreadsLoad(): boolean {
  return inScratch('snapshot', (scratch) => {
    const blob = join(scratch, 'blob');
    node(['--snapshot-blob', blob, '--build-snapshot', written(scratch, 'entry.js', EMPTY)], scratch);
    return starts(blob, written(scratch, 'probe.js', TRY_THREAD));
  });
}

/** Makes the file `blob`, and starts a process from it before it takes its place. Returns false, without it, where that one fails. */
function make(blob: string, wanted: Wishes): boolean {
  const made = `${blob}.${process.pid}.tmp`;
  try {
    return inScratch('snapshot', (scratch) => {
      const list = written(scratch, 'wishes.json', JSON.stringify(wanted));
      // Such a file is run as it stands, without the names that a module has.
      const entry = written(scratch, 'entry.js', `((exports) => {\n${readFileSync(BUILDER, 'utf8')}\n})({});`);
      node(['--snapshot-blob', made, '--build-snapshot', entry, list], scratch);
      if (!starts(made, written(scratch, 'probe.js', PROBE))) return false;
      const file = openSync(made, 'r+');
      fsyncSync(file);
      closeSync(file);
      renameSync(made, blob);
      return true;
    });
  } finally {
    rmSync(made, { force: true });
  }
}

/** What stands beside a snapshot: the files that it holds, as they were, and whether processes can start from it at all. */
interface SnapshotRecord {
  readonly stamps: { readonly [path: string]: string };
  readonly isUsable: boolean;
}

function isFresh(blob: string): boolean {
  try {
    const { stamps, isUsable } = JSON.parse(readFileSync(`${blob}.json`, 'utf8')) as SnapshotRecord;
    const isAsItWas = [...MAKERS, ...Object.keys(stamps)].every((path) => stamp(path) === stamps[path]);
    return isAsItWas && (stamp(blob) !== '') === isUsable;
  } catch {
    return false;
  }
}

/** A snapshot that no process can start from goes. */
function keep(blob: string, record: SnapshotRecord): void {
  if (!record.isUsable) rmSync(blob, { force: true });
  writeAtomicallySync(`${blob}.json`, JSON.stringify(record));
}

function stampsOf(paths: readonly string[]): SnapshotRecord['stamps'] {
  return Object.fromEntries(paths.map((path) => [path, stamp(path)]));
}

/** Makes the snapshot for cells in the folder anew. */
function update(cwd: string, blob: string): void {
  const wanted = wishes(cwd);
  // As they are before they are read: what changes meanwhile makes the snapshot stale.
  const stamps = stampsOf([...MAKERS, wanted.path, ...wanted.files]);
  keep(blob, { stamps, isUsable: make(blob, wanted) });
}

/** Updates the snapshots in which a file has changed; those of an older compiler or build of this Node go. */
function main(): void {
  inScratch('elsewhere', (elsewhere) => {
    const places = [packageFile('notebooks'), elsewhere].map((cwd) => ({ cwd, name: snapshotName(placeOf(cwd)) }));
    const stale = places.filter(({ name }) => !isFresh(join(snapshotFolder(), name)));
    mkdirSync(snapshotFolder(), { recursive: true });
    const isUsable = stale.length > 0 && canThreadsLoad();
    for (const { cwd, name } of stale) {
      const blob = join(snapshotFolder(), name);
      if (isUsable) update(cwd, blob);
      else keep(blob, { stamps: stampsOf(MAKERS), isUsable });
    }
    const names = places.map(({ name }) => name);
    for (const other of readdirSync(snapshotFolder())) {
      if (!other.startsWith(`${process.version}-`) || names.includes(other.replace(/\.json$/, ''))) continue;
      if (/\.blob(\.json)?$/.test(other)) rmSync(join(snapshotFolder(), other));
    }
  });
}

if (process.argv[2] === LIST) process.stdout.write(JSON.stringify(listing()));
else main();
