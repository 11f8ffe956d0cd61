import { sectionElsewhere, sectionOf } from './ids';
import { findPicture } from './local-pictures';
import type { MarkdownContext } from './markdown';
import { type Picture, sanitiseText } from './sanitise/text-html';

/** Sanitises what the Markdown renderer wrote. */
export function sanitised(rendered: string, context: MarkdownContext): string {
  const { ids, asides } = context;
  const picture = (src: string, alt: string): Picture => findPicture(src, alt, context);
  return sanitiseText(rendered, { ids, asides, picture, link: (href) => linkTo(href, context) });
}

/** Points links to sibling notebooks at their reports, and Jupyter's section links at the pages' ids. */
export function linkTo(href: string, { targets }: MarkdownContext): string {
  if (href.startsWith('#')) return targets ? `#${sectionOf(href.slice(1), targets.ids)}` : href;
  const [, path, section] = /^(?![a-z]+:|\/\/)([^#]*)\.ipynb(?:#(.*))?$/i.exec(href) ?? [];
  if (path === undefined) return href;
  return section === undefined ? `${path}.html` : `${path}.html#${sectionElsewhere(section)}`;
}
