import type { Numbering } from './labels';
import type { LiveCells } from './live/live-cell';
import type { Place } from './long-text';
import type { MarkdownContext } from './markdown';
import type { Widgets } from './widgets';

/** What the outputs of one notebook share. */
export interface OutputContext extends MarkdownContext, Numbering, Place {
  /** Whether scripts in outputs may run; if not, they wait for a click. */
  readonly trusted: boolean;
  /** The widgets that the notebook was saved with. */
  readonly widgets?: Widgets;
  readonly live: LiveCells;
}

/** The words for a picture of which nothing else is known. */
export const UNNAMED = 'Picture made by this cell';
