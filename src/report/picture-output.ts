import type { MimeBundle } from '../display';
import { nextNumber } from './labels';
import { type Html, html, joinHtml } from './markup';
import { type OutputContext, UNNAMED } from './output-context';
import { pictureAddress } from './picture-data';
import { textOf } from './text';

/** A picture of a MIME type, in the size that its kernel asks for. */
export const asPicture =
  (mime: string) =>
  (content: unknown, bundle: MimeBundle, { options }: OutputContext, metadata: unknown): Html => {
    const src = pictureAddress(mime, content);
    const alt = options.figureAlt ?? (textOf(bundle['text/plain']) || UNNAMED);
    if (src === undefined)
      return html`<p class="output"><strong class="rest">A picture that cannot be shown: its ${mime} is not base64. ${alt}</strong></p>`;
    return html`<p class="picture"><img src="${src}" alt="${alt}"${sizeGiven(metadata)}></p>`;
  };

/** The size in CSS pixels that a kernel asks for: a figure drawn for twice the density is half as wide as its pixels. */
function sizeGiven(metadata: unknown): Html {
  const given = (metadata ?? {}) as { readonly width?: unknown; readonly height?: unknown };
  const sizes = (['width', 'height'] as const).flatMap((name) => {
    const size = Number(given[name]);
    return given[name] !== undefined && size >= 1 && size <= 1e5 ? [html` ${name}="${Math.round(size)}"`] : [];
  });
  return joinHtml(sizes);
}

/** A picture, as such or as HTML that holds nothing else. */
export function isPicture(mime: string, { source }: Html): boolean {
  return (
    mime.startsWith('image/') || (mime === 'text/html' && /^<div class="output html"><img\b[^>]*><\/div>$/.test(source))
  );
}

/** A picture that its cell gives a label or a caption is a numbered figure; others stand in the text as they are. */
export function renderStill(picture: Html, context: OutputContext): Html {
  const { label, figureCaption = '' } = context.options;
  if (!label?.startsWith('fig-') && figureCaption === '') return picture;
  const { number, id } = nextNumber(context, 'figure');
  return html`<figure class="still" id="${id}">${picture}
<figcaption><b>Figure ${number}.</b> ${figureCaption}</figcaption>
</figure>`;
}
