import { basename } from 'node:path';
import { type Displayable, display } from '../../display';
import { seedBandsFigure, seedSpreadFigure } from '../../figures/sweep';
import type { Cell, Notebook } from '../../notebook/document/ipynb';
import { named } from '../../nth';
import { renderNotebookPage } from '../../report/notebook-page';
import type { TrialGroup } from '../../sweep/collect';
import { seedCurve } from '../../sweep/curves';
import type { Options } from '../../sweep/spec';
import type { Survey } from './collect';
import {
  differenceRows,
  differencesCaption,
  markdownTable,
  metricsIn,
  openLines,
  SETTINGS_CAPTION,
  settingRows,
  shortNames,
} from './tables';

/** The metric to draw by default: the first of these that the trials have. */
const METRICS = ['test/nll', 'best', 'validation', 'loss'] as const;

/** Renders tables and figures of a sweep as one page, with the code that renders notebooks. */
export function sweepReport(sweep: string, survey: Survey, rank: string | undefined): string {
  const { trials } = survey;
  const { note, nameOf } = shortNames(survey);
  const columns = note === null ? undefined : { head: ['setting'], cells: (options: Options) => [nameOf(options)] };
  const shown = { ...survey, metrics: survey.metrics ?? pageMetrics(survey, rank) };
  const done = trials.filter(({ state }) => state === 'done').length;
  const differences = differenceRows(shown, columns);
  const open = openLines(survey);
  const cells: Cell[] = [
    text(`# ${basename(sweep)}\n\n${done} of ${trials.length} trials are done.${note === null ? '' : `\n\n${note}`}`),
    ...figures(sweep, survey, rank),
    text(`## Settings\n\n${table(settingRows(shown, columns))}\n${SETTINGS_CAPTION} ${ALL_METRICS}`),
    ...(differences.length > 0 ? [text(`## Differences\n\n${table(differences)}\n${differencesCaption(survey)}`)] : []),
    ...(open.length > 0 ? [text(`## Not done\n\n${open.map((line) => `- ${line}\n`).join('')}`)] : []),
  ];
  const notebook: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
  return renderNotebookPage(notebook, { name: basename(sweep), alone: true }).html;
}

const ALL_METRICS = '`gmm-vae sweep collect --csv` has every metric.';

/** The metrics of the page's tables, those that tell settings apart first. */
const COLUMNS = ['test/nll', 'test/elbo', 'test/kl', 'best', 'epochs', 'test/activeUnits', 'test/effectiveComponents'];

/** Returns a table's columns: a page is too narrow for all. Undefined if none of those is known. */
function pageMetrics({ groups }: Survey, rank: string | undefined): readonly string[] | undefined {
  const known = metricsIn(groups);
  const chosen = [...new Set([...(rank === undefined ? [] : [rank]), ...COLUMNS])].filter((name) =>
    known.includes(name),
  );
  return chosen.some((name) => name.startsWith('test/')) ? chosen : undefined;
}

/** Keeps a mean and its ± on one line. */
function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(rows.map((cells) => cells.map((cell) => cell.replaceAll(' ± ', '\u00a0±\u00a0'))));
}

function figures(sweep: string, survey: Survey, rank: string | undefined): readonly Cell[] {
  const { trials, groups } = survey;
  const { nameOf } = shortNames(survey);
  const begun = groups.filter(({ n }) => n > 0);
  const metric = rank ?? METRICS.find((name) => begun.some(({ mean }) => name in mean));
  if (metric === undefined) return [];
  const valuesOf = ({ trials: ids }: TrialGroup) =>
    trials.flatMap(({ id, metrics }) => (ids.includes(id) ? (metrics?.[metric] ?? []) : []));
  const settings = begun
    .filter(({ mean }) => metric in mean)
    .map((group) => ({
      name: nameOf(group.options),
      mean: named(group.mean, metric),
      interval: group.interval[metric] ?? null,
      seeds: valuesOf(group),
    }));
  const curves = begun.map((group) => ({ name: nameOf(group.options), ...seedCurve(sweep, group) }));
  return [
    shownBy(seedSpreadFigure({ settings, quantity: QUANTITIES[metric] ?? metric })),
    shownBy(seedBandsFigure({ curves, quantity: 'Held-out −ELBO (nats per image)' })),
    ...(curves.some(({ band }) => band.some((interval) => interval !== null)) ? [text(ENDS)] : []),
  ];
}

const ENDS = 'A curve ends with the seed that stopped first.';

const QUANTITIES: Readonly<Record<string, string>> = {
  'test/nll': 'Test −ln p(x) (nats per image)',
  best: 'Best held-out −ELBO (nats per image)',
  validation: 'Held-out −ELBO (nats per image)',
  loss: 'Training loss (nats per image)',
};

function text(source: string): Cell {
  return { cell_type: 'markdown', metadata: {}, source };
}

function shownBy(figure: Displayable): Cell {
  const outputs = [{ output_type: 'display_data' as const, data: figure[display](), metadata: {} }];
  return { cell_type: 'code', metadata: {}, source: '', execution_count: null, outputs };
}
