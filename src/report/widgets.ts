import type { Notebook } from '../notebook/document/ipynb';
import { type Html, joinHtml, NOTHING } from './markup';
import { WIDGETS, type WidgetPage, type Widgets, wordsOf } from './widget-kinds';

export type { Widgets } from './widget-kinds';

export const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';
const STATE_MIME = 'application/vnd.jupyter.widget-state+json';

export function widgetsOf({ metadata }: Notebook): Widgets {
  const saved = (metadata.widgets as Record<string, { readonly state?: unknown }> | null | undefined)?.[STATE_MIME];
  const state = saved?.state;
  return typeof state === 'object' && state !== null ? (state as Widgets) : {};
}

/** Limits nesting, since a model may contain itself. */
const DEEPEST = 20;

/**
 * Draws a widget as it was when the notebook was saved.
 * @returns undefined where the notebook has no such model, or one of another library
 */
export function drawWidget(view: unknown, page: WidgetPage): Html | undefined {
  const draw =
    (depth: number) =>
    (reference: unknown): Html => {
      const id = wordsOf(reference).replace(/^IPY_MODEL_/, '');
      const model = Object.hasOwn(page.widgets, id) ? page.widgets[id] : undefined;
      const name = wordsOf(model?.model_name).replace(/Model$/, '');
      if (!model || !Object.hasOwn(WIDGETS, name) || depth > DEEPEST) return NOTHING;
      return WIDGETS[name]?.(model.state ?? {}, page, draw(depth + 1), model) ?? NOTHING;
    };
  const drawn = draw(0)((view as { readonly model_id?: unknown } | null)?.model_id);
  return drawn === NOTHING ? undefined : joinHtml([drawn]);
}
