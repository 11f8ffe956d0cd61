import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { compiledFile, packageFile } from '../../package';
import { snapshotFlags, WORKER_FLAGS } from '../snapshot/blob';
import { EVENT_FD, type WorkerEvent } from './protocol';

export interface WorkerOptions {
  /** The notebook's folder: relative imports and files start there. */
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether cells are JavaScript, which is run without being checked. */
  readonly isJavaScript?: boolean;
  /** True where nobody can move a control of a live cell. */
  readonly isUnattended?: boolean;
}

/** A process that runs cells, seen from the session. */
export interface Worker {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  isReady: boolean;
  /** True once its end is no surprise. */
  abandoned: boolean;
  lastWords(): string;
}

/** What a process does, as its starter sees it. */
export interface WorkerListener {
  receive(event: WorkerEvent): void;
  /** What native code and Node itself print past the worker's own streams. */
  print(name: 'stdout' | 'stderr', text: string): void;
}

export function startWorker(options: WorkerOptions, listener: WorkerListener): Worker {
  const env = options.env ?? process.env;
  const flags = [...(options.isJavaScript ? ['javascript'] : []), ...(options.isUnattended ? ['unattended'] : [])];
  const child = fork(workerEntry(), flags, {
    cwd: options.cwd,
    env,
    // The worker shows them itself.
    execArgv: [...WORKER_FLAGS, ...snapshotFlags(env, options.cwd)],
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
  });
  let words = '';
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      if (name === 'stderr') words = (words + text).slice(-2000);
      listener.print(name, text);
    });
  }
  // A process that ends takes its pipes along, also those with something unread in them: its exit tells all there is to tell.
  for (const pipe of child.stdio) pipe?.on('error', () => {});
  child.on('error', () => {});
  let markReady: () => void = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    markReady = resolve;
    child.once('error', reject);
    whenOver(child, (code, signal) => reject(new KernelDied(code, signal, words)));
  });
  ready.catch(() => {});
  const worker: Worker = { child, ready, isReady: false, abandoned: false, lastWords: () => words };
  readLines(child.stdio[EVENT_FD] as Readable, (line) => {
    if (worker.abandoned || line === '') return;
    const event = parseEvent(line);
    if (event === null) listener.print('stderr', `${line}\n`);
    else if (event.kind === 'ready') {
      worker.isReady = true;
      markReady();
    } else listener.receive(event);
  });
  return worker;
}

/** What a dead process has printed is in its pipe for this long at most; beyond it, a process that it left behind holds the pipe. */
const LAST_WORDS_MS = 250;

/** Calls back once a process is over and what it printed last, which says why, has been read. */
export function whenOver(child: ChildProcess, then: (code: number | null, signal: string | null) => void): void {
  child.once('exit', (code, signal) => {
    const { stderr } = child;
    const tell = (): void => {
      clearTimeout(limit);
      stderr?.off('end', tell);
      then(code, signal);
    };
    const limit = setTimeout(tell, LAST_WORDS_MS);
    if (stderr === null || stderr.readableEnded) tell();
    else stderr.once('end', tell);
  });
}

/** Returns the compiled worker; its process cannot run sources. */
function workerEntry(): string {
  return compiledFile('notebook/worker/main') ?? packageFile('dist', 'notebook', 'worker', 'main.js');
}

/** The event in a line, or null where a cell has written to this pipe by itself. */
function parseEvent(line: string): WorkerEvent | null {
  try {
    const event = JSON.parse(line) as WorkerEvent | null;
    const isEvent = typeof event?.kind === 'string' && (event.kind !== 'output' || typeof event.output === 'object');
    return isEvent ? event : null;
  } catch {
    return null;
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let parts: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const pieces = chunk.split('\n');
    for (const piece of pieces.slice(0, -1)) {
      parts.push(piece);
      onLine(parts.join(''));
      parts = [];
    }
    parts.push(pieces.at(-1) ?? '');
  });
}

export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('the cell was interrupted before it began');
  }
}

export class KernelRestarted extends Error {
  override readonly name = 'KernelRestarted';

  constructor(waitedMs: number) {
    const why =
      waitedMs > 0 ? `the code did not stop within ${(waitedMs / 1000).toFixed(1)} s of the interrupt, so ` : '';
    super(`${why}the kernel was restarted and its variables are gone: run the cells above again`);
  }
}

/** What a process says that ends itself: an error of JavaScript, an assertion of Node.js, an exception of C++. */
const LAST_WORDS =
  /^\w*Error\b|^ *# *Assertion failed|^[\w./-]+(\[\d+\])?:.* [Aa]ssertion .* failed|^terminate called|^ *what\(\):/;

export class KernelDied extends Error {
  override readonly name = 'KernelDied';

  constructor(code: number | null, signal: string | null, lastWords: string) {
    const memory = /heap out of memory|Allocation failed/.test(lastWords) ? ' (out of memory)' : '';
    const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
    const error = memory
      ? undefined
      : lastWords
          .split('\n')
          .find((line) => LAST_WORDS.test(line))
          ?.trim();
    super(
      `the process that ran the cell ${how}${memory}${error ? `: ${error}` : ''}; its variables are gone: run the cells above again`,
    );
  }
}
