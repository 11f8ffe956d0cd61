import type { Collection } from '../../sweep/collect';
import type { Queued } from './engines/engine';
import { remedyOf } from './engines/slurm';

/** Prints one line per trial: its state, and why it failed or waits. */
export function statusText({ trials }: Collection, queue: readonly Queued[]): string {
  const queued = new Map(queue.map((task) => [task.id, task]));
  return trials
    .map(({ id, state, error }) => {
      const task = queued.get(id);
      const note = error ?? (task && state !== 'done' ? inQueue(task) : '');
      return `${state.padEnd(9)} ${id}${note && `  ${note}`}\n`;
    })
    .join('');
}

function inQueue(task: Queued): string {
  const remedy = remedyOf(task);
  const reason = task.reason === 'None' ? '' : `: ${task.reason}`;
  return `job ${task.job} ${task.state.toLowerCase()}${reason}${remedy ? `: ${remedy}` : ''}`;
}
