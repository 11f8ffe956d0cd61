// How long the first cells of a kernel take, in processor time, which other processes change least: part by part, cell by cell beside
// other checkouts in turns, or for the cells of a notebook. Linux alone counts the threads of another process.
// After `npm run bootstrap`: node bench/start-up.mjs [--rounds 9] [--notebook notebooks/NAME.ipynb] [other checkouts]
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '9' }, notebook: { type: 'string' } },
});
const rounds = Number(options.rounds);

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
/** @param {string} checkout */
const requireIn = (checkout) => createRequire(join(resolve(checkout), 'dist', 'notebook', 'session', 'session.js'));

/** The median end of each part of the start, in milliseconds of processor time, and what the part takes. @param {string} checkout */
function parts(checkout) {
  const { snapshotFlags, WORKER_FLAGS } = requireIn(checkout)('../snapshot/blob');
  const cwd = join(resolve(checkout), 'notebooks');
  const script = join(HERE, 'bench', 'start-up-parts.cjs');
  const runs = Array.from({ length: rounds }, () => {
    const flags = [...WORKER_FLAGS, ...snapshotFlags({}, cwd)];
    /** @type {[string, number][]} */
    const ends = JSON.parse(
      execFileSync(process.execPath, [...flags, script, resolve(checkout)], { cwd, encoding: 'utf8' }),
    );
    return ends.map(([part, end], i) => [part, end - (ends[i - 1]?.[1] ?? 0)]);
  });
  return runs[0]?.map(([part], i) => [part, median(runs.map((run) => Number(run[i]?.[1])))]) ?? [];
}

/** Processor time of a process: its main thread, and all threads that live; milliseconds. @param {number} pid */
function spent(pid) {
  const ms = readdirSync(`/proc/${pid}/task`).map((thread) => {
    try {
      const [ns = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      return { thread, ms: Number(ns) / 1e6 };
    } catch {
      return { thread, ms: 0 };
    }
  });
  return {
    main: ms.find(({ thread }) => thread === String(pid))?.ms ?? 0,
    all: ms.reduce((sum, one) => sum + one.ms, 0),
  };
}

/** @typedef {{ wall: number, main: number, all: number }} Times */

/**
 * Starts a process of cells and runs them. What a thread has taken that ended before its cell did is not counted.
 * @param {string} checkout @param {string} cwd @param {readonly string[]} cells @param {(times: Times) => void} each
 */
async function run(checkout, cwd, cells, each) {
  const load = requireIn(checkout);
  const processes = load('node:child_process');
  const { fork } = processes;
  let pid = 0;
  processes.fork = (/** @type {Parameters<typeof fork>} */ ...args) => {
    const child = fork(...args);
    pid ||= child.pid;
    return child;
  };
  const began = performance.now();
  const session = new (load('./session').KernelSession)({ cwd, isUnattended: true });
  processes.fork = fork;
  let [wall, last] = [began, { main: 0, all: 0 }];
  const lap = () => {
    const [now, next] = [performance.now(), spent(pid)];
    each({ wall: now - wall, main: next.main - last.main, all: next.all - last.all });
    [wall, last] = [now, next];
  };
  try {
    await session.ready();
    lap();
    for (const [i, code] of cells.entries()) {
      const { status, evalue } = await session.execute(code, { count: i + 1, onOutput: () => {} });
      if (status !== 'ok') throw new Error(`cell ${i + 1}: ${evalue}`);
      lap();
    }
  } finally {
    session.close();
  }
}

/** @param {readonly string[]} heads @param {readonly (readonly (string | number)[])[]} rows */
function print(heads, rows) {
  const line = (/** @type {readonly (string | number)[]} */ cells) =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? Math.round(cell) : cell)).join(' | ')} |`;
  console.log(
    [
      line(heads),
      `|---|${heads
        .slice(1)
        .map(() => '---:|')
        .join('')}`,
      ...rows.map(line),
      '',
    ].join('\n'),
  );
}

const FIRST = {
  'until cells can run': '',
  'first cell, `1 + 1`': '1 + 1',
  "`import … from 'gmm-vae'` cell":
    "import { klDivergence, Normal } from 'gmm-vae'; klDivergence(new Normal(1, 1), new Normal(0, 1))",
  'the cell behind it': '2 + 1',
  'one more': '3 + 1',
};

async function firstCells() {
  const checkouts = [HERE, ...positionals];
  /** @type {Map<string, Times[][]>} */
  const times = new Map(checkouts.map((checkout) => [checkout, Object.keys(FIRST).map(() => [])]));
  for (let round = 0; round < rounds; round++) {
    for (const [checkout, kept] of times) {
      let at = 0;
      const cells = Object.values(FIRST).slice(1);
      await run(checkout, join(resolve(checkout), 'notebooks'), cells, (one) => kept[at++]?.push(one));
    }
  }
  const names = Object.keys(FIRST);
  for (const [checkout, kept] of times) {
    const rows = names.map((name, i) => [
      name,
      ...['wall', 'main', 'all'].map((key) => median((kept[i] ?? []).map((one) => one[/** @type {'all'} */ (key)]))),
    ]);
    print(
      [checkout === HERE ? 'this checkout' : checkout, 'ms', 'processor, main thread', 'processor, all threads'],
      rows,
    );
  }
}

/** @param {string} path */
async function ofNotebook(path) {
  const { cells } = JSON.parse(readFileSync(path, 'utf8'));
  const codes = cells.flatMap((/** @type {{ cell_type: string, source: string[] }} */ { cell_type, source }) =>
    cell_type === 'code' ? [[source].flat().join('')] : [],
  );
  /** @type {(string | number)[][]} */
  const rows = [];
  await run(HERE, dirname(resolve(path)), codes, ({ wall, main, all }) =>
    rows.push([rows.length || 'start', wall, main, all]),
  );
  print(['cell', 'ms', 'processor, main thread', 'processor, all threads'], rows);
}

if (options.notebook === undefined) {
  for (const checkout of [HERE, ...positionals]) {
    print([`start of a process of cells: ${checkout === HERE ? 'this checkout' : checkout}`, 'ms'], parts(checkout));
  }
  await firstCells();
} else await ofNotebook(options.notebook);
process.exit();
