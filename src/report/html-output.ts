import { renderFrame } from './frame';
import { withMaths } from './html-maths';
import { nextNumber } from './labels';
import { type Html, html, verbatim } from './markup';
import { type OutputContext, UNNAMED } from './output-context';
import { plainOutput, withText } from './sanitise/output-html';

/** HTML among the page's elements where it only marks text up, else in a frame. */
export function renderHtml(given: string, context: OutputContext): Html {
  const markup = plainOutput(withoutFrameStyle(given), context.options.figureAlt ?? UNNAMED);
  if (markup === undefined) return renderFrame(given, context.trusted);
  const plain = withText(markup, (text) => withMaths(text, context, (made) => made.source)).source;
  if (!/<table\b/.test(plain)) return html`<div class="output html">${verbatim(plain)}</div>`;
  const numbered = withCaption(plain, context).replace(/<caption([^>]*)>/g, (_, attributes: string) => {
    const { number, id } = nextNumber(context, 'table');
    return html`<caption id="${id}"${verbatim(attributes)}><b>Table ${number}.</b> `.source;
  });
  return html`<div class="output html scroll">${verbatim(numbered)}</div>`;
}

/** Every table of pandas brings the same style along; without it, it is a table like any other, and breaks between pages. */
function withoutFrameStyle(given: string): string {
  return given
    .replace(/^\s*<div>\s*<style scoped>[^<]*<\/style>/, '<div>')
    .replace(/<table border="1" class="dataframe">/g, '<table class="dataframe">');
}

/** A table whose cell gives it a label or a caption has one, and so a number. */
function withCaption(plain: string, { options: { label, tableCaption = '' } }: OutputContext): string {
  const wanted = tableCaption !== '' || label?.startsWith('tbl-');
  if (!wanted || plain.includes('<caption')) return plain;
  const caption = html`<caption>${tableCaption}</caption>`.source;
  return plain.replace(/<table\b[^>]*>/, (tag) => tag + caption);
}
