import type { MimeBundle } from '../display';
import type { Notebook, Output } from '../notebook/document/ipynb';
import type { Problem } from './notebook-page';
import { textOf } from './text';

const SVG = 'image/svg+xml';
const MIME = /^application\/vnd\.vega(lite)?\.v\d+(\+json|\.json)$/;
/** Matches Altair's HTML output: a script that loads Vega from a CDN and is called with the chart. */
const ALTAIR = /\}\)\((\{[\s\S]*\}),\s*(\{"mode":\s*"vega(-lite)?"[\s\S]*?\})\);?\s*<\/script>/;

interface Chart {
  readonly spec: { readonly description?: unknown };
  readonly isLite: boolean;
}

/**
 * Copies the notebook and adds a picture to every Vega and Vega-Lite chart, so that a page needs neither script nor network.
 * Loads Vega only where there is a chart.
 */
export async function withCharts(
  notebook: Notebook,
): Promise<{ readonly notebook: Notebook; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const cells = await Promise.all(
    notebook.cells.map(async (cell, at) => {
      if (cell.cell_type !== 'code' || !cell.outputs.some(hasChart)) return cell;
      const onProblem = (message: string): void => void problems.push({ cell: at + 1, message });
      return { ...cell, outputs: await Promise.all(cell.outputs.map((output) => withPicture(output, onProblem))) };
    }),
  );
  return { notebook: { ...notebook, cells }, problems };
}

const hasChart = (output: Output): boolean => 'data' in output && chartOf(output.data) !== undefined;

async function withPicture(output: Output, onProblem: (message: string) => void): Promise<Output> {
  const chart = 'data' in output ? chartOf(output.data) : undefined;
  if (!chart || !('data' in output)) return output;
  try {
    const { 'text/html': _, ...others } = output.data;
    const { description } = chart.spec;
    const words = typeof description === 'string' ? { 'text/plain': description } : {};
    return { ...output, data: { ...others, ...words, [SVG]: await drawChart(chart) } };
  } catch (error) {
    onProblem(`the chart cannot be drawn: ${(error as Error).message.split('\n')[0]}`);
    return output;
  }
}

/** Finds the chart of a bundle that has no picture yet. */
function chartOf(bundle: MimeBundle): Chart | undefined {
  if (bundle[SVG] !== undefined) return undefined;
  for (const [mime, spec] of Object.entries(bundle)) {
    const match = MIME.exec(mime);
    if (match && typeof spec === 'object' && spec !== null) return { spec, isLite: match[1] !== undefined };
  }
  const [, spec, , lite] = ALTAIR.exec(textOf(bundle['text/html'])) ?? [];
  if (spec === undefined) return undefined;
  try {
    return { spec: JSON.parse(spec), isLite: lite !== undefined };
  } catch {
    return undefined;
  }
}

/** Imports by a name that bundlers leave alone: Vega cannot be bundled as CommonJS, and only reports with a chart need it. */
function installed<Module>(name: string): Promise<Module> {
  return import(name) as Promise<Module>;
}

/** Draws a chart as SVG. Its expressions are interpreted, never compiled to code, and it loads neither data nor pictures. */
async function drawChart({ spec, isLite }: Chart): Promise<string> {
  const [{ compile }, { parse, View }, { expressionInterpreter }] = await Promise.all([
    installed<typeof import('vega-lite')>('vega-lite'),
    installed<typeof import('vega')>('vega'),
    installed<typeof import('vega-interpreter')>('vega-interpreter'),
  ]);
  const failures: string[] = [];
  const fail = (message: string): void => void failures.push(message);
  const logger = quietLogger(fail);
  const full = isLite ? compile(spec as Parameters<typeof compile>[0], { logger }).spec : spec;
  const view = new View(parse(full as Parameters<typeof parse>[0], undefined, { ast: true }), {
    ...{ renderer: 'none', loader: offline(fail), logger, expr: expressionInterpreter },
  });
  const svg = await view.toSVG();
  view.finalize();
  if (failures.length > 0) throw new Error(failures[0]);
  return svg;
}

/** Refuses to load. Vega itself would only warn and draw an empty chart. */
function offline(onRefuse: (message: string) => void) {
  const refuse = async (uri: string): Promise<never> => {
    const message = `it asks for ${uri}; a report shows only data that lies in the notebook`;
    onRefuse(message);
    throw new Error(message);
  };
  return {
    ...{ options: {}, load: refuse, http: refuse, file: refuse },
    sanitize: async (uri: string) => (/^(data:image\/|#)/.test(uri) ? { href: uri } : refuse(uri)),
  };
}

function quietLogger(onError: (message: string) => void) {
  const logger = {
    level: () => logger,
    error: (...words: readonly unknown[]) => {
      const [reason] = words.filter((word) => word instanceof Error);
      onError(reason instanceof Error ? reason.message : words.map(String).join(' '));
      return logger;
    },
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}
