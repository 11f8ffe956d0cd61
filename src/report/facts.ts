import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinText, type Notebook } from '../notebook/ipynb';
import { declaredParameters } from '../notebook/parameters';

/** One line of a title block: what it is and its value, plain text. */
export type Fact = readonly [name: string, value: string];

/** The parameters of a notebook as its parameters cell declares them and an injected one sets them. */
export function parametersOf(notebook: Notebook): Map<string, string> {
  const parameters = new Map(declaredParameters(notebook) ?? []);
  for (const cell of notebook.cells) {
    if (!cell.metadata.tags?.includes('injected-parameters')) continue;
    for (const [, name = '', value = ''] of joinText(cell.source).matchAll(/^(\w+) = (.*);$/gm))
      parameters.set(name, value);
  }
  return parameters;
}

/** The facts that are the same for every run with the same inputs: versions and parameters, device and seed by name. */
export function notebookFacts(notebook: Notebook): Fact[] {
  const parameters = parametersOf(notebook);
  const named = (name: string, title: string): Fact[] => {
    const value = parameters.get(name);
    return value === undefined ? [] : [[title, value.replace(/^['"]|['"]$/g, '')]];
  };
  const others = [...parameters].filter(([name]) => name !== 'seed' && name !== 'device');
  const list = others.map(([name, value]) => `${name} = ${value}`).join(', ');
  const authors = notebook.metadata.authors;
  const names = Array.isArray(authors)
    ? authors.map((one: { name?: unknown }) => String(one?.name ?? one)).join(', ')
    : '';
  return [
    ...(names === '' ? [] : ([['Authors', names]] satisfies Fact[])),
    ['Versions', versions()],
    ...(list === '' ? [] : ([['Parameters', list]] satisfies Fact[])),
    ...named('device', 'Device'),
    ...named('seed', 'Seed'),
  ];
}

/** `gmm-vae 0.1.0, Node 20.20.0, tslab 1.0.22`. */
export function versions(): string {
  const of = (path: string): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  const own = of(join(__dirname, '../../package.json'));
  return `gmm-vae ${own}, Node ${process.versions.node}, tslab ${of(require.resolve('tslab/package.json'))}`;
}

/** When and how long: the one line that differs between two equal runs. */
export function runFact(startedAt: number, seconds: number): Fact {
  const date = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
  return ['Run', `${date} UTC, in ${formatSeconds(seconds)}`];
}

export function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
