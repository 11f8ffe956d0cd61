import { createHash } from 'node:crypto';
import { type Html, html, verbatim } from './markup';
import { quietOutput } from './sanitise/output-html';

/**
 * The frame tells the page how large its content is, once loaded and when asked: either may be ready first. Ahead of the
 * content, so that nothing unclosed there swallows it.
 */
const MEASURE = verbatim(`{
const tell = () => parent.postMessage({
  frameHeight: document.body.offsetHeight + 16, frameWidth: document.documentElement.scrollWidth, roomWidth: innerWidth,
}, '*');
addEventListener('load', () => new ResizeObserver(tell).observe(document.body));
addEventListener('message', () => document.body && tell());
}`);

const STYLE = verbatim(
  'body{margin:8px;overflow-wrap:break-word;font:15px/1.5 system-ui,sans-serif;color:#1d1f23}table{border-collapse:collapse}th,td{padding:2px 10px;text-align:right}',
);

/** Until the reader lets the output's own scripts run, the one that measures is the only one that may. */
const QUIET = policy(`script-src 'sha256-${createHash('sha256').update(MEASURE.source).digest('base64')}'`);

/** What an untrusted page may load, frames included: only what lies inside it, before a click and after. */
export const OFFLINE: Html = policy(
  "default-src 'none'; img-src data: blob:; font-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'",
);

function policy(content: string): Html {
  return html`<meta http-equiv="Content-Security-Policy" content="${content}">`;
}

/** HTML with scripts, styles or broken nesting: shown in a sandbox that shares nothing with the page. */
export function renderFrame(output: string, trusted: boolean): Html {
  const whole = documentOf(verbatim(output));
  if (trusted) return sandbox(whole, 'allow-scripts allow-popups');
  // Before a click, what the sanitiser leaves; the output as it is waits in the button.
  const { html: quiet, runs } = quietOutput(output);
  const frame = sandbox(documentOf(quiet, QUIET), 'allow-scripts');
  if (!runs) return frame;
  return html`<div class="untrusted">${frame}<button type="button" class="run-frame" data-output="${whole}">Run the scripts of this output</button></div>`;
}

function documentOf(content: Html, ahead?: Html): string {
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Output of this cell</title>${ahead}<base target="_blank"><style>${STYLE}</style><script>${MEASURE}</script>${content}`
    .source;
}

function sandbox(content: string, permission: string): Html {
  return html`<iframe class="output frame" title="Output of this cell" loading="lazy" sandbox="${permission}" srcdoc="${content}"></iframe>`;
}
