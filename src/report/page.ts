import { escapeHtml } from '../figures/display';
import { katexStyle, pageScript, pageStyle, plotlySource } from './assets';
import type { Heading } from './markdown';

export interface Page {
  /** Plain text for the window's title. */
  readonly title: string;
  /** HTML of the page, title block included. */
  readonly body: string;
  readonly headings: readonly Heading[];
  readonly hasFigures: boolean;
}

/** One self-contained HTML file: style, fonts, scripts and data inside, nothing fetched from anywhere. */
export function renderPage({ title, body, headings, hasFigures }: Page): string {
  const toc = renderContents(headings);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${katexStyle(body)}</style>
<style>${pageStyle()}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<div class="frame-grid${toc === '' ? ' no-toc' : ''}">
${toc}
<main id="content">
${body}
</main>
</div>
${hasFigures ? `<script type="text/plain" id="plotly">${plotlySource()}</script>\n` : ''}<script>${pageScript(hasFigures)}</script>
</body>
</html>
`;
}

function renderContents(headings: readonly Heading[]): string {
  const entries = headings.filter(({ level }) => level === 2 || level === 3);
  if (entries.length < 2) return '';
  const items = entries.map(({ level, id, html }) => `<li class="level-${level}"><a href="#${id}">${html}</a></li>`);
  return `<nav class="toc" aria-label="Contents"><details><summary>Contents</summary><ol>${items.join('')}</ol></details></nav>`;
}
