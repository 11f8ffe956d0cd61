// The process that runs a notebook's cells. The session (../session.ts) starts it, and replaces it when it cannot be stopped.
import { setImmediate as setImmediateCallback } from 'node:timers';
import { packageFile } from '../../package';
import { provideNotebookHost } from '../host';
import type { Question, WorkerReplies, WorkerRequest } from '../session/protocol';
import { withoutSnapshot } from '../snapshot/blob';
import { Cells } from './cells';
import { Comms } from './comms';
import { Execution } from './execution';
import { Foreground, Interrupt } from './foreground';
import { endCell } from './interruption';
import { inspectText, usable } from './language';
import { ask, captureStreams, compiling, emit, inCell, quietly, show } from './output';
import { reachableFallbacks, showBundle, tslabPackage } from './packages';
import { dieWithParent, garbageCollector } from './process-care';
import { Stdin } from './stdin';
import { unfinishedWork } from './unfinished';
import { showWarnings } from './warnings';

interface Parts {
  readonly cells: Cells;
  readonly comms: Comms;
  readonly interrupt: Interrupt;
  readonly foreground: Foreground;
  readonly execution: Execution;
  /** The cell that runs; undefined between two of them. */
  active: number | undefined;
}

type Handlers = {
  readonly [K in Question]: (parts: Parts, request: WorkerRequest<K>) => WorkerReplies[K] | Promise<WorkerReplies[K]>;
};

const HANDLERS: Handlers = {
  execute: (parts, request) =>
    inCell(request.id, async () => {
      parts.active = request.id;
      try {
        return await parts.foreground.work(() => parts.execution.execute(request));
      } finally {
        parts.active = undefined;
      }
    }),
  comm: async ({ comms, foreground }, { id, messages, urgent }) => {
    if (urgent) comms.receive(id, messages);
    else {
      await foreground.work(() => comms.receive(id, messages));
    }
    return null;
  },
  complete: ({ cells }, { code, cursor }) => {
    const { start, end, candidates } = compiling(() => cells.compiler.complete(cells.declarations, code, cursor));
    return { start, end, matches: usable(candidates, code, start) };
  },
  inspect: ({ cells }, { code, cursor }) => ({ text: compiling(() => inspectText(cells, code, cursor)) }),
  isComplete: ({ cells }, { code }) => compiling(() => cells.compiler.completeness(code)),
  interrupt: ({ interrupt }) => {
    interrupt.abort();
    return null;
  },
  unfinished: () => unfinishedWork(),
};

async function handle(parts: Parts, request: WorkerRequest): Promise<void> {
  const handler = HANDLERS[request.kind] as (parts: Parts, request: WorkerRequest) => WorkerReplies[Question];
  try {
    emit({ kind: 'reply', id: request.id, value: await handler(parts, request) });
  } catch (error) {
    // Whoever asked must hear of it, or would wait for ever.
    emit({ kind: 'failure', id: request.id, message: (error as Error).message });
  }
}

function promptOf(allowed: () => boolean): (message?: string) => string | null {
  return (message = '') => {
    if (!allowed()) throw new Error('prompt(): this front end does not answer questions (allow_stdin is false)');
    return ask(message, false);
  };
}

function provideHost({ comms, cells, interrupt }: Parts): void {
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
    quietly,
    get signal() {
      return interrupt.handOut();
    },
  });
}

function makeParts(cwd: string): Parts {
  const interrupt = new Interrupt();
  const cells = new Cells({
    cwd,
    isJavaScript: process.argv.includes('javascript'),
    projectFile: packageFile('package.json'),
    fallbacks: () => reachableFallbacks(cwd),
    builtins: {
      prompt: {
        declaration: 'declare function prompt(message?: string): string | null;',
        value: promptOf(() => execution.allowsStdin),
      },
    },
    special: { tslab: tslabPackage },
  });
  const comms = new Comms({
    emit: (cell, news, answers) => emit({ kind: 'comm', cell, news, ...(answers !== undefined && { answers }) }),
    describe: (thrown) => cells.describe(thrown),
    wake: () => setImmediateCallback(foreground.runUnasked),
  });
  const foreground = new Foreground(comms, interrupt);
  const execution = new Execution({ cells, interrupt, finishStdin: (cell) => stdin.finish(cell) });
  const parts: Parts = { cells, comms, interrupt, foreground, execution, active: undefined };
  provideHost(parts);
  captureStreams();
  const stdin = new Stdin({
    running: () => parts.active,
    allowed: () => execution.allowsStdin,
    ask: (prompt) => ask(prompt, false),
    fail: (cell, error) => endCell(cell, error) || execution.showLate(error),
  });
  return parts;
}

/** A pause after a cell's reply, in which the next one of a running notebook would have come. */
const IDLE_MS = 20;
/** One in which a person reads or writes. */
const PAUSE_MS = 1000;

function main(): void {
  // An error deep inside a library is to reach the cell's own line.
  Error.stackTraceLimit = 100;
  process.execArgv = withoutSnapshot(process.execArgv);
  process.on('disconnect', () => process.exit(0));
  // Breaks a synchronous loop, by the watchdog that cells run under. What else is to stop is told by a message, which
  // cannot arrive before the cell that it is meant for.
  process.on('SIGINT', () => {});
  const parts = makeParts(process.cwd());
  if (process.env.NODE_NO_WARNINGS !== '1') showWarnings((text) => process.stderr.write(text));
  Error.prepareStackTrace = parts.cells.sources.prepareStackTrace;
  const tidy = garbageCollector();
  const catchUp = (): void => parts.cells.compiler.catchUp();
  process.on('uncaughtException', parts.execution.showLate);
  process.on('unhandledRejection', parts.execution.showLate);
  process.on('message', (request: WorkerRequest) => {
    handle(parts, request).finally(() => {
      setTimeout(tidy, IDLE_MS).unref();
      setTimeout(catchUp, PAUSE_MS).unref();
    });
  });
  if (process.argv.includes('unguarded')) dieWithParent();
  emit({ kind: 'ready' });
}

main();
