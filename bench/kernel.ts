// Times this project's kernel and tslab's own over the wire, in turns: npx vite-node bench/kernel.ts [rounds]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type KernelName } from '../test/notebook/client';

const KERNELS: readonly KernelName[] = ['gmm-vae', 'tslab'];
const rounds = Number(process.argv[2] ?? 5);
const notebooks = join(__dirname, '..', 'notebooks');

const MEASURES = {
  'first kernel_info, ms': 1000,
  'first cell, ms': null,
  'trivial cell, ms': 60,
  "`import … from 'gmm-vae'` cell, ms": 1500,
  'completion, ms': 150,
  'memory grown by 500 cells, MB': 100,
  'interrupt of a loop, ms': 2000,
  'interrupt of an awaited promise, ms': 2000,
  'interrupt of a loop after an await, ms': 2000,
  'exit after shutdown, ms': 1000,
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

type Results = Partial<Record<Measure, number>>;

/** Fills in what it measures as it goes, so that a kernel that stops answering leaves what came before. */
async function measure(kernel: KernelName, results: Results): Promise<void> {
  const client = await Client.start(kernel, notebooks);
  const run = (code: string) => timed(() => client.request('execute_request', { code }));
  try {
    results['first kernel_info, ms'] = await client.ready();
    results['first cell, ms'] = await run('1 + 1');
    results["`import … from 'gmm-vae'` cell, ms"] = await run(
      "import { klDivergence, Normal } from 'gmm-vae'; klDivergence(new Normal(1, 1), new Normal(0, 1))",
    );
    results['trivial cell, ms'] = await medianOf(40, (i) => run(`${i} + 1`));
    results['completion, ms'] = await medianOf(20, (i) => {
      const code = `const root${i} = Math.sq`;
      return client.request('complete_request', { code, cursor_pos: code.length });
    });
    const pid = client.child.pid ?? 0;
    const before = memory(pid);
    for (let i = 0; i < 500; i++) await run(`const v${i % 20} = ${i};`);
    results['memory grown by 500 cells, MB'] = memory(pid) - before;
    const start = performance.now();
    await client.request('shutdown_request', { restart: false }, 'control');
    results['exit after shutdown, ms'] = await client.exited(start);
  } finally {
    client.close();
  }
}

const INTERRUPTED = {
  'interrupt of a loop, ms': 'for (;;) {}',
  'interrupt of an awaited promise, ms': 'await new Promise(() => {})',
  'interrupt of a loop after an await, ms': 'await 0; for (;;) {}',
} as const;

/** Each in a kernel of its own, since it may hang for good; infinite when the cell has not ended after 10 s. */
async function measureInterrupts(kernel: KernelName, results: Results): Promise<void> {
  for (const [name, code] of Object.entries(INTERRUPTED) as [keyof typeof INTERRUPTED, string][]) {
    const client = await Client.start(kernel, notebooks);
    try {
      await client.ready();
      await client.request('execute_request', { code: '1 + 1' });
      results[name] = (await client.interrupted(code)).ms;
    } catch (error) {
      if (!/in vain for the interrupted cell/.test(String(error))) throw error;
      results[name] = Number.POSITIVE_INFINITY;
    } finally {
      client.close();
    }
  }
}

// A bench that is stopped takes its kernels with it.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

async function main(): Promise<void> {
  const all: Record<KernelName, Results[]> = { 'gmm-vae': [], tslab: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const kernel of KERNELS) {
      const results: Results = {};
      all[kernel].push(results);
      for (const part of [measure, measureInterrupts]) {
        await part(kernel, results).catch((error: Error) => {
          process.stderr.write(`round ${round}, ${kernel}: ${error.message}\n`);
        });
      }
    }
    process.stderr.write(`round ${round} of ${rounds}\n`);
  }
  const of = (kernel: KernelName, name: Measure): string => {
    const values = all[kernel].flatMap((results) => results[name] ?? []);
    if (values.length === 0) return 'no answer';
    const value = median(values);
    return Number.isFinite(value) ? String(Math.round(value)) : 'not within 10 s';
  };
  console.log(`Medians of ${rounds} rounds in turns; Node ${process.versions.node}.\n`);
  console.log('| | limit | this kernel | tslab |\n|---|---:|---:|---:|');
  for (const [name, limit] of Object.entries(MEASURES) as [Measure, number | null][]) {
    console.log(`| ${name} | ${limit ?? ''} | ${of('gmm-vae', name)} | ${of('tslab', name)} |`);
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
