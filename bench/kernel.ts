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

async function measure(kernel: KernelName): Promise<Record<Measure, number>> {
  const client = await Client.start(kernel, notebooks);
  try {
    const info = await client.ready();
    const first = await timed(() => client.request('execute_request', { code: '1 + 1' }));
    const imported = await timed(() =>
      client.request('execute_request', {
        code: "import { klDivergence, Normal } from 'gmm-vae'; klDivergence(new Normal(1, 1), new Normal(0, 1))",
      }),
    );
    const trivial = await medianOf(40, (i) => client.request('execute_request', { code: `${i} + 1` }));

    const completion = await medianOf(20, (i) => {
      const code = `const root${i} = Math.sq`;
      return client.request('complete_request', { code, cursor_pos: code.length });
    });
    const pid = client.child.pid ?? 0;
    const before = memory(pid);
    for (let i = 0; i < 500; i++) await client.request('execute_request', { code: `const v${i % 20} = ${i};` });
    const grown = memory(pid) - before;
    const start = performance.now();
    await client.request('shutdown_request', { restart: false }, 'control');
    return {
      'first kernel_info, ms': info,
      'first cell, ms': first,
      'trivial cell, ms': trivial,
      "`import … from 'gmm-vae'` cell, ms": imported,
      'completion, ms': completion,
      'memory grown by 500 cells, MB': grown,
      'exit after shutdown, ms': await client.exited(start),
    };
  } finally {
    client.close();
  }
}

async function main(): Promise<void> {
  const results: Record<KernelName, Record<Measure, number>[]> = { 'gmm-vae': [], tslab: [] };
  for (let round = 0; round < rounds; round++) {
    for (const kernel of KERNELS) {
      results[kernel].push(await measure(kernel));
      process.stderr.write(`round ${round + 1} of ${rounds}: ${kernel}\n`);
    }
  }
  const of = (kernel: KernelName, name: Measure) => Math.round(median(results[kernel].map((result) => result[name])));
  console.log(`Medians of ${rounds} kernels each, started in turns; Node ${process.versions.node}.\n`);
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
