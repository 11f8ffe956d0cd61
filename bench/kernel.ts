// Times this project's kernel and tslab's own over the wire, in turns: npx vite-node bench/kernel.ts [rounds]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type KernelName } from '../test/notebook/client';
import { within } from '../test/notebook/fixtures';

const KERNELS: readonly KernelName[] = ['gmm-vae', 'tslab'];
const rounds = Number(process.argv[2] ?? 5);
const notebooks = join(__dirname, '..', 'notebooks');

const MEASURES = {
  'first kernel_info, ms': 1000,
  'first cell, ms': 600,
  'trivial cell, ms': 60,
  "`import … from 'gmm-vae'` cell, ms": 500,
  'completion, ms': 150,
  'memory grown by 500 cells, MB': 100,
  'interrupt of a loop, ms': 2000,
  'interrupt of an awaited promise, ms': 2000,
  'interrupt of a loop after an await, ms': 2000,
  'exit after shutdown, ms': 1000,
  'exit after shutdown with a timer going, ms': 1000,
} as const;

type Measure = keyof typeof MEASURES;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function medianOf(times: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push(await timed(() => work(i)));
  return median(all);
}

/** Resident memory of a process and all that it started, in MB (Linux). */
function memory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return children.reduce((sum, child) => sum + memory(Number(child)), own);
}

/** A value in the unit of its measure; where none came within the time it had, that time in seconds. */
type Outcome = { readonly value: number } | { readonly waited: number };
type Results = Partial<Record<Measure, Outcome>>;

/** How long a cell may take; tslab's own kernel stops answering now and then, and some interrupts never end. */
const CELL_S = 20;
const INTERRUPT_S = 10;
const KERNEL_S = 180;

const STARTS = 3;

/** A kernel that answers, and the milliseconds until it first did; one that does not come up is started again. */
async function started(kernel: KernelName): Promise<{ client: Client; ms: number }> {
  for (let attempt = 1; ; attempt++) {
    const client = await Client.start(kernel, notebooks);
    try {
      return { client, ms: await client.ready() };
    } catch (error) {
      client.close();
      process.stderr.write(`${kernel}, start ${attempt}: ${(error as Error).message}\n`);
      if (attempt === STARTS) throw error;
    }
  }
}

type Keep = (name: Measure, value: number) => void;

/** Runs `work` on a kernel of its own. What it has not measured when a wait is in vain counts as no answer in that time. */
async function measured(
  kernel: KernelName,
  results: Results,
  waited: number,
  names: readonly Measure[],
  work: (client: Client, keep: Keep, startMs: number) => Promise<void>,
): Promise<void> {
  const { client, ms } = await started(kernel);
  const keep: Keep = (name, value) => {
    results[name] = { value };
  };
  try {
    await within('the measures of one kernel', work(client, keep, ms), KERNEL_S * 1000);
  } catch (error) {
    if (!/in vain/.test(String(error))) throw error;
    process.stderr.write(`${kernel}, ${names.join(' · ')}: ${(error as Error).message}\n`);
    for (const name of names) results[name] ??= { waited };
  } finally {
    client.close();
  }
}

const timedCell = (client: Client, code: string) => timed(() => client.request('execute_request', { code }));

async function measureCells(kernel: KernelName, results: Results): Promise<void> {
  const names: Measure[] = [
    'first kernel_info, ms',
    'first cell, ms',
    "`import … from 'gmm-vae'` cell, ms",
    'trivial cell, ms',
    'completion, ms',
  ];
  await measured(kernel, results, CELL_S, names, async (client, keep, startMs) => {
    keep('first kernel_info, ms', startMs);
    keep('first cell, ms', await timedCell(client, '1 + 1'));
    keep(
      "`import … from 'gmm-vae'` cell, ms",
      await timedCell(
        client,
        "import { klDivergence, Normal } from 'gmm-vae'; klDivergence(new Normal(1, 1), new Normal(0, 1))",
      ),
    );
    keep('trivial cell, ms', await medianOf(20, (i) => timedCell(client, `${i} + 1`)));
    const complete = (i: number) => {
      const code = `const root${i} = Math.sq`;
      return client.request('complete_request', { code, cursor_pos: code.length });
    };
    keep('completion, ms', await medianOf(10, complete));
  });
}

async function measureMemory(kernel: KernelName, results: Results): Promise<void> {
  await measured(kernel, results, CELL_S, ['memory grown by 500 cells, MB'], async (client, keep) => {
    await timedCell(client, "import { klDivergence, Normal } from 'gmm-vae'; new Normal(0, 1).entropy()");
    const pid = client.child.pid ?? 0;
    const before = memory(pid);
    for (let i = 0; i < 500; i++) await timedCell(client, `const v${i % 20} = ${i};`);
    keep('memory grown by 500 cells, MB', memory(pid) - before);
  });
}

const EXITS = {
  'exit after shutdown, ms': '1 + 1',
  'exit after shutdown with a timer going, ms': 'setInterval(() => {}, 1000);',
} as const;

async function measureExits(kernel: KernelName, results: Results): Promise<void> {
  for (const [name, code] of Object.entries(EXITS) as [keyof typeof EXITS, string][]) {
    await measured(kernel, results, CELL_S, [name], async (client, keep) => {
      await timedCell(client, code);
      const start = performance.now();
      await client.request('shutdown_request', { restart: false }, 'control');
      keep(name, await client.exited(start));
    });
  }
}

const INTERRUPTED = {
  'interrupt of a loop, ms': 'for (;;) {}',
  'interrupt of an awaited promise, ms': 'await new Promise(() => {})',
  'interrupt of a loop after an await, ms': 'await 0; for (;;) {}',
} as const;

async function measureInterrupts(kernel: KernelName, results: Results): Promise<void> {
  for (const [name, code] of Object.entries(INTERRUPTED) as [keyof typeof INTERRUPTED, string][]) {
    await measured(kernel, results, INTERRUPT_S, [name], async (client, keep) => {
      await timedCell(client, '1 + 1');
      keep(name, (await client.interrupted(code)).ms);
    });
  }
}

const PARTS = [measureCells, measureMemory, measureExits, measureInterrupts];

/** The median of the rounds that had an answer, and how many had none. */
function summary(outcomes: readonly Outcome[]): string {
  const values = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []));
  const waits = outcomes.flatMap((outcome) => ('waited' in outcome ? [outcome.waited] : []));
  const none = waits.length > 0 ? `no answer in ${waits[0]} s` : '';
  if (values.length === 0) return none || 'not measured';
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.round);
  const range = `${Math.round(median(values))} (${low}–${high})`;
  return none ? `${range}; in ${waits.length} of ${outcomes.length} rounds ${none}` : range;
}

// A bench that is stopped takes its kernels with it.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

async function main(): Promise<void> {
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`rounds: expected a whole number from 1, got ${rounds}`);
  const all: Record<KernelName, Results[]> = { 'gmm-vae': [], tslab: [] };
  for (let round = 1; round <= rounds; round++) {
    const results: Record<KernelName, Results> = { 'gmm-vae': {}, tslab: {} };
    for (const part of PARTS) for (const kernel of KERNELS) await part(kernel, results[kernel]);
    for (const kernel of KERNELS) all[kernel].push(results[kernel]);
    // Each round's table takes in those before, so that a run that is broken off has something to show.
    console.log(toTable(all, round));
  }
}

function toTable(all: Record<KernelName, Results[]>, round: number): string {
  const of = (kernel: KernelName, name: Measure): string =>
    summary(all[kernel].flatMap((results) => results[name] ?? []));
  const rows = (Object.entries(MEASURES) as [Measure, number | null][]).map(
    ([name, limit]) => `| ${name} | ${limit ?? ''} | ${of('gmm-vae', name)} | ${of('tslab', name)} |`,
  );
  const title = `Medians (and ranges) after ${round} of ${rounds} rounds in turns; Node ${process.versions.node}.`;
  return [title, '', '| | limit | this kernel | tslab |', '|---|---:|---:|---:|', ...rows, ''].join('\n');
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
