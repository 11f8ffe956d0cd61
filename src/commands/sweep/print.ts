import type { collect } from '../../sweep/collect';
import type { Queued } from './engines/engine';
import { remedyOf } from './engines/slurm';

export type Collected = ReturnType<typeof collect>;

/** A line a trial: its state, and what there is to say about it. */
export function statusText({ trials }: Collected, queue: readonly Queued[]): string {
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

/** Markdown: a row a setting, ± one standard error over its seeds. */
export function table({ trials, groups }: Collected): string {
  const metrics = [...new Set(groups.flatMap(({ mean }) => Object.keys(mean)))];
  const varied = [...new Set(groups.flatMap(({ options }) => Object.keys(options)))].filter(
    (name) => new Set(groups.map(({ options }) => String(options[name]))).size > 1,
  );
  const cell = (group: Collected['groups'][number], metric: string) => {
    const [mean, error] = [group.mean[metric], group.standardError[metric]];
    if (mean === undefined) return '–';
    return error == null ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${error.toFixed(2)}`;
  };
  const columns = [...varied, 'seeds', ...metrics];
  const rows = groups.map((group) => [
    ...varied.map((name) => String(group.options[name] ?? '–')),
    String(group.n),
    ...metrics.map((metric) => cell(group, metric)),
  ]);
  const lines = [columns, columns.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |\n`);
  const open = trials.filter(({ state }) => state !== 'done').map(({ id, state }) => `${id}: ${state}\n`);
  return [...lines, ...(open.length > 0 ? ['\n', ...open] : [])].join('');
}
