import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFile } from '../package';

/** The page's own styles and scripts are plain files beside the sources, in a checkout and in the package alike. */
const STYLES = ['frame.css', 'text.css', 'cells.css', 'figures.css', 'handles.css', 'print.css'];

const readAsset = (name: string): string => readFileSync(packageFile('src', 'report', 'assets', name), 'utf8');

export function pageStyle(): string {
  return STYLES.map(readAsset).join('\n');
}

/** What draws figures. */
const FIGURES = ['whole.js', 'figures.js'];
/** What draws figures that move. */
const MOVING = ['make.js', 'redraw.js', 'controls.js', 'handles.js', 'handle-bindings.js'];

/** The script of a page; the parts that draw, and those that draw what moves, are left out of a page without. */
export function pageScript({ hasFigures, isLive }: { readonly hasFigures: boolean; readonly isLive: boolean }): string {
  const live = isLive ? [...MOVING, 'live.js'] : [];
  return [...(hasFigures ? FIGURES : []), ...live, 'page.js'].map(readAsset).join('\n');
}

/** The script of the page to play with. */
export function exploreScript(): string {
  const parts = ['state', 'code', 'form', 'results', 'drawing', 'main'].map((name) => join('explore', `${name}.js`));
  return [...MOVING, ...parts].map(readAsset).join('\n');
}

/** plotly's cartesian bundle, 1.5 MB: only a page with a figure carries it. */
export function plotlySource(): string {
  const source = readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8');
  if (/<\/script/i.test(source))
    throw new Error('plotly.js contains "</script": it cannot be set inside a page as it is');
  return source;
}

/** KaTeX's style with the fonts that this HTML uses as data URIs; nothing where there is no maths. */
export function katexStyle(html: string): string {
  if (!html.includes('class="katex')) return '';
  const file = join(dirname(require.resolve('katex/package.json')), 'dist/katex.min.css');
  const css = readFileSync(file, 'utf8');
  const used = usedFamilies(css, html);
  return css.replace(/@font-face\{[^}]*\}/g, (face) => {
    const family = /font-family:([^;}]*)/.exec(face)?.[1] ?? '';
    const woff2 = /url\((fonts\/[^)]*\.woff2)\)/.exec(face)?.[1];
    if (woff2 === undefined || !used.has(family)) return '';
    const data = readFileSync(join(dirname(file), woff2)).toString('base64');
    return face.replace(/src:[^;}]*/, `src:url(data:font/woff2;base64,${data}) format("woff2")`);
  });
}

/** A family is used when a rule that names it selects a class that occurs in the page. */
function usedFamilies(css: string, html: string): Set<string> {
  const classes = new Set([...html.matchAll(/class="([^"]*)"/g)].flatMap(([, names = '']) => names.split(' ')));
  const used = new Set(['KaTeX_Main']);
  for (const [, selectors = '', body = ''] of css
    .replace(/@font-face\{[^}]*\}/g, '')
    .matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const families = [...body.matchAll(/KaTeX_\w+/g)].map(([family]) => family);
    if (families.length === 0) continue;
    const selects = selectors
      .split(',')
      .some((one) => [...one.matchAll(/\.([\w-]+)/g)].every(([, name = '']) => classes.has(name)));
    if (selects) for (const family of families) used.add(family);
  }
  return used;
}
