import type { Notebook } from '../notebook/document/ipynb';
import { declaredParameters, injectedParameters } from '../notebook/document/parameters';
import { recordOf } from '../notebook/runner/record';

/** One line of a title block: what it is and its value, plain text. */
export type Fact = readonly [name: string, value: string];

/** The parameters of a notebook as its parameters cell declares them and an injected one sets them. */
export function parametersOf(notebook: Notebook): Map<string, string> {
  return new Map([...(declaredParameters(notebook) ?? []), ...injectedParameters(notebook)]);
}

/**
 * The facts that are the same for every run with the same inputs: authors, versions, parameters, device and seed. Versions
 * and device are those of the run, where the notebook has kept them.
 */
export function notebookFacts(notebook: Notebook, moreAuthors: readonly string[] = []): Fact[] {
  const record = recordOf(notebook);
  const parameters = parametersOf(notebook);
  const named = (name: string, title: string): Fact[] => {
    const value = parameters.get(name);
    return value === undefined ? [] : [[title, value.replace(/^['"]|['"]$/g, '')]];
  };
  const others = [...parameters].filter(([name]) => name !== 'seed' && name !== 'device');
  const list = others.map(([name, value]) => `${name} = ${value}`).join(', ');
  const authors = [...new Set([...moreAuthors, ...authorsOf(notebook)])].join(', ');
  // Nothing is claimed of a notebook that another kernel may have run.
  const ran = record?.versions ?? languageOf(notebook);
  const device = named('device', 'Device');
  return [
    ...(authors === '' ? [] : ([['Authors', authors]] satisfies Fact[])),
    ...(ran === undefined ? [] : ([['Versions', ran]] satisfies Fact[])),
    ...(list === '' ? [] : ([['Parameters', list]] satisfies Fact[])),
    ...(device.length > 0 || !record ? device : ([['Device', record.device]] satisfies Fact[])),
    ...named('seed', 'Seed'),
  ];
}

/** What another kernel than this project's ran, as it left it: `python 3.12.1`. */
function languageOf({ metadata }: Notebook): string | undefined {
  const { name, version } = (metadata.language_info ?? {}) as { readonly name?: unknown; readonly version?: unknown };
  return typeof name === 'string' && name !== 'typescript' && typeof version === 'string'
    ? `${name} ${version}`
    : undefined;
}

/** `metadata.authors` as nbformat has it, a list of `{name}`; names alone are understood too. */
function authorsOf({ metadata }: Notebook): string[] {
  const authors = Array.isArray(metadata.authors) ? metadata.authors : [];
  return authors.map((one: { name?: unknown }) => String(one?.name ?? one));
}

/** When and how long: the one line that differs between two equal runs. */
export function runFact(startedAt: number, seconds: number): Fact {
  return ['Run', `${formatDate(startedAt)}, in ${formatSeconds(seconds)}`];
}

/** `2026-01-31 12:00 UTC`. */
export function formatDate(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
