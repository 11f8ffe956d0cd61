import { basename } from 'node:path';
import { MultiBar, type SingleBar } from 'cli-progress';
import type { RunEvent } from '../../notebook/runner/run';
import type { CommandIo } from '../io';

/** How runs are going, on stderr: a bar per notebook on a terminal, a line per cell elsewhere. */
export interface RunProgress {
  onEvent(event: RunEvent): void;
  /** A line that stays. */
  log(line: string): void;
  /** Leaves the terminal as it was; nothing may follow. */
  stop(): void;
}

export function createProgress({ stderr }: Pick<CommandIo, 'stderr'>): RunProgress {
  return stderr.isTTY === true ? bars(stderr) : lines(stderr);
}

function lines(stderr: CommandIo['stderr']): RunProgress {
  const log = (line: string): void => void stderr.write(`${line}\n`);
  return {
    log,
    stop: () => {},
    onEvent: (event) => {
      const name = basename(event.path);
      if (event.type === 'cell-end') {
        log(`${name}  cell ${event.cell}/${event.cells}  ${event.ok ? 'ok' : 'failed'}  ${event.milliseconds} ms`);
      } else if (event.type !== 'start' && event.type !== 'cell-start') log(`${name}  ${outcome(event)}`);
    },
  };
}

type Outcome = Extract<RunEvent, { type: 'end' | 'reused' | 'changed' | 'unfinished' }>;

function outcome(event: Outcome): string {
  if (event.type === 'reused') return 'unchanged, its outputs are reused';
  if (event.type === 'unfinished')
    return `warning: work that no cell awaits goes on after the last cell (${event.work.join(', ')}): what it shows is lost; write await before it`;
  if (event.type === 'changed') return `runs from its first cell: ${event.reason}`;
  return `${event.ok ? 'done' : 'failed'} in ${(event.milliseconds / 1000).toFixed(1)} s`;
}

function bars(stderr: CommandIo['stderr']): RunProgress {
  const all = new MultiBar({
    stream: stderr as unknown as NodeJS.WritableStream,
    format: '{name}  {bar}  {value}/{total}  {duration_formatted}  {state}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 20,
    hideCursor: true,
    autopadding: true,
    gracefulExit: false,
    emptyOnZero: true,
  });
  const shown = new Map<string, SingleBar>();
  // Bars are redrawn in place: lines wait until they stand still.
  const later: string[] = [];
  const barOf = ({ path }: RunEvent, cells: number): SingleBar => {
    const bar = shown.get(path) ?? all.create(cells, 0, { name: basename(path), state: '' });
    shown.set(path, bar);
    bar.setTotal(cells);
    return bar;
  };
  return {
    log: (line) => void later.push(`${line}\n`),
    stop: () => {
      all.stop();
      stderr.write(later.join(''));
    },
    onEvent: (event) => {
      if (event.type === 'start') barOf(event, event.cells);
      else if (event.type === 'cell-start') {
        barOf(event, event.cells).update(event.cell - 1, { state: firstLine(event.source) });
      } else if (event.type === 'cell-end') barOf(event, event.cells).update(event.cell);
      else if (event.type === 'reused') barOf(event, event.cells).update(event.cells, { state: outcome(event) });
      else if (event.type === 'changed' || event.type === 'unfinished')
        later.push(`${basename(event.path)}  ${outcome(event)}\n`);
      else {
        const bar = shown.get(event.path);
        bar?.update({ state: outcome(event) });
        bar?.stop();
      }
    },
  };
}

function firstLine(source: string): string {
  return source.trim().split('\n')[0] ?? '';
}
