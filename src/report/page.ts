import { katexStyle, pageScript, pageStyle, plotlySource } from './assets';
import { OFFLINE } from './frame';
import type { Heading } from './markdown';
import { type Html, html, NOTHING, verbatim } from './markup';

export interface Page {
  /** Plain text for the window's title. */
  readonly title: string;
  /** HTML of the page, title block included. */
  readonly body: Html;
  readonly headings: readonly Heading[];
  readonly hasFigures: boolean;
  /** Whether the page holds nothing that must be kept from the network; default true. */
  readonly trusted?: boolean;
  /** The script of the page's live cells, for a web worker. */
  readonly worker?: string | undefined;
  /** Whether live cells show frames. */
  readonly hasFrames?: boolean;
  /** The page's own script, after those of every page. */
  readonly script?: string;
}

/** One self-contained HTML file: style, fonts, scripts and data inside, nothing fetched from anywhere. */
export function renderPage({
  title,
  body,
  headings,
  hasFigures,
  trusted = true,
  worker,
  hasFrames = false,
  script = '',
}: Page): string {
  const toc = renderContents(headings);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${!trusted && html`\n${OFFLINE}`}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${verbatim(katexStyle(body.source))}</style>
<style>${verbatim(pageStyle())}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<div class="frame-grid${toc === NOTHING ? ' no-toc' : ''}">
${toc}
<main id="content">
${body}
</main>
</div>
${hasFigures && html`<script type="text/plain" id="plotly">${verbatim(plotlySource())}</script>\n`}${worker !== undefined && html`<script type="text/plain" id="live-worker">${verbatim(worker)}</script>\n`}<script>${verbatim(pageScript({ hasFigures, isLive: (worker !== undefined || hasFrames) && script === '' }))}${verbatim(script)}</script>
</body>
</html>
`.source;
}

function renderContents(headings: readonly Heading[]): Html {
  const entries = topOf(headings);
  if (entries.length < 2) return NOTHING;
  const top = Math.min(...entries.map(({ level }) => level));
  const items = entries.map(
    ({ level, id, html: words }) =>
      html`<li class="level-${level - top + 2}"><a href="#${id}">${verbatim(words)}</a></li>`,
  );
  return html`<nav class="toc" aria-label="Contents"><details><summary>Contents</summary><ol>${items}</ol></details></nav>`;
}

/** The two upper levels: after its title, a notebook may go on with headings of the first level. */
export function topOf(headings: readonly Heading[]): readonly Heading[] {
  const top = Math.max(1, Math.min(2, ...headings.map(({ level }) => level)));
  return headings.filter(({ level }) => level === top || level === top + 1);
}
