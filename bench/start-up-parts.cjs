// Prints the processor time, in milliseconds since the process began, at which each part of the start of a process of cells is done, as
// JSON: for start-up.mjs, which starts it as the session starts such a process. Argument: a checkout.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** @type {[part: string, end: number][]} */
const ends = [];
/** @param {string} part */
const done = (part) => ends.push([part, spent()]);

done('Node, and the memory from the snapshot');
const load = createRequire(join(process.argv[2] ?? '', 'dist', 'notebook', 'worker', 'main.js'));
for (const part of ['cells', 'comms', 'execution', 'output', 'packages', 'stdin']) load(`./${part}`);
done('modules of the worker');
const { CellCompiler } = load('./compile');
const { reachableFallbacks } = load('./packages');
const cells = new CellCompiler(process.cwd(), () => reachableFallbacks(process.cwd()), false);
done('first program: tsconfig, packages, types of Node');
cells.compile('', '');
done('check and code of an empty cell');
cells.compile('', '1 + 1');
done('check and code of `1 + 1`');
const cell = cells.compile(
  '',
  "import { klDivergence, Normal } from 'gmm-vae'; klDivergence(new Normal(1, 1), new Normal(0, 1))",
);
if (!cell.ok) throw new Error(JSON.stringify(cell.diagnostics));
done("types of 'gmm-vae', check and code of the import cell");
const { klDivergence, Normal } = load('gmm-vae');
klDivergence(new Normal(1, 1), new Normal(0, 1));
done("what the import cell loads of 'gmm-vae'");
process.stdout.write(JSON.stringify(ends), () => process.exit());
