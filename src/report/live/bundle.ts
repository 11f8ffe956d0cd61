import { pinned } from '../../live/pinned';
import type { Program } from '../../live/program';
import { packageFile } from '../../package';
import { bundleScript } from './bundle-script';

const browser = (...names: string[]): string => packageFile('dist', 'browser', ...names);

/** One script for the web worker of a page: the programs of its live cells, and what they use of the library, once. */
export function bundleWorker(programs: readonly Program[]): string {
  return bundleScript(pinned(workerModule(programs), (name) => browser('elementary', `${name}.mjs`)));
}

/** The names that programs import from the library. */
function importsOf(programs: readonly Program[]): string[] {
  const names = programs.flatMap(({ nodes }) => nodes.flatMap((node) => (node.kind === 'library' ? [node.name] : [])));
  return [...new Set(names)].toSorted();
}

function workerModule(programs: readonly Program[]): string {
  const names = importsOf(programs);
  const from = JSON.stringify(browser('browser.mjs'));
  const single = names.filter((name) => name !== '*');
  const imports = single.map((name, i) => `${name} as library${i}`).join(', ');
  const library = single.map((name, i) => `${JSON.stringify(name)}: library${i}`);
  if (names.includes('*')) library.push('"*": everything');
  const cells = programs.map(({ sources, ...program }) => {
    const factories = sources.map((source) => `($captured) => ${source}`).join(',\n');
    return `{ program: ${JSON.stringify(program)}, factories: [${factories}] }`;
  });
  return [
    `import { serve } from ${JSON.stringify(browser('worker.mjs'))};`,
    `import { ${imports} } from ${from};`,
    names.includes('*') ? `import * as everything from ${from};` : '',
    // An interrupt stops a cell of the kernel at these; a page has none.
    'const $beforeAwait = (value) => value, $afterAwait = (value) => value;',
    `serve(self, [${cells.join(',\n')}], { ${library.join(', ')} });`,
  ].join('\n');
}
