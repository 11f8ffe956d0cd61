import { sectionOf } from './ids';
import { findPicture } from './local-pictures';
import type { MarkdownContext } from './markdown';
import { type Picture, sanitiseText } from './sanitise/text-html';

/** What the renderer wrote, for a place in the page. */
export function sanitised(rendered: string, context: MarkdownContext): string {
  const { ids, asides } = context;
  const picture = (src: string, alt: string): Picture => findPicture(src, alt, context);
  return sanitiseText(rendered, { ids, asides, picture, link: (href) => linkTo(href, context) });
}

/** A link to a sibling notebook leads to its report, one of Jupyter's to a section leads to that section. */
export function linkTo(href: string, { targets }: MarkdownContext): string {
  if (href.startsWith('#')) return targets ? `#${sectionOf(href.slice(1), targets.ids)}` : href;
  return /^([a-z]+:|\/\/)/i.test(href) ? href : href.replace(/\.ipynb(?=#|$)/, '.html');
}
