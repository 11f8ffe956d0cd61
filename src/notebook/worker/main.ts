// The process that runs a notebook's cells. The session (../session.ts) starts it, and replaces it when it cannot be stopped.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as setImmediateCallback } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../package';
import { provideNotebookHost } from '../host';
import { installedFolder } from '../installed';
import type {
  CellError,
  ExecuteReply,
  Question,
  UserExpressionResult,
  WorkerReplies,
  WorkerRequest,
} from '../session/protocol';
import { Cells } from './cells';
import { Comms } from './comms';
import { endCell } from './interruption';
import { inspectText, pagerName, usable } from './language';
import { ask, captureStreams, cellOfCaller, compiling, emit, INTERRUPTED, inCell, show } from './output';
import { normalise, render } from './render';
import { Stdin } from './stdin';
import { interrupted } from './traceback';
import { showWarnings } from './warnings';

/** Importable from every notebook, wherever it lies. */
const PACKAGES = ['gmm-vae', 'danfojs-node', 'tslab', '@tensorflow/tfjs'];

const root = packageFile();
let interrupt = new AbortController();
/** Whether code of the running cell has asked for the signal, and so may end in good order by itself. */
let signalIsUsed = false;

const interruption = (): DOMException => new DOMException('the cell was interrupted', 'AbortError');

/** The time that awaited code has after an interrupt to wind up by itself before the cell is ended without it. */
const windUpMs = (): number => (signalIsUsed ? 1200 : 300);

function reachableFallbacks(cwd: string): Record<string, string> {
  const here = createRequire(join(cwd, 'cell.js'));
  const folders: Record<string, string> = {};
  for (const name of PACKAGES) {
    try {
      here.resolve(`${name}/package.json`);
    } catch {
      const folder = name === 'gmm-vae' ? root : installedFolder(root, name);
      if (folder !== null) folders[name] = folder;
    }
  }
  return folders;
}

/** The `tslab` that cells import shows its displays through this kernel. */
function tslabPackage(): unknown {
  const jupyter = require('tslab/dist/jupyter') as { lastWriteDisplayData: unknown };
  jupyter.lastWriteDisplayData = (
    content: { data: Record<string, unknown>; transient?: { display_id?: string } },
    update: boolean,
  ) => showBundle(content.data, { ...idOf(content.transient?.display_id), update });
  return require('tslab');
}

function idOf(displayId: string | undefined): { displayId?: string } {
  return displayId === undefined ? {} : { displayId };
}

function showBundle(
  data: Record<string, unknown>,
  { displayId, update }: { displayId?: string; update?: boolean },
): void {
  const bundle = { data: normalise(data), metadata: {} };
  if (update && displayId !== undefined) show({ type: 'update_display_data', ...bundle, displayId });
  else show({ type: 'display_data', ...bundle, ...idOf(displayId) });
}

function provideHost(comms: Comms, cells: Cells): void {
  provideNotebookHost({
    comms,
    isUnattended: process.argv.includes('unattended'),
    carry: (fn) => {
      try {
        return cells.carry(fn);
      } catch (error) {
        return { reason: (error as Error).message };
      }
    },
    display: showBundle,
    clearOutput: (wait) => show({ type: 'clear_output', wait }),
    get signal() {
      signalIsUsed = true;
      return interrupt.signal;
    },
  });
}

type Execute = WorkerRequest<'execute'>;

function promptOf(allowed: () => boolean): (message?: string) => string | null {
  return (message = '') => {
    if (!allowed()) throw new Error('prompt(): this front end does not answer questions (allow_stdin is false)');
    return ask(message, false);
  };
}

let comms: Comms;
/** How many cells and messages are being worked on. */
let busy = 0;

/** What was scheduled outside of any cell or message, by a timer say. */
function runUnasked(): void {
  if (busy === 0) void comms.runScheduled(interrupt.signal, windUpMs);
}

/** Works on a cell or on messages, and then on what that has scheduled. */
async function withCallbacks<T>(work: () => Promise<T> | T): Promise<T> {
  busy += 1;
  const wasInterrupted = interrupt.signal.aborted;
  try {
    // Begins at once where nothing runs: an interrupt may have come in the same piece of input, and must find the cell begun.
    if (comms.isRunning) await comms.idle();
    const told = !wasInterrupted && interrupt.signal.aborted;
    interrupt = new AbortController();
    signalIsUsed = false;
    // What came while this waited is meant for it too.
    if (told) interrupt.abort(interruption());
    return await work();
  } finally {
    await comms.runScheduled(interrupt.signal, windUpMs);
    busy -= 1;
  }
}

let stdinAllowed = false;
let stdin: Stdin;
/** The cell that runs; undefined between two of them. */
let active: number | undefined;

/** What went wrong in the running cell beside its own thread: a promise that nobody caught, a timer. Already shown. */
const besides: CellError[] = [];
let runningCell: number | undefined;

function showLate(cells: Cells, thrown: unknown): void {
  // The rest of a cell that was given up ends by this.
  if (thrown === INTERRUPTED) return;
  const error = cells.describe(thrown);
  show({ type: 'error', ...error });
  if (cellOfCaller() === runningCell) besides.push(error);
}

async function execute(cells: Cells, request: Execute): Promise<ExecuteReply> {
  const page = pagerName(request.code);
  if (page !== null) {
    const text = compiling(() => inspectText(cells, page, page.length)) ?? `${page}: no such name`;
    return { status: 'ok', payload: [{ source: 'page', data: { 'text/plain': text }, start: 0 }], userExpressions: {} };
  }
  stdinAllowed = request.allowStdin;
  runningCell = request.id;
  besides.length = 0;
  const result = await cells.run(request.code, request.count, interrupt.signal, windUpMs);
  const left = result.ok && (await stdin.finish(request.id)) ? interrupted() : undefined;
  if (left) {
    show({ type: 'error', ...left });
    return { status: 'error', ...left };
  }
  // A promise that nobody caught is reported before the reply, not after the front end has stopped listening.
  await setImmediate();
  const [beside] = besides;
  if (result.ok && beside) return { status: 'error', ...beside };
  try {
    if (!result.ok) throw result.error;
    if (result.hasValue && !request.silent) {
      const data = await render(result.value);
      // What has nothing to show has shown itself.
      if (Object.keys(data).length > 0) show({ type: 'execute_result', data, metadata: {} });
    }
  } catch (thrown) {
    const error = result.ok ? cells.describe(thrown) : result.error;
    show({ type: 'error', ...error });
    return { status: 'error', ...error };
  }
  return { status: 'ok', payload: [], userExpressions: await userExpressions(cells, request.userExpressions) };
}

async function userExpressions(
  cells: Cells,
  expressions: Readonly<Record<string, string>>,
): Promise<Record<string, UserExpressionResult>> {
  const results: Record<string, UserExpressionResult> = {};
  for (const [name, expression] of Object.entries(expressions)) {
    const result = await cells.evaluate(expression, interrupt.signal, windUpMs);
    results[name] = result.ok
      ? { status: 'ok', data: await render(result.value), metadata: {} }
      : { status: 'error', ...result.error };
  }
  return results;
}

type Handlers = {
  readonly [K in Question]: (cells: Cells, request: WorkerRequest<K>) => WorkerReplies[K] | Promise<WorkerReplies[K]>;
};

const HANDLERS: Handlers = {
  execute: (cells, request) =>
    inCell(request.id, async () => {
      active = request.id;
      try {
        return await withCallbacks(() => execute(cells, request));
      } finally {
        active = undefined;
      }
    }),
  comm: async (_, { id, messages, urgent }) => {
    if (urgent) comms.receive(id, messages);
    else {
      await withCallbacks(() => comms.receive(id, messages));
    }
    return null;
  },
  complete: (cells, { code, cursor }) => {
    const { start, end, candidates } = compiling(() => cells.compiler.complete(cells.declarations, code, cursor));
    return { start, end, matches: usable(candidates, code, start) };
  },
  inspect: (cells, { code, cursor }) => ({ text: compiling(() => inspectText(cells, code, cursor)) }),
  isComplete: (cells, { code }) => compiling(() => cells.compiler.completeness(code)),
  interrupt: () => {
    interrupt.abort(interruption());
    return null;
  },
};

/** A pause after a cell's reply, in which the next one of a running notebook would have come. */
const IDLE_MS = 20;
/** Growth of the heap after which garbage is collected between two cells; left alone, V8 would let it pile up. */
const COLLECT_BYTES = 24 * 1024 * 1024;

/** Collects when there is enough to collect, through a collector that the cells do not see. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose_gc');
  let kept = process.memoryUsage().heapUsed;
  return () => {
    if (process.memoryUsage().heapUsed < kept + COLLECT_BYTES) return;
    collect();
    kept = process.memoryUsage().heapUsed;
  };
}

async function handle(cells: Cells, request: WorkerRequest): Promise<void> {
  const handler = HANDLERS[request.kind] as (cells: Cells, request: WorkerRequest) => WorkerReplies[Question];
  try {
    emit({ kind: 'reply', id: request.id, value: await handler(cells, request) });
  } catch (error) {
    // Whoever asked must hear of it, or would wait for ever.
    emit({ kind: 'failure', id: request.id, message: (error as Error).message });
  }
}

/** When the session's process is killed outright, an endless loop in a cell would outlive it; this thread ends it. */
function dieWithParent(): void {
  // The parent of now: by the time that the thread has started, on a busy machine, it may be gone.
  const watch = `const parent = ${process.ppid};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`;
  new Worker(watch, { eval: true, stdout: false, stderr: false }).unref();
}

function main(): void {
  // An error deep inside a library is to reach the cell's own line.
  Error.stackTraceLimit = 100;
  const cwd = process.cwd();
  process.on('disconnect', () => process.exit(0));
  // Breaks a synchronous loop, by the watchdog that cells run under. What else is to stop is told by a message, which
  // cannot arrive before the cell that it is meant for.
  process.on('SIGINT', () => {});
  const cells = new Cells({
    cwd,
    isJavaScript: process.argv.includes('javascript'),
    projectFile: join(root, 'package.json'),
    fallbacks: () => reachableFallbacks(cwd),
    builtins: {
      prompt: {
        declaration: 'declare function prompt(message?: string): string | null;',
        value: promptOf(() => stdinAllowed),
      },
    },
    special: { tslab: tslabPackage },
  });
  comms = new Comms({
    emit: (cell, news, answers) => emit({ kind: 'comm', cell, news, ...(answers !== undefined && { answers }) }),
    describe: (thrown) => cells.describe(thrown),
    wake: () => setImmediateCallback(runUnasked),
  });
  provideHost(comms, cells);
  captureStreams();
  stdin = new Stdin({
    running: () => active,
    allowed: () => stdinAllowed,
    ask: (prompt) => ask(prompt, false),
    fail: (cell, error) => endCell(cell, error) || showLate(cells, error),
  });
  if (process.env.NODE_NO_WARNINGS !== '1') showWarnings((text) => process.stderr.write(text));
  Error.prepareStackTrace = cells.sources.prepareStackTrace;
  const tidy = garbageCollector();
  const late = (thrown: unknown): void => showLate(cells, thrown);
  process.on('uncaughtException', late);
  process.on('unhandledRejection', late);
  process.on('message', (request: WorkerRequest) => {
    handle(cells, request).finally(() => setTimeout(tidy, IDLE_MS).unref());
  });
  dieWithParent();
  emit({ kind: 'ready' });
}

main();
